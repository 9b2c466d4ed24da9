import { followed } from '../cache/followed.ts'
import type { Compared, StampOf } from '../cache/standing.ts'
import type { StateDetails } from '../cache/state.ts'
import type { Place } from '../output/content.ts'
import { type PlaceOf, placeIn } from '../output/place-in.ts'
import type { Folder, KnownFolder } from '../output/tree.ts'
import type { MadeText } from './made.ts'
import type { Told } from './told.ts'

/** What a run leaves to the next one, for what has not changed until then. Plain JSON. */
export interface Details {
  readonly definitions: readonly Known[]
  readonly registryFiles: readonly RegistryFileDetails[]
  /** Folders in the output folder. */
  readonly folders: readonly Folder[]
  /** Where its folders begin among everything that was looked at, which sources come before. */
  readonly foldersFrom: number
  /** Where its files begin: those over all connectors, then those of one each, in the order of the definitions. */
  readonly filesFrom: number
}

/** What is known of a definition without findings, and is little. */
export interface Known {
  /** Of its file. */
  readonly name: string
  /** Under which what came of it is remembered. */
  readonly key: string
  readonly code: string
  /** How many events. */
  readonly events: number
  /** Names of its samples. */
  readonly samples: readonly string[]
  /** How many files are its own. */
  readonly files: number
  /** Digest of what rules across definitions see of it. */
  readonly outline: string
  /** By target, the digest of its summary. */
  readonly summaries: Readonly<Record<string, string>>
  /** Its long texts in files over all connectors, by target and name. */
  readonly fragments: Readonly<Record<string, MadeText>>
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
  readonly definitions: ReadonlyMap<string, EarlierDefinition>
  /** Of definitions and samples, and the folders that they are in. */
  readonly sources: StampOf
  /** Of the output folder. */
  readonly folders: StampOf
  readonly files: StampOf
  readonly knownFolder: KnownFolder
}

/** A definition of an earlier run. */
interface EarlierDefinition {
  readonly known: Known
  readonly told: Told
  /** Of its own files, relative to the output folder. */
  readonly paths: readonly string[]
  /** Whether those have not changed. */
  readonly isKept: boolean
}

export function earlierRun(
  out: string,
  { value, lines }: StateDetails<readonly Uint8Array[]>,
  standing: Compared,
): Earlier {
  const details = value as Details
  const { foldersFrom, filesFrom } = details
  const folders = standing.stampsIn(foldersFrom, filesFrom)
  return {
    details,
    definitions: earlierDefinitions(out, { details, told: lines.map((bytes) => ({ bytes })) }, standing),
    sources: standing.stampsIn(0, foldersFrom),
    folders,
    files: standing.stampsIn(filesFrom, standing.paths.length),
    knownFolder: knownFolders(placeIn(out), details, { folders, paths: standing.paths }),
  }
}

function earlierDefinitions(
  out: string,
  { details, told }: { readonly details: Details; readonly told: readonly Told[] },
  { paths, isKept }: Compared,
): ReadonlyMap<string, EarlierDefinition> {
  const root = placeIn(out)('').length
  const definitions = new Map<string, EarlierDefinition>()
  let from = details.filesFrom + details.registryFiles.length
  for (const [index, known] of details.definitions.entries()) {
    const to = from + known.files
    const files = paths.slice(from, to).map((path) => path.slice(root))
    const own = told[index]
    if (own !== undefined) definitions.set(known.name, { known, told: own, paths: files, isKept: isKept(from, to) })
    from = to
  }
  return definitions
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

/** Where the long texts of a target stand in files that have not changed, by code, then by target and name. */
export function knownPlaces(
  target: string,
  { details, files }: Pick<Earlier, 'details' | 'files'>,
  place: PlaceOf,
): ReadonlyMap<string, Readonly<Record<string, Place>>> {
  const places = new Map<string, Record<string, Place>>()
  for (const { path: name, target: maker, fragments } of details.registryFiles) {
    const path = place(name)
    if (maker !== target || files(path) === undefined) continue
    for (const { key, code, offset, length } of placed(fragments)) {
      const known = places.get(code) ?? {}
      known[key] = { path, offset, length }
      places.set(code, known)
    }
  }
  return places
}
