/** A line of a text without its end, and the offset at which it begins. */
export interface Line {
  readonly from: number
  readonly text: string
}

/** The line on which an offset lies. */
export function lineAt(text: string, offset: number): Line {
  // A negative start counts as 0 for `lastIndexOf`, which would find a line end behind the offset.
  const from = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1
  return { from, text: /^[^\r\n]*/.exec(text.slice(from, from + LONGEST))?.[0] ?? '' }
}

/** UTF-16 code units of a line that are looked at; generated files can have lines of a megabyte. */
const LONGEST = 10_000

/** The nearest line in a direction that holds more than a comment. */
export function nextLine(text: string, line: Line, direction: 1 | -1): Line | undefined {
  let current = line
  for (;;) {
    const offset = direction === -1 ? current.from - 1 : text.indexOf('\n', current.from) + 1
    if (offset < 0 || (direction === 1 && (offset === 0 || offset >= text.length))) return undefined
    current = lineAt(text, offset)
    if (!/^\s*(?:#|$)/.test(current.text)) return current
  }
}

/** By how many characters a line is indented. */
export function indentationOf({ text }: Line): number {
  return text.length - text.trimStart().length
}
