/** Why a kind of finding exists, and an example of it. The tests run every example. */
export interface Explanation {
  readonly why: string
  /** Lines that have the finding, and the same lines as they should be. A line with only `…` is any lines between. */
  readonly bad: string
  readonly good: string
  /** The fields that it is about, as `<part>.<field>` in the words of schema/connector.schema.json, or a whole part. */
  readonly about?: readonly string[]
  /** The examples describe a file, such as its name or its bytes, instead of showing lines of one. */
  readonly describesFile?: true
}

/** Lines of an example without the indentation that they share; backslashes stay as they are written. */
export function snippet({ raw: [text = ''] }: TemplateStringsArray): string {
  const lines = text.trimEnd().split('\n').slice(1)
  const indents = lines.filter((line) => line !== '').map((line) => line.length - line.trimStart().length)
  const shared = Math.min(...indents)
  return lines.map((line) => line.slice(shared)).join('\n')
}
