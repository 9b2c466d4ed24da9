import { compareText } from '../../text/compare-text.ts'
import type { Card, Choice } from './card.ts'

/** What a reader looks for; an empty text asks for nothing. */
export interface Filter {
  readonly text: string
  readonly category: string
  readonly authentication: string
  readonly level: string
}

/** The parts of a filter that are a choice. */
export type ChoiceKey = Exclude<keyof Filter, 'text'>

export const noFilter: Filter = { text: '', category: '', authentication: '', level: '' }

const CHOICES: readonly ChoiceKey[] = ['category', 'authentication', 'level']

/** The cards that fit all of the filter, in their order. */
export function matchingCards(cards: readonly Card[], filter: Filter): readonly Card[] {
  const words = folded(filter.text).split(/\s+/).filter(Boolean)
  return cards.filter(
    (card) =>
      CHOICES.every((key) => filter[key] === '' || card[key].name === filter[key]) &&
      (words.length === 0 || holdsAll(searchable(card), words)),
  )
}

function holdsAll(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(word))
}

const texts = new WeakMap<Card, string>()

/** All that is searched of a card, made once. */
function searchable(card: Card): string {
  const known = texts.get(card)
  if (known !== undefined) return known
  const { name, code, vendor, purpose, category, authentication, events } = card
  const parts = [name, code, vendor, purpose, category.title, authentication.title, ...events]
  const text = folded(parts.join('\n'))
  texts.set(card, text)
  return text
}

/** Without case and accents, by which nobody searches. */
function folded(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

const NAMES = { text: 'q', category: 'category', authentication: 'auth', level: 'level' } as const

/** The filter that an address asks for: `?q=lead&category=crm`. */
export function filterOf(query: string): Filter {
  const parameters = new URLSearchParams(query)
  const value = (key: keyof Filter) => parameters.get(NAMES[key]) ?? ''
  return {
    text: value('text'),
    category: value('category'),
    authentication: value('authentication'),
    level: value('level'),
  }
}

/** The query of an address that asks for the filter; empty for nothing. */
export function queryOf(filter: Filter): string {
  const parameters = new URLSearchParams()
  for (const key of ['text', ...CHOICES] as const) {
    const value = filter[key].trim()
    if (value !== '') parameters.set(NAMES[key], value)
  }
  const query = parameters.toString()
  return query === '' ? '' : `?${query}`
}

/** What there is to choose from, by title, and how many cards have it. */
export function choices(cards: readonly Card[], key: ChoiceKey): readonly (Choice & { readonly count: number })[] {
  const counts = new Map<string, number>()
  for (const card of cards) counts.set(card[key].name, (counts.get(card[key].name) ?? 0) + 1)
  const titles = new Map(cards.map((card) => [card[key].name, card[key].title]))
  return [...titles]
    .map(([name, title]) => ({ name, title, count: counts.get(name) ?? 0 }))
    .sort((left, right) => compareText(left.title, right.title))
}
