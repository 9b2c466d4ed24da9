import type { Place } from '../kit/place.ts'

interface Form {
  readonly pattern: RegExp
  /** The noun phrase for a right value. */
  readonly is: string
  readonly help: (at: string) => string
}

const POINTER: Form = {
  pattern: /^\//,
  is: 'a JSON Pointer',
  help: (at) => `write /${at.replaceAll('.', '/')}`,
}

/** The form of `at` for each part of a request; a new part needs a row here, in the schema and in `kit/place.ts`. */
const FORMS: Readonly<Record<Place['in'], Form>> = {
  header: {
    pattern: /^[A-Za-z0-9-]+$/,
    is: 'the name of a header',
    help: () => 'write only letters, digits and hyphens',
  },
  query: {
    pattern: /^[^\s&=#]+$/,
    is: 'the name of a query parameter',
    help: () => 'write the name without "=" and its value',
  },
  body: POINTER,
  item: POINTER,
  basic: {
    pattern: /^(?:username|password|credentials)$/,
    is: 'a part of HTTP Basic',
    help: () => 'write username, password or credentials',
  },
}

/** Why a place cannot be in any request, and what to write; undefined if it can. */
export function placeProblem({ in: where, at }: Place): { readonly what: string; readonly help: string } | undefined {
  const { pattern, is, help } = FORMS[where]
  return pattern.test(at) ? undefined : { what: `"${at}" is not ${is}`, help: help(at) }
}
