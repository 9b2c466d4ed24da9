import { personalDataIn } from '../check/sensitive-data/personal-data.ts'
import { secretsIn } from '../check/sensitive-data/secrets.ts'
import type { VendorDocument } from '../load/vendor-document.ts'
import { below } from './json.ts'

/** A value that should not reach a definition. */
interface Suspect {
  readonly what: string
  /** JSON Pointer from where the search began. */
  readonly pointer: string
}

/** Finds and masks the parts of documents that look like secrets or personal data. */
export class SensitiveDataFilter {
  /** What each part looks like, with its article. */
  readonly #looks: ReadonlyMap<string, string>

  constructor(looks: ReadonlyMap<string, string>) {
    this.#looks = looks
  }

  /** The first sensitive part of a value. */
  in(value: unknown, pointer = ''): Suspect | undefined {
    if (this.#looks.size === 0) return undefined
    if (typeof value === 'string' || typeof value === 'number') {
      const text = String(value)
      for (const [part, what] of this.#looks) if (text.includes(part)) return { what, pointer }
      return undefined
    }
    if (typeof value !== 'object' || value === null) return undefined
    for (const [step, inside] of Object.entries(value)) {
      const found = this.in(inside, below(pointer, step))
      if (found !== undefined) return found
    }
    return undefined
  }

  /** The text with its sensitive parts masked. */
  masked(text: string): string {
    return [...this.#looks.keys()].reduce((masked, part) => masked.replaceAll(part, '…'), text)
  }
}

/** Scans every value of the files, each with its key in front, equal ones once. */
export async function sensitiveDataFilter(files: readonly VendorDocument[]): Promise<SensitiveDataFilter> {
  const text = [...new Set(files.flatMap(({ value }) => pairsIn(value)))].join('\n')
  const found = [...(await secretsIn(text)), ...(await personalDataIn(text))]
  return new SensitiveDataFilter(new Map(found.map(({ what, from, to }) => [withoutKey(text.slice(from, to)), what])))
}

function pairsIn(root: unknown): readonly string[] {
  const pairs: string[] = []
  const open: { readonly key: string; readonly value: unknown }[] = [{ key: '', value: root }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { key, value } = next
    if (typeof value === 'string' || typeof value === 'number') pairs.push(`${key}: ${value}`)
    if (typeof value !== 'object' || value === null) continue
    for (const [step, inside] of Object.entries(value))
      open.push({ key: Array.isArray(value) ? key : step, value: inside })
  }
  return pairs
}

/** A detector may take the key for a part of what it found. */
function withoutKey(match: string): string {
  return /^[\w-]{1,40}: (.+)$/s.exec(match)?.[1] ?? match
}
