import type {
  Expectation,
  Handshake,
  Proof,
  RequestCondition,
  RequestPlace,
  Response,
} from '../../compiled/definition.ts'
import { isHeaderValue } from '../../kit/response.ts'
import type { ValuePath } from '../../load/source-document.ts'
import { placeProblem } from '../../vocabulary/places.ts'
import { signatureElements } from '../../vocabulary/signatures.ts'

/** Something that a handshake or a response lacks, with its place. */
export interface Gap {
  readonly path: ValuePath
  readonly what: string
  readonly help: string
}

/** The problems that keep a handshake from being answered. */
export function handshakeGaps({ values = {}, expect = [], proof, response }: Handshake): readonly Gap[] {
  return [
    ...(proof === undefined ? [] : proofGaps(proof)),
    ...Object.entries(values).flatMap(([name, place]) => placeGaps(place, ['values', name])),
    ...expect.flatMap((expectation, index) => expectationGaps(expectation, ['expect', index])),
    ...responseGaps(response, Object.keys(values)).map((gap) => ({ ...gap, path: ['response', ...gap.path] })),
  ]
}

function proofGaps({ algorithm }: Proof): readonly Gap[] {
  if (signatureElements[algorithm].isKeyedHash === true) return []
  const known = Object.entries(signatureElements).flatMap(([name, { isKeyedHash }]) => (isKeyedHash ? [name] : []))
  return [
    {
      path: ['proof', 'algorithm'],
      what: `"${algorithm}" is not a keyed hash, so its result is not a proof`,
      help: `write one of ${known.join(', ')}`,
    },
  ]
}

function placeGaps(place: RequestPlace, path: ValuePath): readonly Gap[] {
  const problem = placeProblem(place)
  return problem === undefined ? [] : [{ path: [...path, 'at'], ...problem }]
}

function expectationGaps({ equals, field, ...place }: Expectation, path: ValuePath): readonly Gap[] {
  const isIndefinite = (equals === undefined) === (field === undefined)
  return [
    ...(isIndefinite
      ? [{ path, what: `"${place.at}" must equal either a constant or a field`, help: 'write `equals`, or `field`' }]
      : []),
    ...placeGaps(place, path),
  ]
}

/** Headers that follow from the body or belong to the server; cookies are never part of an answer to a vendor. */
const RESERVED =
  /^(?:cache-control|connection|content-(?:encoding|length|type)|date|keep-alive|location|set-cookie|transfer-encoding|x-content-type-options)$/i

/** The problems that keep a response from being sent; `names` are the values that its strings may contain. */
export function responseGaps(
  { status = 200, headers = {}, content_type, text, json }: Response,
  names: readonly string[] = [],
): readonly Gap[] {
  const gaps: Gap[] = []
  if (text !== undefined && json !== undefined)
    gaps.push({ path: ['json'], what: 'the response has both `text` and `json`', help: 'remove one of the two' })
  if ((status === 204 || status === 205) && (text !== undefined || json !== undefined))
    gaps.push({ path: ['status'], what: `a response with status ${status} has no body`, help: 'write status: 200' })
  if (content_type !== undefined && text === undefined)
    gaps.push({ path: ['content_type'], what: '`content_type` describes `text`, which is missing', help: 'remove it' })
  if (content_type?.endsWith('xml') && names.some((name) => text?.includes(`{${name}}`)))
    gaps.push({
      path: ['text'],
      what: 'values of the request are repeated only in plain text and JSON',
      help: 'remove the placeholder, or the content type',
    })
  for (const [name, value] of Object.entries(headers)) {
    if (RESERVED.test(name))
      gaps.push({ path: ['headers', name], what: `the header "${name}" is set by the kit`, help: 'remove it' })
    if (!isHeaderValue(value))
      gaps.push({
        path: ['headers', name],
        what: 'the value contains what no header can',
        help: 'write visible characters of ASCII on one line',
      })
  }
  return gaps
}

/** Signed handshakes are answered after the others. */
export function stageOf(handshakes: readonly Handshake[], index: number): number {
  return handshakes[index]?.verified === true ? 1 : 0
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT'] as const

type Constant = string | number | boolean | null

/** A demand of a handshake on a place: a constant, any value, a value that is not empty, or none. */
type Demand = { readonly equals: Constant } | 'present' | 'filled' | 'absent'

/** Whether every request that `other` matches is matched by `handshake` as well. */
export function covers(handshake: Handshake | undefined, other: Handshake | undefined): boolean {
  if (handshake === undefined || other === undefined) return false
  const methods = methodsOf(handshake.when)
  if (!methodsOf(other.when).every((method) => methods.includes(method))) return false
  const demands = demandsOf(other)
  return demandsOf(handshake).every(([place, demand]) =>
    demands.some(([known, stronger]) => known === place && implies(stronger, demand)),
  )
}

function methodsOf({ method = [...METHODS] }: RequestCondition): readonly string[] {
  return [method].flat()
}

function demandsOf({ when, values = {} }: Handshake): readonly (readonly [place: string, demand: Demand])[] {
  const asked = (part: 'header' | 'query' | 'body') =>
    Object.entries(when[part] ?? {}).map(([at, expected]) => [placeName(part, at), demandOf(expected)] as const)
  return [
    ...asked('header'),
    ...asked('query'),
    ...asked('body'),
    ...Object.values(values).map(({ in: part, at }) => [placeName(part, at), 'filled'] as const),
  ]
}

function placeName(part: string, at: string): string {
  return `${part} ${part === 'header' ? at.toLowerCase() : at}`
}

function demandOf(expected: Constant | { readonly equals: Constant }): Demand {
  if (typeof expected === 'object' && expected !== null) return expected
  if (typeof expected !== 'boolean') return { equals: expected }
  return expected ? 'present' : 'absent'
}

function implies(stronger: Demand, demand: Demand): boolean {
  if (typeof demand === 'object') return typeof stronger === 'object' && stronger.equals === demand.equals
  if (demand === 'present') return stronger !== 'absent'
  if (demand === 'filled') return stronger === 'filled' || (typeof stronger === 'object' && stronger.equals !== '')
  return stronger === 'absent'
}
