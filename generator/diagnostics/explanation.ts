import { explanations } from '../compiled/explanations.js'

/** Why a kind of finding exists, and what it looks like. */
export interface Explanation {
  readonly why: string
  /** A piece of a definition that has the finding, and the same piece as it should be. */
  readonly bad: string
  readonly good: string
  /** Fields that it is about, as `<part>.<field>`, or a whole part. */
  readonly about: readonly string[]
}

/** Every kind of finding by its code, in the order in which a file is read. */
export const explanationByCode: Readonly<Record<string, Explanation>> = explanations
