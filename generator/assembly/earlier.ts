import { followed } from '../cache/followed.ts'
import type { Standing } from '../cache/state.ts'
import type { Place } from '../output/content.ts'
import { placeIn } from '../output/place-in.ts'
import type { KnownFolder } from '../output/tree.ts'
import type { Made } from './made.ts'

/** What a run leaves to the next one, for what has not changed until then. Plain JSON. */
export interface Details {
  /** File name of each definition, and the key under which what came of it is remembered. */
  readonly keys: readonly (readonly [name: string, key: string])[]
  readonly registryFiles: readonly RegistryFileDetails[]
  /** Folders in the output folder. */
  readonly folders: readonly string[]
  /** Where the files of the output folder begin among everything that was looked at. */
  readonly filesFrom: number
}

export interface RegistryFileDetails {
  readonly path: string
  /** Of its parts; the same parts make the same file. */
  readonly digest: string
  /** Where the long texts of the connectors stand in it: target and name, then code and offset in turn. */
  readonly fragments: Readonly<Record<string, readonly (string | number)[]>>
}

/** An earlier run, and what has not changed since. */
export interface Earlier {
  readonly details: Details
  readonly standing: Standing
  readonly knownFolder: KnownFolder
}

export function isSame({ standing }: Earlier, path: string): boolean {
  return standing.stampOf(path) !== undefined
}

/**
 * What stands in folders of the output, told without reading them, as long as they are as an earlier run left them:
 * whatever comes or goes in a folder stamps it.
 */
export function knownFolders(out: string, { details, standing }: Pick<Earlier, 'details' | 'standing'>): KnownFolder {
  const place = placeIn(out)
  let inside: Map<string, { readonly files: string[]; readonly folders: string[] }> | undefined
  const insideOf = (folder: string) => {
    inside ??= grouped(details.folders.map(place), standing.paths.slice(details.filesFrom))
    return inside.get(folder)
  }
  return (folder) => {
    const path = place(folder)
    // Of a link it is also the folder that it leads to that has to be the same.
    return followed([path]).every((one) => standing.stampOf(one) !== undefined) ? insideOf(path) : undefined
  }
}

/** Names of files and folders by the folder in which they stand. */
function grouped(folders: readonly string[], files: readonly string[]) {
  const inside = new Map(folders.map((folder) => [folder, { files: [] as string[], folders: [] as string[] }]))
  for (const folder of folders) inside.get(folder.slice(0, folder.lastIndexOf('/')))?.folders.push(nameOf(folder))
  let last: { readonly path: string; readonly files: string[] | undefined } | undefined
  for (const file of files) {
    const path = file.slice(0, file.lastIndexOf('/'))
    // Files of one folder follow each other, mostly.
    if (last?.path !== path) last = { path, files: inside.get(path)?.files }
    last.files?.push(nameOf(file))
  }
  return inside
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Where long texts stand in files that have not changed, by code, then by target and name. Their lengths are known. */
export type KnownPlaces = ReadonlyMap<
  string,
  Readonly<Record<string, { readonly path: string; readonly offset: number }>>
>

export function knownPlaces(out: string, earlier: Earlier): KnownPlaces {
  const place = placeIn(out)
  const places = new Map<string, Record<string, { readonly path: string; readonly offset: number }>>()
  for (const { path: name, fragments } of earlier.details.registryFiles) {
    const path = place(name)
    if (!isSame(earlier, path)) continue
    for (const [fragment, list] of Object.entries(fragments)) {
      for (let index = 0; index < list.length; index += 2) {
        const code = String(list[index])
        const known = places.get(code) ?? {}
        known[fragment] = { path, offset: Number(list[index + 1]) }
        places.set(code, known)
      }
    }
  }
  return places
}

/** The places of one connector's long texts. */
export function placesOf(
  known: KnownPlaces,
  { code, targets }: Pick<Made, 'code' | 'targets'>,
): Readonly<Record<string, Place>> {
  const own = known.get(code) ?? {}
  return Object.fromEntries(
    Object.entries(targets).flatMap(([target, { fragments }]) =>
      Object.entries(fragments).flatMap(([name, { size }]) => {
        const place = own[`${target} ${name}`]
        return place === undefined ? [] : [[`${target} ${name}`, { ...place, length: size }] as const]
      }),
    ),
  )
}
