import { computed, defineComponent, h, onMounted, ref, type VNode, watch } from 'vue'
import { count } from '../../text/count.ts'
import { data as cards } from './catalogue.data.ts'
import { ConnectorCard } from './connector-card.ts'
import { type ChoiceKey, choices, type Filter, filterOf, matchingCards, noFilter, queryOf } from './filter.ts'

/**
 * All connectors as cards, which a search and three filters narrow. The address holds what is looked for, so that it can
 * be shared. Without scripts all cards are there, and no filters.
 */
export const ConnectorCatalogue = defineComponent({
  name: 'ConnectorCatalogue',
  setup() {
    const filter = ref<Filter>(noFilter)
    const found = computed(() => matchingCards(cards, filter.value))
    const change = (part: Partial<Filter>) => {
      filter.value = { ...filter.value, ...part }
    }
    onMounted(() => {
      filter.value = known(filterOf(location.search))
      watch(filter, (sought) => {
        history.replaceState(history.state, '', `${location.pathname}${queryOf(sought)}${location.hash}`)
      })
    })
    return () => [
      filters(filter.value, change),
      h('p', { class: 'catalogue-count', role: 'status' }, announcement(found.value.length)),
      found.value.length === 0
        ? h('p', { class: 'catalogue-none' }, [
            'No connector fits. ',
            h('button', { type: 'button', class: 'plain-button', onClick: () => change(noFilter) }, 'Show all'),
          ])
        : h(
            'ul',
            { class: 'cards' },
            found.value.map((card) => h(ConnectorCard, { key: card.code, card })),
          ),
    ]
  },
})

/** An address can ask for a category that there is not, which no choice could show. */
function known({ text, category, authentication, level }: Filter): Filter {
  const offers = (key: ChoiceKey, name: string) => cards.some((card) => card[key].name === name)
  return {
    text,
    category: offers('category', category) ? category : '',
    authentication: offers('authentication', authentication) ? authentication : '',
    level: offers('level', level) ? level : '',
  }
}

function announcement(amount: number): string {
  return amount === cards.length ? count(amount, 'connector') : `${amount} of ${count(cards.length, 'connector')}`
}

function filters(filter: Filter, change: (part: Partial<Filter>) => void): VNode {
  return h(
    'form',
    {
      class: 'catalogue-filters',
      role: 'search',
      'aria-label': 'Connectors',
      onSubmit: (event: Event) => event.preventDefault(),
    },
    [
      field('Search', 'catalogue-text', (id) =>
        h('input', {
          id,
          type: 'search',
          value: filter.text,
          autocomplete: 'off',
          spellcheck: 'false',
          placeholder: 'Name, vendor, event …',
          onInput: (event: Event) => change({ text: typed(event) }),
        }),
      ),
      choice({ label: 'Category', key: 'category' }, filter, change),
      choice({ label: 'Authentication', key: 'authentication' }, filter, change),
      choice({ label: 'Level', key: 'level' }, filter, change),
    ],
  )
}

function field(label: string, id: string, control: (id: string) => VNode): VNode {
  return h('div', { class: 'catalogue-field' }, [h('label', { for: id }, label), control(id)])
}

interface Dropdown {
  readonly label: string
  readonly key: ChoiceKey
}

/** The values of all cards to choose one from, each with the number of its cards. */
function choice({ label, key }: Dropdown, filter: Filter, change: (part: Partial<Filter>) => void): VNode {
  return field(label, `catalogue-${key}`, (id) =>
    h('select', { id, value: filter[key], onChange: (event: Event) => change({ [key]: typed(event) }) }, [
      h('option', { value: '' }, 'All'),
      ...choices(cards, key).map(({ name, title, count }) => h('option', { value: name }, `${title} (${count})`)),
    ]),
  )
}

function typed({ target }: Event): string {
  return (target as HTMLInputElement | HTMLSelectElement).value
}
