/** A line of a text without its end, and the offset at which it begins. */
export interface Line {
  readonly from: number
  readonly text: string
}

/** The line in which an offset lies. */
export function lineAt(text: string, offset: number): Line {
  const from = text.lastIndexOf('\n', offset - 1) + 1
  return { from, text: /^[^\r\n]*/.exec(text.slice(from, from + LONGEST))?.[0] ?? '' }
}

/** UTF-16 code units of a line that are looked at; generated files can have lines of a megabyte. */
const LONGEST = 10_000
