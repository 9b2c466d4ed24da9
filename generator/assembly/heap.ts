import { setFlagsFromString } from 'node:v8'

/**
 * Lets the heaps of this process grow by no more than so many percent before they are cleaned. Left alone, a heap grows
 * to twice of what is in use, which for a large registry is more memory than time is worth.
 */
export function limitHeapGrowth(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`)
}
