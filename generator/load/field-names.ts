import type { KeyOrder } from '../compiled/format.js'
import { keyOrders } from '../compiled/format.js'

/** Whether a word is the name of a field, in whatever part of the format. */
export function isFieldName(word: string): boolean {
  return FIELD_NAMES.has(word)
}

const FIELD_NAMES: ReadonlySet<string> = new Set([keyOrders, ...Object.values(keyOrders.$defs)].flatMap(namesIn))

function namesIn({ properties = {}, items, additionalProperties }: KeyOrder): readonly string[] {
  const inside = [...Object.values(properties), items, additionalProperties].filter((part) => part !== undefined)
  return [...Object.keys(properties), ...inside.flatMap(namesIn)]
}
