import { valueAtPointer } from './pointer.ts'
import { retryAfter } from './repeat.ts'
import type { TimeForm } from './time.ts'
import { timeForms } from './time.ts'

/** How a vendor writes how long to wait: a number of units, or the moment at which calls are allowed again. */
export type WaitForm = 'seconds' | 'milliseconds' | 'minutes' | 'http-date' | TimeForm

/** A place of an answer that contains how long to wait. */
export interface WaitPlace {
  readonly in: 'header' | 'body'
  /** The name of a header, or a JSON Pointer into the body. */
  readonly at: string
  readonly form: WaitForm
  /** Text before the value, such as `Retry after `. */
  readonly after?: string
}

/** How a vendor limits calls and announces when to repeat one. Retry-After is always read. */
export interface RetryRules {
  /** Statuses of calls that were refused because of a limit; 429 if it is missing. */
  readonly statuses?: readonly number[]
  /** Values in a body of any status that mean the same. */
  readonly errors?: readonly { readonly at: string; readonly values: readonly (string | number)[] }[]
  /** The places of an answer that contain how long to wait; the first place with a value counts. */
  readonly wait?: readonly WaitPlace[]
  /** The header with the number of calls that are left. */
  readonly remaining?: string
  /** The request header that makes a repeated POST or PATCH harmless; the kit fills it in. */
  readonly idempotency_header?: string
}

/** An answer whose body was read; `json` is undefined if the body is not JSON. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly json: unknown
}

const LIMITED = [429]
/** Statuses that mean a limit by themselves; vendors use others, such as 403, for other refusals too. */
const SURELY_LIMITED = [420, 429, 503]

/** Whether a vendor refused a call because of a limit. */
export function isLimited(rules: RetryRules, answer: Answered): boolean {
  const { status, headers, json } = answer
  const isError = rules.errors?.some(({ at, values }) => {
    const value = valueAtPointer(json, at)
    return (typeof value === 'string' || typeof value === 'number') && values.some((one) => String(one) === `${value}`)
  })
  if (isError === true) return true
  if (!(rules.statuses ?? LIMITED).includes(status)) return false
  if (SURELY_LIMITED.includes(status)) return true
  if (headers.has('retry-after')) return true
  return rules.remaining === undefined
    ? waitIn(rules, answer) !== undefined
    : headers.get(rules.remaining)?.trim() === '0'
}

/** Milliseconds that a vendor asks to wait; undefined if the answer does not contain it. */
export function waitOf(rules: RetryRules, answer: Answered): number | undefined {
  return waitIn(rules, answer) ?? retryAfter(answer)
}

/** Milliseconds to wait before the next call, if an answer reports that none are left. */
export function pauseAfter(rules: RetryRules, answer: Answered): number {
  const isUsedUp = rules.remaining !== undefined && answer.headers.get(rules.remaining)?.trim() === '0'
  return isUsedUp ? (waitOf(rules, answer) ?? 0) : 0
}

function waitIn({ wait = [] }: RetryRules, { headers, json }: Answered): number | undefined {
  for (const place of wait) {
    const written = place.in === 'header' ? headers.get(place.at) : valueAtPointer(json, place.at)
    const milliseconds = readWait(place, written)
    if (milliseconds !== undefined) return milliseconds
  }
  return undefined
}

const UNITS: Readonly<Partial<Record<WaitForm, number>>> = { milliseconds: 1, seconds: 1000, minutes: 60_000 }

function readWait({ form, after = '' }: WaitPlace, written: unknown): number | undefined {
  if (typeof written !== 'string' && typeof written !== 'number') return undefined
  const text = String(written)
  const start = text.indexOf(after)
  if (start === -1) return undefined
  const value = text.slice(start + after.length).trim()
  const unit = UNITS[form]
  const wait = unit === undefined ? momentOf(form, value) - Date.now() : numberOf(value) * unit
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined
}

/** Some vendors write fractions of a second. */
function numberOf(text: string): number {
  return /^\d{1,13}(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
}

function momentOf(form: WaitForm, value: string): number {
  if (form === 'http-date') return Date.parse(value)
  if (form === 'unix-seconds') return numberOf(value) * 1000
  if (form === 'unix-milliseconds') return numberOf(value)
  return timeForms['date-time'].readValue(value) ?? Number.NaN
}
