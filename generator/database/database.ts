/** A row as the database gives it, by column name. */
export type Row = Readonly<Record<string, unknown>>

/** What a script gave: the rows of its last statement that has any, and what the server said on the way. */
export interface ScriptResult {
  readonly rows: readonly Row[]
  readonly notices: readonly string[]
}

/** A PostgreSQL database that can run whole scripts. */
export interface Database {
  /** What to call it in messages; never holds a password. */
  readonly label: string
  /**
   * Runs one or more statements, or pieces of a script one after the other in the same session. What fails leaves no
   * transaction open, and rejects with a `Fault` that says what the server said.
   */
  readonly run: (script: string | Iterable<string>) => Promise<ScriptResult>
  readonly close: () => Promise<void>
}
