import { join } from 'node:path'
import type { Place } from '../output/content.ts'
import type { Made } from './made.ts'

/** What a run leaves to the next one, for what has not changed until then. Plain JSON. */
export interface Details {
  /** File name of each definition, and the key under which what came of it is remembered. */
  readonly keys: readonly (readonly [name: string, key: string])[]
  readonly registryFiles: readonly RegistryFileDetails[]
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
  readonly isSame: (path: string) => boolean
  /** Looks again. */
  readonly isStillSame: (path: string) => boolean
}

/** Where long texts stand in files that have not changed, by code, then by target and name. Their lengths are known. */
export type KnownPlaces = ReadonlyMap<
  string,
  Readonly<Record<string, { readonly path: string; readonly offset: number }>>
>

export function knownPlaces(out: string, { details, isSame }: Earlier): KnownPlaces {
  const places = new Map<string, Record<string, { readonly path: string; readonly offset: number }>>()
  for (const { path: name, fragments } of details.registryFiles) {
    const path = join(out, name)
    if (!isSame(path)) continue
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
