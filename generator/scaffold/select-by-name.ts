import { OperationalError } from '../diagnostics/operational-error.ts'
import { closest } from '../text/closest.ts'

interface Named {
  readonly name: string
  readonly original: string
  readonly also?: readonly string[]
}

export interface Selection<Item extends Named> {
  readonly taken: readonly Item[]
  readonly left: readonly Item[]
}

/** Names that an error lists; who wants to see more of them asks for JSON. */
const MOST_LISTED = 40

/**
 * Picks by name: as the definition will have it, as the document has it, an endpoint by its path too, or with `*` for any letters. Without names it
 * takes the first so many.
 */
export function selectByName<Item extends Named>(
  items: readonly Item[],
  {
    names,
    most,
    noun,
  }: { readonly names: readonly string[] | undefined; readonly most: number; readonly noun: string },
): Selection<Item> {
  if (names === undefined) return { taken: items.slice(0, most), left: items.slice(most) }
  const wanted = new Set<Item>()
  for (const name of names) {
    const fits = matcherOf(name)
    const found = items.filter(({ name: own, original, also = [] }) => [own, original, ...also].some(fits))
    if (found.length === 0) throw unknown(name, items, noun)
    for (const item of found) wanted.add(item)
  }
  return { taken: items.filter((item) => wanted.has(item)), left: items.filter((item) => !wanted.has(item)) }
}

function matcherOf(pattern: string): (name: string) => boolean {
  if (!pattern.includes('*')) return (name) => name === pattern
  const parts = pattern.split('*')
  return (name) => {
    const [first = '', ...rest] = parts
    const last = rest.pop() ?? ''
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false
    let at = first.length
    for (const part of rest) {
      const found = name.indexOf(part, at)
      if (found === -1) return false
      at = found + part.length
    }
    return at <= name.length - last.length
  }
}

function unknown(name: string, items: readonly Named[], noun: string): OperationalError {
  const names = items.flatMap((item) => (item.name === item.original ? [item.name] : [item.name, item.original]))
  const near = closest(name, names)
  const shown = items.slice(0, MOST_LISTED).map((item) => item.name)
  const more = items.length > shown.length ? `, and ${items.length - shown.length} more` : ''
  return new OperationalError(
    `the document has no ${noun} "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
    {
      help: items.length === 0 ? `it has no ${noun} at all` : `there are ${shown.join(', ')}${more}`,
    },
  )
}
