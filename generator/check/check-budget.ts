import type { DataSchema } from '../compiled/definition.ts'
import { PatternChecker } from './patterns/pattern-time.ts'
import { expandedSize } from './rules/subschemas.ts'

/** Schemas of an event with every reference written out; the largest of a usual connector has a hundred. */
const MOST_SCHEMAS = 10_000
/** Steps for all examples of a definition: schemas times values. A usual definition needs a few thousand. */
const EXAMPLE_STEPS = 20_000_000

/**
 * How much work the checks of one definition may take. It is counted, and not timed, so that the same definition gives
 * the same findings on every machine.
 */
export class CheckBudget {
  readonly patterns = new PatternChecker()
  readonly #sizes = new WeakMap<DataSchema, number>()
  #left = EXAMPLE_STEPS

  /** Why the checks of the examples were not completed. */
  get problem(): string | undefined {
    return this.#left < 0 ? `its examples take more than ${EXAMPLE_STEPS} steps to check` : undefined
  }

  /** Why examples of a schema are not checked, however small they are. */
  schemaProblem(schema: DataSchema): string | undefined {
    return this.#sizeOf(schema) > MOST_SCHEMAS
      ? `the data has more than ${MOST_SCHEMAS} schemas once its references are written out`
      : undefined
  }

  /** Takes what it costs to validate an example; false where that is more than is left. */
  spend(schema: DataSchema, example: unknown): boolean {
    if (this.#left < 0 || this.schemaProblem(schema) !== undefined) return false
    const values = valuesIn(example)
    // Whether all elements of a list differ is found by comparing each with each.
    const comparisons = JSON.stringify(schema).includes('"uniqueItems":true') ? values ** 2 : 0
    this.#left -= this.#sizeOf(schema) * values + comparisons
    return this.#left >= 0
  }

  #sizeOf(schema: DataSchema): number {
    const size = this.#sizes.get(schema) ?? expandedSize(schema)
    this.#sizes.set(schema, size)
    return size
  }
}

function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce<number>((count, inside) => count + valuesIn(inside), 1)
}

const budgets = new WeakMap<object, CheckBudget>()

/** The budget of a definition, which all its rules share. */
export function budgetOf(definition: object): CheckBudget {
  const budget = budgets.get(definition) ?? new CheckBudget()
  budgets.set(definition, budget)
  return budget
}
