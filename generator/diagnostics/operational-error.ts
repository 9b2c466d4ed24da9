/**
 * Something outside the definitions stops us: wrong usage, a missing folder, a database that cannot be reached. It is
 * shown as one sentence with a remedy, and ends the run with exit code 2.
 */
export class OperationalError extends Error {
  readonly help: string

  constructor(message: string, options: { readonly help: string; readonly cause?: unknown }) {
    super(message, { cause: options.cause })
    this.name = 'OperationalError'
    this.help = options.help
  }
}
