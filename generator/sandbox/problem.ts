import type { Problem } from '../kit/gateway-problem.ts'
import type { Mask } from './masking.ts'

/** A problem with its secrets masked. */
export function maskedProblem({ error, message, ...others }: Problem, mask: Mask): Problem {
  return { ...others, error: mask(error), ...(message === undefined ? {} : { message: mask(message) }) }
}
