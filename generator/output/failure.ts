/** Why another thread did not do something. An error that goes from thread to thread keeps its message alone. */
export interface Failure {
  readonly message: string
  readonly stack: string | undefined
  readonly name: string
  /** Of faults of the machine. */
  readonly code?: string
  readonly path?: string
  /** Of faults that are ours. */
  readonly help?: string
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) throw error
  const { message, stack, name } = error
  return { ...error, message, stack, name }
}

export function errorOf(failure: Failure): Error {
  return Object.assign(new Error(), failure)
}
