import type { JSONPathQuery, jsonpath } from 'json-p3'
import { JSONPathEnvironment, JSONPathError, jsonpath as p3 } from 'json-p3'
import type { Condition, Operand, Path, Step } from '../kit/mapping.ts'

/** A text that is no path, or one that the kit cannot follow; the message is for people. */
export class PathError extends Error {}

const environment = new JSONPathEnvironment({ strict: true })

/** What a path can start at: `$.delivery`, `$.request`, and the names that loops have given. */
export type Names = readonly string[]

/** Parses a JSONPath (RFC 9535) over an object with these names. */
export function parsePath(text: string, names: Names): Path {
  return fromRoot(compiled(text), names)
}

/** Parses what stands behind `?` in a filter of RFC 9535. */
export function parseCondition(text: string, names: Names): Condition {
  const [segment] = compiled(`$[?${text}]`, 3).segments
  const selector = segment?.selectors[0]
  if (!(selector instanceof p3.selectors.FilterSelector)) throw new PathError(`"${text}" is no condition`)
  return conditionOf(selector.expression, names, false)
}

/** Rules and targets ask for the same few paths, and definitions have many in common. */
const known = new Map<string, JSONPathQuery>()
const MOST_KNOWN = 2000

/** RFC 9535 has no hyphen in a name behind a full stop, but nearly all names of headers have one. */
const HYPHENATED = /(\$\.request\.(?:headers|query))\.([A-Za-z0-9_]+(?:-[A-Za-z0-9_-]*))/g
const BRACKETED = /\$\.request\.(?:headers|query)\['/g

/** `ahead` is how many characters were put before the text. */
function compiled(text: string, ahead = 0): JSONPathQuery {
  const written = text.replace(HYPHENATED, (_, before, name) => `${before}['${name}']`)
  try {
    const query = known.get(text) ?? environment.compile(written)
    if (known.size < MOST_KNOWN) known.set(text, query)
    return query
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error
    const reason = error.message.replace(/ \('.*$/s, '')
    const { index } = error.token
    // Brackets and quotes that take the place of a full stop are not the author's.
    const added = written === text ? 0 : 3 * [...written.slice(0, index).matchAll(BRACKETED)].length
    const place = index - added - ahead + 1
    throw new PathError(place > 0 ? `${reason}, at character ${place}` : reason)
  }
}

function fromRoot(query: JSONPathQuery, names: Names): Path {
  const [start, ...steps] = stepsOf(query, names)
  if (typeof start !== 'string') throw new PathError(`a path starts with $ and a name: ${listed(names)}`)
  if (!names.includes(start)) throw new PathError(`nothing is called "${start}" here; there are ${listed(names)}`)
  if (start === 'request') checkRequest(steps)
  return [start, ...steps]
}

/** The facts of a request that are values, and those with a name below them. */
const REQUEST_VALUES = ['content_type', 'body_sha256', 'method']
const REQUEST_NAMES = ['headers', 'query']

function checkRequest([member, name, ...more]: readonly Step[]): void {
  if (typeof member === 'string' && REQUEST_VALUES.includes(member) && name === undefined) return
  if (typeof member !== 'string' || ![...REQUEST_VALUES, ...REQUEST_NAMES].includes(member)) {
    const all = [...REQUEST_VALUES, ...REQUEST_NAMES.map((each) => `${each}.<name>`)]
    throw new PathError(`a request has ${all.map((each) => `$.request.${each}`).join(', ')}`)
  }
  if (REQUEST_VALUES.includes(member)) throw new PathError(`$.request.${member} is a single value`)
  if (typeof name !== 'string' || more.length > 0)
    throw new PathError(
      `name one of the ${member === 'query' ? 'query parameters' : member}: $.request.${member}.<name>`,
    )
  if (member === 'headers' && name !== name.toLowerCase())
    throw new PathError(`header names are lower case in paths: write "${name.toLowerCase()}"`)
}

function listed(names: Names): string {
  return names.map((name) => `$.${name}`).join(', ')
}

function stepsOf(query: JSONPathQuery, names: Names): readonly Step[] {
  return query.segments.map((segment) => {
    if (segment.toString().startsWith('..')) throw new PathError('".." is not supported: say where it stands')
    const [selector, second] = segment.selectors
    if (selector === undefined || second !== undefined)
      throw new PathError('several selectors in one pair of brackets are not supported: make a path of each')
    return stepOf(selector, names)
  })
}

function stepOf(selector: jsonpath.selectors.JSONPathSelector, names: Names): Step {
  if (selector instanceof p3.selectors.NameSelector) return selector.name
  if (selector instanceof p3.selectors.IndexSelector) return selector.index
  if (selector instanceof p3.selectors.WildcardSelector) return { all: true }
  if (selector instanceof p3.selectors.FilterSelector) return { where: conditionOf(selector.expression, names, true) }
  throw new PathError('slices are not supported: take all elements, or those of an index')
}

/** `inFilter` says whether there is an element that `@` can stand for. */
function conditionOf(expression: jsonpath.expressions.FilterExpression, names: Names, inFilter: boolean): Condition {
  const { expressions } = p3
  if (expression instanceof expressions.LogicalExpression) return conditionOf(expression.expression, names, inFilter)
  if (expression instanceof expressions.PrefixExpression) return { not: conditionOf(expression.right, names, inFilter) }
  if (expression instanceof expressions.FilterQuery) return { exists: queryOf(expression, names, inFilter) }
  if (!(expression instanceof expressions.InfixExpression)) throw new PathError('functions are not supported')
  const { operator } = expression
  if (operator === '&&' || operator === '||') {
    const parts = [expression.left, expression.right].map((side) => conditionOf(side, names, inFilter))
    return operator === '&&'
      ? { and: parts.flatMap((part) => ('and' in part ? part.and : [part])) }
      : { or: parts.flatMap((part) => ('or' in part ? part.or : [part])) }
  }
  return {
    compare: operator as Extract<Condition, { compare: unknown }>['compare'],
    left: operandOf(expression.left, names, inFilter),
    right: operandOf(expression.right, names, inFilter),
  }
}

function operandOf(expression: jsonpath.expressions.FilterExpression, names: Names, inFilter: boolean): Operand {
  const { expressions } = p3
  if (expression instanceof expressions.FilterQuery) return { path: queryOf(expression, names, inFilter) }
  if (expression instanceof expressions.NullLiteral) return { value: null }
  if (
    expression instanceof expressions.BooleanLiteral ||
    expression instanceof expressions.StringLiteral ||
    expression instanceof expressions.NumberLiteral
  )
    return { value: expression.value }
  throw new PathError('functions are not supported')
}

function queryOf(query: jsonpath.expressions.FilterQuery, names: Names, inFilter: boolean): Path {
  if (query instanceof p3.expressions.RootQuery) return fromRoot(query.path, names)
  if (!inFilter) throw new PathError('"@" stands for nothing here: begin with $ and a name')
  return ['@', ...stepsOf(query.path, names)]
}
