/** Refers to a text of one connector from a file about all connectors. */
export interface Fragment {
  readonly code: string
  readonly name: string
}

/** Occurs in no text of a definition: definitions that contain it are rejected when they are loaded. */
const MARK = '\u0000'

/** Represents a fragment in a text until the file is written. */
export function fragment(code: string, name: string): string {
  return `${MARK}${name} ${code}${MARK}`
}

/** Splits a text at its fragments. */
export function splitAtFragments(text: string): readonly (string | Fragment)[] {
  return text.split(MARK).flatMap((part, index): readonly (string | Fragment)[] => {
    if (index % 2 === 0) return part === '' ? [] : [part]
    const [name = '', code = ''] = part.split(' ')
    return [{ code, name }]
  })
}
