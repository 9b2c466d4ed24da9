import type { Place } from '../kit/place.ts'

/** The form of `at` for each part of a request; a new part needs a row here, in the schema and in `kit/place.ts`. */
const FORMS: Readonly<Record<Place['in'], { readonly pattern: RegExp; readonly is: string }>> = {
  header: { pattern: /^[A-Za-z0-9-]+$/, is: 'the name of a header: letters, digits and hyphens' },
  query: { pattern: /^[^\s&=#]+$/, is: 'the name of a query parameter' },
  body: { pattern: /^\//, is: 'a JSON Pointer such as /data/id' },
  item: { pattern: /^\//, is: 'a JSON Pointer such as /data/id' },
  basic: { pattern: /^(?:username|password|credentials)$/, is: 'username, password or credentials' },
}

/** Why a place cannot be in any request, and what to write; undefined if it can. */
export function placeProblem({ in: where, at }: Place): { readonly what: string; readonly help: string } | undefined {
  const { pattern, is } = FORMS[where]
  return pattern.test(at) ? undefined : { what: `looks for "${at}" in the ${where}`, help: `write ${is}` }
}
