/** A regular expression of ECMAScript with the flag u, as far as its running time depends on it. */
export type PatternNode =
  /** One character; `source` is how it is written. */
  | { readonly kind: 'character'; readonly source: string }
  | { readonly kind: 'sequence' | 'alternatives'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'repetition'; readonly body: PatternNode; readonly min: number; readonly max: number }
  /** `^`. */
  | { readonly kind: 'start' }
  /** `$` and word boundaries: they consume nothing and can fail. */
  | { readonly kind: 'assertion' }
  | { readonly kind: 'lookaround'; readonly body: PatternNode; readonly isAhead: boolean }
  | { readonly kind: 'backreference' }

/** Parses a pattern that RegExp has accepted with the flag u. */
export function parsePattern(pattern: string): PatternNode {
  return new PatternReader(pattern).alternatives()
}

const LOOKAROUNDS = ['(?=', '(?!', '(?<=', '(?<!']
/** An escape of one character: by code point, by two code units, by code unit, by byte, by property, or by letter. */
const ESCAPE =
  /\\(?:u\{[0-9A-Fa-f]+\}|u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[pP]\{[^}]*\}|c[A-Za-z]|.)/suy
const CLASS = /\[(?:\\.|[^\]\\])*\]/suy
const QUANTIFIER = /(?:[*+?]|\{(\d+)(,(\d*))?\})\??/y

class PatternReader {
  readonly #pattern: string
  #at = 0

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  alternatives(): PatternNode {
    const parts = [this.#sequence()]
    while (this.#take('|')) parts.push(this.#sequence())
    const [only] = parts
    return parts.length === 1 && only !== undefined ? only : { kind: 'alternatives', parts }
  }

  #take(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at
    const match = expression.exec(this.#pattern)
    if (match !== null) this.#at += match[0].length
    return match
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = []
    while (this.#at < this.#pattern.length && !/[|)]/.test(this.#pattern.charAt(this.#at)))
      parts.push(this.#quantified(this.#atom()))
    return { kind: 'sequence', parts }
  }

  #quantified(body: PatternNode): PatternNode {
    const match = this.#match(QUANTIFIER)
    if (match === null) return body
    const [sign, least, comma, most] = match
    if (least === undefined) {
      const max = sign.startsWith('?') ? 1 : Number.POSITIVE_INFINITY
      return { kind: 'repetition', body, min: sign.startsWith('+') ? 1 : 0, max }
    }
    const min = Number(least)
    const max = comma === undefined ? min : most === '' || most === undefined ? Number.POSITIVE_INFINITY : Number(most)
    return { kind: 'repetition', body, min, max }
  }

  #atom(): PatternNode {
    if (this.#take('^')) return { kind: 'start' }
    if (this.#take('$') || this.#take('\\b') || this.#take('\\B')) return { kind: 'assertion' }
    if (this.#match(/\\(?:[1-9]|k<)/y) !== null) return { kind: 'backreference' }
    if (this.#pattern.charAt(this.#at) === '(') return this.#group()
    const [source = ''] = this.#match(CLASS) ?? this.#match(ESCAPE) ?? this.#match(/./suy) ?? []
    return { kind: 'character', source }
  }

  #group(): PatternNode {
    const look = LOOKAROUNDS.find((opening) => this.#take(opening))
    if (look === undefined) this.#match(/\((?:\?:|\?<[^>]*>)?/y)
    const body = this.alternatives()
    this.#take(')')
    return look === undefined ? body : { kind: 'lookaround', body, isAhead: !look.includes('<') }
  }
}
