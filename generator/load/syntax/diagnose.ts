import { bracketDetectors } from './brackets.ts'
import { characterDetectors } from './characters.ts'
import { colonDetectors } from './colons.ts'
import { dashDetectors } from './dashes.ts'
import { indentation } from './indentation.ts'
import { quoteDetectors } from './quotes.ts'
import type { Detector, ParserError, SyntaxDiagnosis } from './syntax-diagnosis.ts'
import { diagnosisAt } from './syntax-diagnosis.ts'

/** The first to recognize its cause wins: certain causes come before likely ones. */
const DETECTORS: readonly Detector[] = [
  ...characterDetectors,
  ...bracketDetectors,
  ...quoteDetectors,
  ...dashDetectors,
  ...colonDetectors,
  indentation,
]

export function diagnose(parserError: ParserError): SyntaxDiagnosis {
  for (const detect of DETECTORS) {
    const diagnosis = detect(parserError)
    if (diagnosis !== undefined) return diagnosis
  }
  const { error } = parserError
  const [first = error.message] = error.message.split('\n')
  const message = first.charAt(0).toLowerCase() + first.slice(1)
  return diagnosisAt(error, {
    code: 'yaml/syntax',
    message,
    help: 'check the indentation, the quotes and the colons around here',
  })
}
