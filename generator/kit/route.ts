/** A value that identifies an installation, and the authentication field that it is the value of. */
export interface Route<Field extends string = string> {
  readonly field: Field
  readonly value: string
}
