import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assemble } from './assemble.ts'
import type { Place } from './content.ts'

interface ParcelContent {
  readonly index: object
  readonly texts: readonly Place[]
}

const INDEX = 'shard.json'
const FRAGMENTS = 'fragments'

/** Removes a parcel from its folder, and nothing else. */
export function clearParcel(folder: string): void {
  if (readParcel(folder) === undefined) return
  for (const name of [INDEX, FRAGMENTS, 'files']) rmSync(join(folder, name), { recursive: true, force: true })
}

/** Writes the index of a folder that goes to another machine, and the texts that its index tells the places of. */
export function writeParcel(folder: string, { index, texts }: ParcelContent): void {
  mkdirSync(folder, { recursive: true })
  assemble(join(folder, FRAGMENTS), texts)
  // Last: a folder without an index is no parcel.
  writeFileSync(join(folder, INDEX), `${JSON.stringify(index)}\n`)
}

/** The index of a parcel; undefined where there is none. */
export function readParcel(folder: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, INDEX), 'utf8'))
  } catch {
    return undefined
  }
}
