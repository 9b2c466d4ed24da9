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

/** The text of an object whose members are such texts. */
export function objectOf(members: readonly (readonly [name: string, json: string])[]): string {
  const lines = members.map(([name, json]) => `  ${JSON.stringify(name)}: ${movedRight(json, 2)}`)
  return `{\n${lines.join(',\n')}\n}`
}
