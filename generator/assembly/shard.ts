import { join } from 'node:path'
import { digest } from '../cache/digest.ts'
import { Fault } from '../diagnostics/fault.ts'
import { readSample } from '../load/samples.ts'
import { compareContent } from '../output/compare.ts'
import type { Place } from '../output/content.ts'
import { readParcel, writeParcel } from '../output/parcel.ts'
import type { Change } from '../output/plan.ts'
import { readListed } from './changed.ts'
import { type Fleet, oneByOne } from './fleet.ts'
import type { Done, Task } from './job.ts'
import type { Made, MadeFile } from './made.ts'

/** One of several machines that share the definitions: the second of four is `{ index: 2, count: 4 }`. */
export interface Shard {
  readonly index: number
  readonly count: number
}

/** What one machine hands over, beside the files themselves. */
interface Parcel {
  readonly salt: string
  readonly shard: Shard
  readonly definitions: readonly Entry[]
}

interface Entry {
  readonly name: string
  /** Under which `made` is remembered: what was read says it, not what stands there later. */
  readonly key: string
  readonly made: Made
  readonly fragments: Readonly<Record<string, { readonly offset: number; readonly length: number }>>
}

/** Whether a definition is one machine's: by its name alone, so that it stays there whatever else comes and goes. */
export function isIn({ index, count }: Shard, name: string): boolean {
  const number = Buffer.from(digest(name), 'base64url').readUInt32BE()
  return number % count === index - 1
}

/** Writes what came of the definitions of one shard to a folder. */
export function pack(
  folder: string,
  { salt, shard }: { readonly salt: string; readonly shard: Shard },
  all: readonly Done[],
): void {
  const entries: Entry[] = []
  const texts: Place[] = []
  let offset = 0
  for (const { name, key, made, fragments = {} } of all) {
    if (made === undefined || key === undefined) throw new Error(`nothing came of ${name}`)
    const places: Record<string, { readonly offset: number; readonly length: number }> = {}
    for (const [key, place] of Object.entries(fragments)) {
      const length = 'bytes' in place ? place.bytes.length : place.length
      places[key] = { offset, length }
      offset += length
      texts.push(place)
    }
    entries.push({ name, key, made, fragments: places })
  }
  writeParcel(folder, { index: { salt, shard, definitions: entries } satisfies Parcel, texts })
}

interface Unpacked extends Entry {
  /** Where the shard's files are. */
  readonly parcel: string
}

interface Merge {
  /** The folder of definitions. */
  readonly definitions: string
  readonly salt: string
  readonly out: string
}

/** Takes from the folders of all shards what came of each definition, instead of doing it. */
export function unpack(folders: readonly string[], merge: Merge): Fleet {
  const entries = entriesIn(folders, merge.salt)
  return { run: oneByOne((task) => doneOf(task, entries.get(task.name), merge)), close: async () => {} }
}

function entriesIn(folders: readonly string[], salt: string): ReadonlyMap<string, Unpacked> {
  const entries = new Map<string, Unpacked>()
  const seen = new Set<number>()
  let count = 0
  for (const parcel of folders) {
    const index = readParcel(parcel) as Parcel | undefined
    if (index === undefined)
      throw new Fault(`"${parcel}" holds no shard`, {
        help: 'name the folders that generate --shard wrote, all of them',
      })
    if (index.salt !== salt)
      throw new Fault(`"${parcel}" was made by another version, from another folder or for other targets`, {
        help: 'make all shards and the merge with the same version and options',
      })
    seen.add(index.shard.index)
    count = Math.max(count, index.shard.count)
    for (const entry of index.definitions) entries.set(entry.name, { ...entry, parcel })
  }
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter((index) => !seen.has(index))
  if (missing.length > 0)
    throw new Fault(`these shards of ${count} are missing: ${missing.join(', ')}`, {
      help: 'name the folder of every shard',
    })
  return entries
}

async function doneOf({ name }: Task, entry: Unpacked | undefined, { definitions, salt, out }: Merge): Promise<Done> {
  if (entry === undefined || !(await isCurrent(entry, { definitions, salt })))
    throw new Fault(`the shards do not know "${name}" as it is now`, {
      help: 'make the shards from the same definitions as the merge',
    })
  const { made, parcel } = entry
  const files = Object.values(made.targets).flatMap((target) => target.files)
  const fragments = Object.entries(entry.fragments).map(
    ([key, place]) => [key, { path: join(parcel, 'fragments'), ...place }] as const,
  )
  return {
    name,
    made,
    diagnostics: [],
    fragments: Object.fromEntries(fragments),
    changes: files.flatMap((file) => changeOf(file, { out, parcel })),
  }
}

/** Whether the definition and its samples are what the shard was made of. */
async function isCurrent(
  { name, key, made }: Entry,
  { definitions, salt }: Pick<Merge, 'definitions' | 'salt'>,
): Promise<boolean> {
  const text = readListed(definitions, name)
  if (typeof text !== 'string' || digest(salt, name, text) !== key) return false
  for (const sample of made.samples) {
    const body = await readSample(definitions, sample.name)
    if (typeof body !== 'string' || digest(body) !== sample.digest) return false
  }
  return true
}

function changeOf(
  { path, size, digest: wanted }: MadeFile,
  { out, parcel }: { readonly out: string; readonly parcel: string },
): readonly Change[] {
  const { kind } = compareContent(join(out, path), size, (bytes) => digest(bytes) === wanted)
  if (kind === 'same') return []
  return [kind === 'blocked' ? { kind, path } : { kind, path, content: { copy: join(parcel, 'files', path) } }]
}
