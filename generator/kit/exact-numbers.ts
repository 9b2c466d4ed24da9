import { parse } from 'lossless-json'

/** Parses JSON; an integer that a number cannot hold becomes the text of its digits. Throws for what is no JSON. */
export function parseExactly(text: string): unknown {
  return parse(text, null, {
    parseNumber: (digits) => {
      const value = Number(digits)
      return Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(digits) ? digits : value
    },
    // As JSON.parse has it.
    onDuplicateKey: ({ newValue }) => newValue,
  })
}
