import type { SourceDocument, Suspicion } from '../../load/source-document.ts'
import { personalDataIn } from './personal-data.ts'
import type { Reading } from './reading.ts'
import { readingsOf } from './reading.ts'
import type { Match } from './secrets.ts'
import { secretsIn } from './secrets.ts'

/**
 * Looks for secrets and for people's data in everything that documents bring into the registry. It stands before
 * `check`, since detectors are loaded and run in their own time; the rules `text/secret` and `text/personal-data` tell
 * what was found.
 */
export async function inspect(documents: readonly SourceDocument[]): Promise<readonly SourceDocument[]> {
  return Promise.all(
    documents.map(async (document) => ({ ...document, suspicions: await suspicionsIn(readingsOf(document)) })),
  )
}

/** All readings in one text: the detector takes longer to begin than to read. */
async function suspicionsIn(readings: readonly Reading[]): Promise<readonly Suspicion[]> {
  const text = readings.map((reading) => reading.text).join('\n')
  const starts: number[] = []
  let end = 0
  for (const reading of readings) {
    starts.push(end)
    end += reading.text.length + 1
  }
  const [secrets, personal] = await Promise.all([secretsIn(text), personalDataIn(text)])
  const found = new Map<string, Suspicion>()
  const tell = (kind: Suspicion['kind'], { what, from, to }: Match) => {
    const index = starts.findLastIndex((start) => start <= from)
    const reading = readings[index]
    if (reading === undefined) return
    const { path, span, sample } = reading
    const key = JSON.stringify([kind, path, text.slice(from, to)])
    if (found.has(key)) return
    const line = reading.text.slice(0, from - (starts[index] ?? 0)).split('\n').length
    const place = sample === undefined ? {} : { sample: { file: sample, line } }
    found.set(key, { kind, what, path, ...(span === undefined ? {} : { span }), ...place })
  }
  for (const match of secrets) tell('secret', match)
  // The password in an address reads like a mailbox.
  const apart = personal.filter(({ from, to }) => !secrets.some((other) => other.from < to && from < other.to))
  for (const match of apart) tell('personal data', match)
  return [...found.values()]
}
