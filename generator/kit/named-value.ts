import type { BodyFormat } from './body.ts'
import { parseJson } from './body.ts'
import { decoded } from './bytes.ts'
import type { Route } from './route.ts'

/** How a value is packed in a string of a delivery. */
export type PackedForm = 'json' | 'base64-json'

/** Why a rule got no unpacked or fetched value. */
export type ValueProblem =
  /** The value to unpack is not a string. */
  'not_text' | 'malformed_base64' | 'malformed_json' | FetchProblem

/** Why a call gave no value. */
export type FetchProblem =
  /** The vendor no longer has the object (404, 410). */
  | 'gone'
  /** Any other status with which the vendor refuses the call for good, or a redirect. */
  | 'refused'
  | 'malformed_json'
  | 'response_too_large'
  /** The delivery needs more calls than are made for one delivery. */
  | 'too_many_calls'
  /** Too many parts of the delivery need the same large response. */
  | 'repeated_too_often'
  /** The delivery has no value for a parameter. */
  | 'missing_parameter'
  /** A value that would lead to another path, such as `..`. */
  | 'unsafe_parameter'
  /** The vendor did not answer in time, or with 408, 425, 429 or 5xx. */
  | 'unavailable'
  /** The vendor did not accept the credentials (401, 403). */
  | 'unauthorized'
  /** The application has no `fetchResource`. */
  | 'missing_fetch'
  /** The installation lacks a field that the URL contains. */
  | 'missing_field'
  /** The URL is not a public https address. */
  | 'unsafe_address'

/** An unpacked or fetched value, or why there is none. */
export type Outcome =
  /** `size` is the length of a fetched response. */
  { readonly value: unknown; readonly size?: number } | { readonly problem: ValueProblem }

/** A call of one of the connector's endpoints. */
export interface Call {
  readonly endpoint: string
  readonly parameters: Readonly<Record<string, string>>
  /** The values that identify the installations which the call is for, if each installation has its own calls. */
  readonly routes?: readonly Route[]
}

/** The outcomes of calls, by `keyOf`. */
export interface Fetched extends Pick<ReadonlyMap<string, Outcome>, 'get'> {
  /** Whether calls are made for the installations of the part that needs them. */
  readonly isRouted?: boolean
}

/** The same for identical calls. */
export function keyOf({ endpoint, parameters, routes = [] }: Call): string {
  const sorted = Object.entries(parameters).sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify([endpoint, sorted, routes.map(({ field, value }) => [field, value])])
}

/**
 * The status with which a delivery is answered that lacks a value; undefined if a repeated delivery would lack it too.
 * A failure that may pass gets 503, and a fault of the application 500, so that the vendor repeats the delivery.
 */
export function statusAfter(problem: ValueProblem): 500 | 503 | undefined {
  return STATUS[problem]
}

const STATUS: Readonly<Partial<Record<ValueProblem, 500 | 503>>> = {
  unavailable: 503,
  unauthorized: 503,
  missing_fetch: 500,
  missing_field: 500,
  unsafe_address: 500,
}

/** Unpacks a string of a delivery. */
export type Unpack = (text: unknown, form: PackedForm) => Outcome

/** Unpacks each string of a delivery once, so that its parts are the same objects for all rules. */
export function unpackerOf(format: Pick<BodyFormat, 'parseExactly'>): Unpack {
  const known = { json: new Map<unknown, Outcome>(), 'base64-json': new Map<unknown, Outcome>() }
  return (text, form) => {
    const outcome = known[form].get(text) ?? unpack(text, form, (json) => parseJson(format, json))
    known[form].set(text, outcome)
    return outcome
  }
}

/** Parses the JSON in a string. Base64 may have either alphabet, with or without padding: vendors mix them up. */
export function unpack(text: unknown, form: PackedForm, parse: (text: string) => unknown): Outcome {
  if (typeof text !== 'string') return { problem: 'not_text' }
  const json = form === 'json' ? text : textInBase64(text)
  if (json === undefined) return { problem: 'malformed_base64' }
  const value = parse(json)
  return value === undefined ? { problem: 'malformed_json' } : { value }
}

function textInBase64(text: string): string | undefined {
  const bytes = decoded(text.replaceAll('+', '-').replaceAll('/', '_'), 'base64url')
  try {
    return bytes && new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
