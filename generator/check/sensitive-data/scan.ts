import type { SensitiveData, SourceDocument } from '../../load/source-document.ts'
import { personalDataIn } from './personal-data.ts'
import type { ScannedText } from './scanned-texts.ts'
import { scannedTextsOf } from './scanned-texts.ts'
import type { Match } from './secrets.ts'
import { secretsIn } from './secrets.ts'

/**
 * Looks for secrets and for people's data in everything that documents bring into the registry. It runs before
 * `check`, since detectors are loaded and run asynchronously; the rules `text/secret` and `text/personal-data` report
 * what was found.
 */
export async function scanForSensitiveData(documents: readonly SourceDocument[]): Promise<readonly SourceDocument[]> {
  return Promise.all(
    documents.map(async (document) => ({
      ...document,
      sensitiveData: await sensitiveDataIn(scannedTextsOf(document)),
    })),
  )
}

/** Scans all texts as one: the detector takes longer to begin than to read. */
async function sensitiveDataIn(texts: readonly ScannedText[]): Promise<readonly SensitiveData[]> {
  const text = texts.map((scanned) => scanned.text).join('\n')
  const starts: number[] = []
  let end = 0
  for (const scanned of texts) {
    starts.push(end)
    end += scanned.text.length + 1
  }
  const [secrets, personal] = await Promise.all([secretsIn(text), personalDataIn(text)])
  const found = new Map<string, SensitiveData>()
  const add = (kind: SensitiveData['kind'], { what, from, to }: Match) => {
    const index = starts.findLastIndex((start) => start <= from)
    const scanned = texts[index]
    if (scanned === undefined) return
    const { path, span, sample } = scanned
    const key = JSON.stringify([kind, path, text.slice(from, to)])
    if (found.has(key)) return
    const line = scanned.text.slice(0, from - (starts[index] ?? 0)).split('\n').length
    const place = sample === undefined ? {} : { sample: { file: sample, line } }
    found.set(key, { kind, what, path, ...(span === undefined ? {} : { span }), ...place })
  }
  for (const match of secrets) add('secret', match)
  // The password in an address reads like a mailbox.
  const apart = personal.filter(({ from, to }) => !secrets.some((other) => other.from < to && from < other.to))
  for (const match of apart) add('personal data', match)
  return [...found.values()]
}
