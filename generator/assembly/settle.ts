import { join } from 'node:path'
import type { Earlier } from './earlier.ts'
import { type Held, holdSettled } from './held.ts'
import { sampleFolders } from './made.ts'

/** Takes over what an earlier run made and has not changed since, without reading the definitions. */
export function* settled(names: readonly string[], { definitions, sources }: Earlier, folder: string): Generator<Held> {
  for (const name of names) {
    const earlier = definitions.get(name)
    if (earlier === undefined || !earlier.isKept || sources(join(folder, name)) === undefined) continue
    const { known, told, paths } = earlier
    const samples = known.samples.map((sample) => join(folder, sample))
    if (![...samples, ...sampleFolders(samples)].every(sources)) continue
    yield holdSettled({ known, told, paths, places: undefined })
  }
}
