/** Words of a name, whatever joins them: `issues/opened`, `orderPaid`, `HTTPError` and `customer.created` have two each. */
export function wordsOf(name: string): readonly string[] {
  return name
    .normalize('NFKD')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())
}

/** A name in snake case, of at most so many characters, or undefined where nothing of it can be kept. */
export function snakeName(name: string, longest: number): string | undefined {
  const words = shortened(wordsOf(name), longest)
  const joined = words.join('_')
  if (joined === '') return undefined
  return /^[a-z]/.test(joined) ? joined : shortened(['n', ...words], longest).join('_')
}

/** Takes letters from the longest words until all of them fit: each word says something. */
function shortened(words: readonly string[], longest: number): readonly string[] {
  let kept = words.slice(0, Math.floor((longest + 1) / 4)).map((word) => word.slice(0, longest))
  while (kept.join('_').length > longest) {
    const length = Math.max(...kept.map((word) => word.length))
    const index = kept.findLastIndex((word) => word.length === length)
    kept = kept.map((word, position) => (position === index ? word.slice(0, -1) : word))
  }
  return kept
}

/** Hands out names that nothing else has, also where only letters and digits count. */
export class UniqueNames {
  readonly #taken = new Set<string>()
  /** The next number for each name that was wanted before, so that no number is tried again. */
  readonly #next = new Map<string, number>()
  readonly #longest: number

  constructor(longest: number) {
    this.#longest = longest
  }

  take(wanted: string): string {
    for (let attempt = this.#next.get(wanted) ?? 1; ; attempt += 1) {
      const ending = attempt === 1 ? '' : `_${attempt}`
      const name = `${wanted.slice(0, this.#longest - ending.length).replace(/_+$/, '')}${ending}`
      const key = name.replaceAll('_', '').toLowerCase()
      if (this.#taken.has(key)) continue
      this.#taken.add(key)
      this.#next.set(wanted, attempt + 1)
      return name
    }
  }
}

/** `order_paid` → `Order paid` */
export function sentence(name: string): string {
  const words = name.replaceAll('_', ' ')
  return (words[0] ?? '').toUpperCase() + words.slice(1)
}

/** Names that a sentence lists. */
const FEW = 3

/** `a, b, c and 4 others` */
export function few(names: readonly string[]): string {
  const more = names.length - FEW
  return `${names.slice(0, FEW).join(', ')}${more > 0 ? ` and ${more} other${more === 1 ? '' : 's'}` : ''}`
}

/** Characters of an event's name, as the format has it. */
export const LONGEST_EVENT_NAME = 60
