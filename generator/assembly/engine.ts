// What the JavaScript engine is told for large runs. Flags hold for the whole process, its threads included.
import { setFlagsFromString } from 'node:v8'

/**
 * Lets functions run longer before they are optimised (the engine's own measure is 66 KB of bytecode). Left alone, the
 * engine optimises much that is soon done with, or optimised again: a quarter of the CPU time of 1,000 connectors.
 */
export function optimiseLater(): void {
  setFlagsFromString('--interrupt-budget=500000')
}

/**
 * Lets the heaps of this process grow by no more than so many percent before they are cleaned. Left alone, a heap grows
 * to twice of what is in use, which for a large registry is more memory than time is worth.
 */
export function limitHeapGrowth(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`)
}

/** Definitions from which on it matters more how much memory they take than how long it takes to keep that little. */
const LARGE = 2000

export function isLarge(definitions: number): boolean {
  return definitions >= LARGE
}
