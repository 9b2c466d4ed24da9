import { join } from 'node:path'
import { readRegistry, root } from '../guide.ts'
import { type Card, cardOf } from './card.ts'
import { icons } from './icons.ts'

/** Filled in by VitePress with what `load` gives. */
export declare const data: readonly Card[]

export default {
  watch: [join(root, 'generated', 'json', 'registry.json')],
  load: (): readonly Card[] => readRegistry().connectors.map((connector) => cardOf(connector, icons)),
}
