import { join } from 'node:path'
import { type Card, cardOf } from '../catalogue/card.ts'
import { icons } from '../catalogue/icons.ts'
import { readRegistry, root } from '../guide.ts'

/** So many cards greet; the catalogue has the rest. */
const MOST_CARDS = 6

interface Greeting {
  readonly count: number
  readonly cards: readonly Card[]
}

/** Filled in by VitePress with what `load` gives. */
export declare const data: Greeting

export default {
  watch: [join(root, 'generated', 'json', 'registry.json')],
  load(): Greeting {
    const { connectors } = readRegistry()
    return {
      count: connectors.length,
      cards: connectors.slice(0, MOST_CARDS).map((connector) => cardOf(connector, icons)),
    }
  },
}
