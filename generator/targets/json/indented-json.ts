/** JSON of two spaces a level. */
export function indentedJson(value: object): string {
  return JSON.stringify(value, null, 2)
}

/** Such a text as it stands inside other JSON: every line but the first is moved right. */
export function movedRight(json: string, columns: number): string {
  // A line break inside a JSON text is always one between its members.
  return json.replaceAll('\n', `\n${' '.repeat(columns)}`)
}

/** The text of an object with other members before its own, of which there are some. */
export function withFirst(members: object, json: string): string {
  return `${indentedJson(members).slice(0, -'\n}'.length)},${json.slice('{'.length)}`
}

/** Lines for the members of an object that stands so many columns from the left; their values are such texts. */
export function memberLines(members: readonly (readonly [name: string, json: string])[], columns: number): string {
  const margin = ' '.repeat(columns + 2)
  return members.map(([name, json]) => `${margin}${JSON.stringify(name)}: ${movedRight(json, columns + 2)}`).join(',\n')
}
