import { closest } from '../text/closest.ts'
import type { Connector, Registry } from './connector.ts'

/** A search: words, all of which a connector must contain, and exact values. */
export interface Selection {
  readonly search?: string | undefined
  readonly category?: string | undefined
  readonly auth?: string | undefined
  /** A level, or `none` for the connectors below the first one. */
  readonly level?: string | undefined
}

/** The connectors that match, in the order of the registry. Upper and lower case, hyphens and underscores are equal. */
export function selectConnectors({ connectors }: Registry, selection: Selection): readonly Connector[] {
  const { search = '', category, auth, level } = selection
  const words = wordsOf(search)
  return connectors.filter((connector) => {
    if (category !== undefined && connector.category !== category) return false
    if (auth !== undefined && connector.auth.type !== auth) return false
    if (level !== undefined && (connector.level ?? 'none') !== level) return false
    const text = words.length === 0 ? '' : textOf(connector)
    return words.every((word) => text.includes(word))
  })
}

/** The search with its unknown words corrected, or undefined if all are known or no similar one exists. */
export function suggestedSearch({ connectors }: Registry, search: string): string | undefined {
  const code = closest(
    search,
    connectors.map((connector) => connector.code),
  )
  if (code !== undefined) return code === search ? undefined : code
  const text = connectors.map(textOf).join('\n')
  const known = [...new Set(wordsOf(text))].filter((word) => word.length > 2)
  const words = wordsOf(search)
  const corrected = words.map((word) => (text.includes(word) ? word : closest(word, known)))
  const isCorrected = corrected.every((word) => word !== undefined) && corrected.some((word, at) => word !== words[at])
  return isCorrected ? corrected.join(' ') : undefined
}

function textOf({ code, name, category, vendor, purpose, events }: Connector): string {
  const described = events.flatMap((event) => [event.name, event.summary])
  return plain([code, name, category, vendor, purpose, ...described].join('\n'))
}

function wordsOf(text: string): readonly string[] {
  return plain(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[_-]/g, ' ')
}

/** Without the connectors of base registries. */
export function ownConnectors({ connectors }: Registry): Registry {
  return { connectors: connectors.filter(({ is_base }) => is_base !== true) }
}
