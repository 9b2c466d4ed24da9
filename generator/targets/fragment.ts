/** A text of one connector that stands in a file over all connectors. */
export interface Fragment {
  readonly code: string
  readonly name: string
}

/** No text of a definition holds it: such definitions are refused when they are loaded. */
const MARK = '\u0000'

/** Stands for a fragment in a text until the file is written. */
export function fragment(code: string, name: string): string {
  return `${MARK}${name} ${code}${MARK}`
}

/** A text cut at its fragments. */
export function* piecesOf(text: string): Generator<string | Fragment> {
  let isText = true
  for (const piece of text.split(MARK)) {
    const [name = '', code = ''] = isText ? [] : piece.split(' ')
    if (!isText) yield { code, name }
    else if (piece !== '') yield piece
    isText = !isText
  }
}

/** A text with its fragments filled in. */
export function expanded(text: string, textOf: (fragment: Fragment) => string): string {
  return [...piecesOf(text)].map((piece) => (typeof piece === 'string' ? piece : textOf(piece))).join('')
}
