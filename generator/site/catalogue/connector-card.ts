import { withBase } from 'vitepress'
import { type FunctionalComponent, h, type VNode } from 'vue'
import { count } from '../../text/count.ts'
import type { Card } from './card.ts'

/** One connector as an item of a list of cards; all of the card leads to its page. */
export const ConnectorCard: FunctionalComponent<{ readonly card: Card }> = ({ card }) =>
  h('li', { class: 'card' }, [
    icon(card),
    h('h2', { class: 'card-name' }, h('a', { href: withBase(`/connectors/${card.code}.html`) }, card.name)),
    h('p', { class: 'card-vendor' }, card.vendor),
    h('p', { class: 'card-purpose' }, card.purpose),
    h('ul', { class: 'card-facts', 'aria-label': 'Facts' }, facts(card)),
  ])

function facts({ category, authentication, level, events, status }: Card): VNode[] {
  const words = [category.title, authentication.title, level.title, count(events.length, 'event')]
  // What can simply be used needs no mark.
  const marked = status === 'active' ? words : [...words, status]
  return marked.map((word) => h('li', { class: { 'card-status': word === status } }, word))
}

function icon({ icon: drawing, name }: Card): VNode {
  if (drawing === undefined) return h('span', { class: 'card-icon', 'aria-hidden': 'true' }, name.slice(0, 1))
  return h('svg', { class: 'card-icon', viewBox: '0 0 24 24', 'aria-hidden': 'true', innerHTML: drawing })
}
ConnectorCard.props = ['card']
