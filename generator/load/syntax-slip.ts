import type { Detector, Slip, Stumble } from './slip.ts'
import { slipAt } from './slip.ts'
import { bracketSlips } from './slips/brackets.ts'
import { characterSlips } from './slips/characters.ts'
import { colonSlips } from './slips/colons.ts'
import { dashSlips } from './slips/dashes.ts'
import { indentation } from './slips/indentation.ts'
import { quoteSlips } from './slips/quotes.ts'

/** The first that recognizes its cause speaks: what is certain before what is likely. */
const DETECTORS: readonly Detector[] = [
  ...characterSlips,
  ...bracketSlips,
  ...quoteSlips,
  ...dashSlips,
  ...colonSlips,
  indentation,
]

export function slipOf(stumble: Stumble): Slip {
  for (const detect of DETECTORS) {
    const slip = detect(stumble)
    if (slip !== undefined) return slip
  }
  const { error } = stumble
  const [first = error.message] = error.message.split('\n')
  const message = first.charAt(0).toLowerCase() + first.slice(1)
  return slipAt(error, {
    code: 'yaml/syntax',
    message,
    help: 'check the indentation, the quotes and the colons around here',
  })
}
