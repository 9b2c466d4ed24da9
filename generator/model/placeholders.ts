/** A placeholder of a path or URL, such as `{page_id}`. */
export const PLACEHOLDER = /\{[a-z][a-z0-9_]*\}/g

/** The names in the placeholders of a path, in its order. */
export function placeholdersIn(path: string): readonly string[] {
  return [...path.matchAll(PLACEHOLDER)].map(([match]) => match.slice(1, -1))
}
