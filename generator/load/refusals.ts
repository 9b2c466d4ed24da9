import type { Fix, Span } from '../diagnostics/diagnostic.ts'
import type { Range } from './location.ts'

/** Levels of nesting; real definitions stay below twenty. */
export const MAX_DEPTH = 64
/** Values in a document once its aliases are written out: a few aliases of aliases could otherwise make billions. */
export const MAX_VALUES = 100_000

/** Entries of one list: comparing each of them with each other must not take long. */
export const MAX_ENTRIES = 5000

/** Why a value is refused. */
export interface Refusal {
  readonly code: string
  readonly every: boolean
  readonly text: { readonly message: string; readonly help: string; readonly fix?: Fix }
}

export const CONTROL_CHARACTER: Refusal = {
  code: 'load/control-character',
  every: true,
  text: { message: 'the text holds a control character', help: 'remove it; nobody can see it' },
}

const NAMES: Readonly<Record<string, string>> = {
  b: 'a backspace',
  t: 'a tab',
  n: 'a line break',
  r: 'a line break',
  f: 'a form feed',
  a: 'a bell',
  e: 'an escape character',
  v: 'a vertical tab',
}

export function escaped(pair: string, places: readonly number[]): Refusal {
  const letter = pair.charAt(1)
  return {
    code: 'load/control-character',
    every: true,
    text: {
      message: `"${pair}" in double quotes is ${NAMES[letter] ?? 'a control character'}, not a backslash and ${letter}`,
      help: 'write \\\\ for a backslash, or put the text in single quotes',
      fix: {
        summary: places.length === 1 ? 'double the backslash' : 'double the backslashes',
        edits: places.map((at) => ({ from: at, to: at, text: '\\' })),
      },
    },
  }
}

export const TOO_MANY: Refusal = {
  code: 'load/too-many-values',
  every: false,
  text: {
    message: `the file holds more than ${MAX_VALUES} values once its aliases are written out`,
    help: 'do not build aliases out of aliases: write the values out',
  },
}
export const TOO_LONG: Refusal = {
  code: 'load/too-many-values',
  every: true,
  text: {
    message: `the list has more than ${MAX_ENTRIES} entries`,
    help: 'shorten the list',
  },
}
export const TOO_DEEP: Refusal = {
  code: 'load/too-deep',
  every: false,
  text: {
    message: `nested more than ${MAX_DEPTH} levels deep`,
    help: 'look for brackets or dashes that are opened and never closed',
  },
}
export const UNKNOWN_ALIAS: Refusal = {
  code: 'load/unknown-alias',
  every: true,
  text: {
    message: 'the alias names no anchor above it',
    help: 'put text that begins with "*" in quotes, or define the anchor (&name) first',
  },
}
export interface Repeated {
  readonly key: string
  readonly first: Span
  readonly again: Span
  readonly range: Range
}

export function repeatedKeys({ first, again }: Repeated, isRoot: boolean): Refusal {
  const text = isRoot
    ? { message: `from line ${again.start.line} the file repeats itself`, help: 'delete one of the two copies' }
    : {
        message: `from here the fields are those that began on line ${first.start.line}`,
        help: 'begin each entry of a list with "- ", and each field with its own name',
      }
  return { code: 'load/duplicate-key', every: true, text }
}

export function duplicateKey({ key, first }: Repeated): Refusal {
  return {
    code: 'load/duplicate-key',
    every: true,
    text: {
      message: `"${key}" stands here once more; the first is on line ${first.start.line}`,
      help: 'keep one of them; the last would hide the others',
    },
  }
}
export const ENDLESS: Refusal = {
  code: 'load/endless-alias',
  every: true,
  text: { message: 'the alias stands for something that contains it', help: 'write the value out instead' },
}
export const INEXACT: Refusal = {
  code: 'load/inexact-number',
  every: true,
  text: {
    message: 'the number cannot be held exactly',
    help: 'quote it: ids are text; infinity and NaN have no place in a definition',
  },
}
export const KEY_NOT_TEXT: Refusal = {
  code: 'load/key-not-text',
  every: true,
  text: { message: 'a name must be text', help: 'write it in words, or put it in quotes' },
}
export const BRACES: Refusal = {
  code: 'load/key-not-text',
  every: true,
  text: { message: 'text that begins with "{" needs quotes', help: 'put the whole text in quotes' },
}
export const KEY_FORBIDDEN: Refusal = {
  code: 'load/forbidden-key',
  every: true,
  text: { message: 'no key may be called "__proto__"', help: 'choose another name' },
}
export const NUL: Refusal = {
  code: 'load/nul',
  every: true,
  text: { message: 'the text holds a NUL character', help: 'remove it: PostgreSQL cannot store it' },
}
export const SURROGATE: Refusal = {
  code: 'load/lone-surrogate',
  every: true,
  text: {
    message: 'the text holds half of a surrogate pair',
    help: 'write the character itself, or \\U with eight digits: PostgreSQL cannot store half a pair',
  },
}
