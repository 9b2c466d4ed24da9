/** Why a gateway refuses a request, as it is answered. */
export interface Problem {
  readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 421 | 429 | 500 | 503
  /** A code such as `integration_validation:EVENT_TYPE_REQUIRED`. */
  readonly error: string
  /** The same as a sentence. */
  readonly message?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Thrown where the problem is found, and answered in one place. */
export class Refusal extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.error)
    this.problem = problem
  }
}

/** Refuses a request. */
export function refuse(problem: Problem): never {
  throw new Refusal(problem)
}

const STATUS: Readonly<Record<string, Problem['status']>> = {
  HC400: 400,
  HC404: 404,
  HC409: 409,
  HC503: 503,
  '42501': 403,
  // Limits of PostgreSQL: too deep, and too large.
  '54001': 413,
  '54000': 413,
}

/** A statement that failed, with the message of the database. */
export interface FailedStatement {
  readonly code: string
  readonly message: string
  readonly detail?: string | undefined
  readonly hint?: string | undefined
}

/** The answer to the caller of a failed statement; undefined if it is not the caller's mistake. */
export function problemOf({ code, message, detail, hint }: FailedStatement): Problem | undefined {
  const status = STATUS[code]
  if (status !== undefined) {
    const [error = '', ...rest] = message.split(/(?<=^\w+:\w+): /)
    const sentence = [rest.join(': ') || detail, hint].filter((part) => part !== undefined && part !== '').join('; ')
    return { status, error, ...(sentence === '' ? {} : { message: sentence }) }
  }
  // A value that the database has no place for, such as a string with a zero byte.
  if (code.startsWith('22')) return { status: 400, error: 'integration_validation:VALUE_UNSUPPORTED', message }
  if (
    ['57014', '57P01', '57P02', '57P03', '53300', '55P03', '40P01'].includes(code) ||
    /^(?:08|E[A-Z]|CONNECT)/.test(code)
  )
    return {
      status: 503,
      error: 'integration_unavailable:DATABASE',
      message: 'the database cannot be reached, or was too busy',
    }
  return undefined
}

/** The same for a call of a function, which can also be without any answer. */
export function problemOfCall(error: FailedStatement): Problem | undefined {
  return problemOf(error.code === '' ? { ...error, code: '08006' } : error)
}

/** The status for an event that the database has refused and logged. */
export function statusOfRefusal(reason: string): Problem['status'] {
  switch (reason) {
    case 'integration_refused:CONNECTOR_UNKNOWN':
    case 'integration_refused:CONNECTOR_NOT_INSTALLED':
      return 404
    case 'integration_refused:CONNECTOR_PAUSED':
    case 'integration_refused:IDEMPOTENCY_KEY_REUSED':
      return 409
    default:
      return 400
  }
}

/** The status for a body that could not be read. */
export function bodyStatus(problem: 'body_too_large' | 'body_timeout' | 'unreadable_body'): 400 | 408 | 413 {
  switch (problem) {
    case 'body_too_large':
      return 413
    case 'body_timeout':
      return 408
    case 'unreadable_body':
      return 400
    default:
      return problem satisfies never
  }
}
