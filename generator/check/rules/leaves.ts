import type { PathSegment, ValuePath } from '../../load/source-document.ts'

/** A value with nothing inside it, and its path. */
export interface Leaf {
  readonly value: unknown
  readonly path: ValuePath
}

/** The scan for sensitive data reads those of a document, and then one rule after the other. */
const known = new WeakMap<object, readonly Leaf[]>()

/** Everything inside a value that is neither mapping nor list, in its order. */
export function leavesOf(whole: unknown): readonly Leaf[] {
  if (typeof whole !== 'object' || whole === null) return [{ value: whole, path: [] }]
  const before = known.get(whole)
  if (before !== undefined) return before
  const found: Leaf[] = []
  collect(whole, [], found)
  known.set(whole, found)
  return found
}

function collect(whole: object, above: ValuePath, found: Leaf[]): void {
  const visit = (segment: PathSegment, value: unknown) => {
    const path = [...above, segment]
    if (typeof value === 'object' && value !== null) collect(value, path, found)
    else found.push({ value, path })
  }
  if (Array.isArray(whole)) for (const [index, value] of whole.entries()) visit(index, value)
  else for (const [key, value] of Object.entries(whole)) visit(key, value)
}
