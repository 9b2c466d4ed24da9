import { useData, withBase } from 'vitepress'
import { type FunctionalComponent, h } from 'vue'
import { count } from '../../text/count.ts'
import { ConnectorCard } from '../catalogue/connector-card.ts'
import { data } from './welcome.data.ts'

/** What greets on the first page: where to go, and some of the connectors. */
export const HomeWelcome: FunctionalComponent = () => {
  const { page } = useData()
  return h('div', { class: 'welcome' }, [
    h('p', { class: 'welcome-line' }, page.value.description),
    h('p', { class: 'welcome-ways' }, [
      h('a', { class: 'way main-way', href: withBase('/quick-start.html') }, 'Quick start'),
      h('a', { class: 'way', href: withBase('/catalogue.html') }, `Browse ${count(data.count, 'connector')}`),
    ]),
    h(
      'ul',
      { class: 'cards', 'aria-label': 'Connectors' },
      data.cards.map((card) => h(ConnectorCard, { key: card.code, card })),
    ),
  ])
}
