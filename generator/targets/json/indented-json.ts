/** JSON of two spaces a level, as it stands inside other JSON: every line but the first is moved right. */
export function indentedJson(value: object, columns: number): string {
  // A line break inside a JSON text is always one between its members.
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${' '.repeat(columns)}`)
}
