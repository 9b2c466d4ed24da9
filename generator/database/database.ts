/** A row as the database gives it, by column name. */
export type Row = Readonly<Record<string, unknown>>

/** What a script gave: the rows of its last statement that has any, and what the server said on the way. */
export interface ScriptResult {
  readonly rows: readonly Row[]
  readonly notices: readonly string[]
}

/** A user who is signed in: the functions check his rights, though they are called by the role of the gateway. */
export interface Caller {
  /** The claims of his JSON Web Token. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** A PostgreSQL database that takes statements from many callers at once. */
export interface Queries {
  /**
   * Runs one statement with parameters, in a transaction of its own. Rejects with a `QueryError`, also where the
   * database cannot be reached.
   */
  readonly query: (statement: string, parameters: readonly unknown[], caller?: Caller) => Promise<readonly Row[]>
  readonly close: () => Promise<void>
}

/** Why a statement failed, as the database or its driver said it. */
export class QueryError extends Error {
  /** SQLSTATE, such as 23505, or a code of the driver or of Node, such as ECONNREFUSED. */
  readonly code: string
  readonly detail: string | undefined
  readonly hint: string | undefined

  constructor(cause: unknown) {
    const { message, code, detail, hint } = (cause ?? {}) as {
      readonly message?: string
      readonly code?: string
      readonly detail?: string
      readonly hint?: string
    }
    super(message ?? 'the statement failed', { cause })
    this.name = 'QueryError'
    this.code = code ?? ''
    this.detail = detail
    this.hint = hint
  }
}

/** Calls as HERA's gateway does, with the user's identity where the functions of the runtime look for it. */
export const IDENTIFY = "select set_config('role', 'service_role', true), set_config('request.jwt.claims', $1, true)"

/** A PostgreSQL database that can run whole scripts. */
export interface Database {
  /** What to call it in messages; never holds a password. */
  readonly label: string
  /**
   * Runs one or more statements, or pieces of a script one after the other in the same session. What fails leaves no
   * transaction open, and rejects with an `OperationalError` that says what the server said.
   */
  readonly run: (script: string | Iterable<string>) => Promise<ScriptResult>
  readonly close: () => Promise<void>
}
