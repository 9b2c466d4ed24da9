/** Levels of nesting; real definitions stay below twenty. */
export const DEEPEST = 64
/** Values in a document once its aliases are written out: a few aliases of aliases could otherwise make billions. */
export const MOST_VALUES = 100_000

/** What no text of a definition holds; tabs and line ends are fine. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f]/

export function holdsControl(text: string): boolean {
  return CONTROL.test(text)
}

export function holdsNul(text: string): boolean {
  return text.includes('\u0000')
}

/** A path whose backslashes mean something else, as it stands in the file. */
export function isWindowsPath(written: string): boolean {
  return /^"[A-Za-z]:\\[a-z]/.test(written)
}

/** Whether a number means what was written: no infinity, no digits lost beyond 2^53. */
export function isExact(value: number, source: string | undefined): boolean {
  if (!Number.isFinite(value)) return false
  return !Number.isInteger(value) || Number.isSafeInteger(value) || /[.eE]/.test(source ?? '')
}
