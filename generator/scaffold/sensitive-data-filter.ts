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

/** Finds, replaces and masks the parts of documents that look like secrets or personal data. */
export class SensitiveDataFilter {
  /** The kind of each part, with its article. */
  readonly #looks: ReadonlyMap<string, string>
  /** The replacement of each part: equal parts stay equal, different ones different. */
  readonly #replacements: ReadonlyMap<string, string>

  constructor(looks: ReadonlyMap<string, string>) {
    this.#looks = looks
    this.#replacements = replacementsFor(looks)
  }

  /** The sensitive parts of a value, one for each place. */
  allIn(value: unknown, pointer = ''): readonly Suspect[] {
    if (this.#looks.size === 0) return []
    if (typeof value === 'string' || typeof value === 'number') {
      const text = String(value)
      for (const [part, what] of this.#looks) if (text.includes(part)) return [{ what, pointer }]
      return []
    }
    if (typeof value !== 'object' || value === null) return []
    return Object.entries(value).flatMap(([step, inside]) => this.allIn(inside, below(pointer, step)))
  }

  /** The value with made-up values in place of its sensitive parts. */
  replaced(value: unknown): unknown {
    if (this.#looks.size === 0) return value
    if (typeof value === 'string') return this.replacedText(value)
    if (typeof value === 'number') {
      const text = this.replacedText(String(value))
      return /^\d+$/.test(text) ? Number(text) : value
    }
    if (Array.isArray(value)) return value.map((item) => this.replaced(item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, inside]) => [name, this.replaced(inside)]))
  }

  /** The text with made-up values in place of its sensitive parts. */
  replacedText(text: string): string {
    return [...this.#replacements].reduce((changed, [part, made]) => changed.replaceAll(part, () => made), text)
  }

  /** The text with its sensitive parts masked. */
  masked(text: string): string {
    return [...this.#looks.keys()].reduce((masked, part) => masked.replaceAll(part, '…'), text)
  }
}

/** Made-up values that the scan of definitions accepts. */
function replacementsFor(looks: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const counts = new Map<string, number>()
  // A part can contain another one, so the longest is replaced first.
  const parts = [...looks].sort(([left], [right]) => right.length - left.length)
  return new Map(
    parts.map(([part, what]) => {
      const index = counts.get(what) ?? 0
      counts.set(what, index + 1)
      return [part, madeUp(what, part, index)]
    }),
  )
}

function madeUp(what: string, part: string, index: number): string {
  const number = index === 0 ? '' : `-${index + 1}`
  switch (what) {
    case 'an e-mail address':
      return `name${number}@example.com`
    case 'a telephone number':
      // 555-0100 to 555-0199 are reserved for fiction (NANPA).
      return `${part.startsWith('+') ? '+' : ''}120255501${String(index % 100).padStart(2, '0')}`
    case 'a payment card number':
      // A number for tests that payment companies publish.
      return '4242424242424242'
    case 'a bank account number (IBAN)':
      // The check digits of a real account are 02 to 98.
      return 'GB00BANK00000000000000'
    default:
      return `example-secret${number}`
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
    // The last one pushed is read next.
    for (const [step, inside] of Object.entries(value).toReversed())
      open.push({ key: Array.isArray(value) ? key : step, value: inside })
  }
  return pairs
}

/** A detector may take the key for a part of what it found. */
function withoutKey(match: string): string {
  return /^[\w-]{1,40}: (.+)$/s.exec(match)?.[1] ?? match
}
