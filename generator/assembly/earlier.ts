import { followed } from '../cache/followed.ts'
import type { Compared, StampOf } from '../cache/standing.ts'
import type { StateDetails } from '../cache/state.ts'
import type { Place } from '../output/content.ts'
import { type PlaceOf, placeIn } from '../output/place-in.ts'
import type { Folder, KnownFolder } from '../output/tree.ts'

/** What a run leaves to the next one, for what has not changed until then. Plain JSON. */
export interface Details {
  /** File name of each definition, and the key under which what came of it is remembered. */
  readonly keys: readonly (readonly [name: string, key: string])[]
  readonly registryFiles: readonly RegistryFileDetails[]
  /** By target, the digest of what it knew of the connectors. */
  readonly summaries: Readonly<Record<string, string>>
  /** Folders in the output folder. */
  readonly folders: readonly Folder[]
  /** Where its folders begin among everything that was looked at, which sources come before. */
  readonly foldersFrom: number
  /** Where its files begin: those over all connectors, then those of one each. */
  readonly filesFrom: number
}

export interface RegistryFileDetails {
  readonly path: string
  /** Name of the target that made it. */
  readonly target: string
  /** Digest of its text with the places of the connectors' long texts still open. */
  readonly layout: string
  /** Of that and of the long texts; the same parts make the same file. */
  readonly digest: string
  /** Bytes. */
  readonly size: number
  /** Where the long texts of the connectors stand in it: target and name, then code, offset and bytes in turn. */
  readonly fragments: Readonly<Record<string, readonly (string | number)[]>>
}

interface PlacedFragment {
  /** Target and name. */
  readonly key: string
  readonly code: string
  readonly offset: number
  readonly length: number
}

/** The long texts of a file, those of one key after the other. */
export function placed(fragments: RegistryFileDetails['fragments']): readonly PlacedFragment[] {
  return Object.entries(fragments).flatMap(([key, list]) =>
    Array.from({ length: list.length / 3 }, (_, index) => {
      const [code, offset, length] = list.slice(index * 3, index * 3 + 3)
      return { key, code: String(code), offset: Number(offset), length: Number(length) }
    }),
  )
}

/** An earlier run, and what has not changed since. */
export interface Earlier {
  readonly details: Details
  /** What came of each definition, in the order of the keys, as JSON text; empty where it has to be looked for. */
  readonly made: readonly Buffer[]
  /** Of definitions and samples, and the folders that they are in. */
  readonly sources: StampOf
  /** Of the output folder. */
  readonly folders: StampOf
  readonly files: StampOf
  readonly knownFolder: KnownFolder
}

export function earlierRun(out: string, { value, lines }: StateDetails, standing: Compared): Earlier {
  const details = value as Details
  const { foldersFrom, filesFrom } = details
  const folders = standing.stampsIn(foldersFrom, filesFrom)
  return {
    details,
    made: lines,
    sources: standing.stampsIn(0, foldersFrom),
    folders,
    files: standing.stampsIn(filesFrom, standing.paths.length),
    knownFolder: knownFolders(placeIn(out), details, { folders, paths: standing.paths }),
  }
}

/**
 * What stands in folders of the output, told without reading them, as long as they are as an earlier run left them:
 * whatever comes or goes in a folder stamps it.
 */
function knownFolders(
  place: PlaceOf,
  { folders, filesFrom }: Details,
  standing: { readonly folders: StampOf; readonly paths: readonly string[] },
): KnownFolder {
  const inside = new Map(folders.map(({ path, ...rest }) => [path, { ...rest, folders: [] as string[] }]))
  for (const path of inside.keys()) inside.get(above(path))?.folders.push(nameOf(path))
  let files: ReadonlyMap<string, readonly string[]> | undefined
  return (folder) => {
    // Of a link it is also the folder that it leads to that has to be the same.
    if (!followed([place(folder)]).every((one) => standing.folders(one) !== undefined)) return undefined
    const known = inside.get(folder)
    if (known === undefined) return undefined
    const names = () => {
      files ??= namesByFolder(standing.paths.slice(filesFrom))
      return files.get(place(folder)) ?? []
    }
    return { ...known, files: names }
  }
}

function namesByFolder(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>()
  for (const file of files) {
    const folder = above(file)
    const known = names.get(folder)
    if (known === undefined) names.set(folder, [nameOf(file)])
    else known.push(nameOf(file))
  }
  return names
}

function above(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Where long texts stand in files that have not changed, by code, then by target and name. */
export function knownPlaces(
  out: string,
  { details, files }: Earlier,
): ReadonlyMap<string, Readonly<Record<string, Place>>> {
  const place = placeIn(out)
  const places = new Map<string, Record<string, Place>>()
  for (const { path: name, fragments } of details.registryFiles) {
    const path = place(name)
    if (files(path) === undefined) continue
    for (const { key, code, offset, length } of placed(fragments)) {
      const known = places.get(code) ?? {}
      known[key] = { path, offset, length }
      places.set(code, known)
    }
  }
  return places
}
