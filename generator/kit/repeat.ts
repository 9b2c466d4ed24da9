/** The value or error of a try. */
export type Outcome<Value> = { readonly value: Value } | { readonly error: unknown }

export interface RepeatOptions<Value> {
  /** How often the request is repeated at most. */
  readonly retries: number
  /** Milliseconds for all tries and the waits between them. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
  /** Milliseconds to wait before the next try, `backoff` if the wait is not known, undefined to stop. */
  readonly waitAfter: (outcome: Outcome<Value>) => number | 'backoff' | undefined
}

/** The first wait, and the longest, of those that grow with each try; milliseconds. */
const FIRST_BACKOFF = 300
const LONGEST_BACKOFF = 3000

/**
 * Runs `attempt` until its outcome is final, and returns or throws that outcome. A wait that would not end in time is
 * not begun. When `signal` aborts or the time is up, it throws the reason of the signal.
 */
export async function repeat<Value>(
  attempt: (signal: AbortSignal) => Promise<Value>,
  { retries, timeout, signal, waitAfter }: RepeatOptions<Value>,
): Promise<Value> {
  const deadline = Date.now() + timeout
  const limit = AbortSignal.timeout(timeout)
  const bounded = signal === undefined ? limit : AbortSignal.any([signal, limit])
  for (let tries = 1; ; tries += 1) {
    bounded.throwIfAborted()
    const outcome = await outcomeOf(attempt, bounded)
    if (bounded.aborted && 'error' in outcome) throw bounded.reason
    const wait = tries > retries ? undefined : waitAfter(outcome)
    const milliseconds = wait === 'backoff' ? backoff(tries) : wait === undefined ? undefined : withJitter(wait)
    if (milliseconds === undefined || Date.now() + milliseconds >= deadline) {
      if ('error' in outcome) throw outcome.error
      return outcome.value
    }
    await sleep(milliseconds, bounded)
  }
}

async function outcomeOf<Value>(
  attempt: (signal: AbortSignal) => Promise<Value>,
  signal: AbortSignal,
): Promise<Outcome<Value>> {
  try {
    return { value: await attempt(signal) }
  } catch (error) {
    return { error }
  }
}

/** Exponential backoff with full jitter. */
function backoff(tries: number): number {
  return Math.random() * Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** tries)
}

/** Never shorter than asked for; callers that were told the same time do not all return at once. */
function withJitter(milliseconds: number): number {
  return milliseconds * (1 + Math.random() / 10)
}

/** Waits; rejects with the signal's reason when it aborts. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    if (signal?.aborted === true) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}

/** The result of work that may ignore the signal; rejects with the signal's reason when it aborts. */
export function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

/** Milliseconds that the header Retry-After asks for, as a number of seconds or as a date (RFC 9110, 10.2.3). */
export function retryAfter({ headers }: Pick<Response, 'headers'>): number | undefined {
  const written = headers.get('retry-after') ?? ''
  const wait = /^\d{1,9}$/.test(written) ? Number(written) * 1000 : Date.parse(written) - Date.now()
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}
