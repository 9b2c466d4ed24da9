import type { Connector } from '../../model/connector.ts'
import { AUTHENTICATION } from '../../targets/markdown/authentication.ts'
import { categoryOf } from '../../targets/markdown/category.ts'

/** What the catalogue says of a connector. */
export interface Card {
  readonly code: string
  readonly name: string
  readonly vendor: string
  readonly purpose: string
  readonly category: Choice
  readonly authentication: Choice
  readonly level: Choice
  readonly status: Connector['status']
  /** Names of the events, which one may look for. */
  readonly events: readonly string[]
  /** What the icon's drawing is made of, as SVG; none where the icon is not known. */
  readonly icon: string | undefined
}

/** A value by which cards are filtered: how an address names it, and how people do. */
export interface Choice {
  readonly name: string
  readonly title: string
}

/** What there is to draw an icon with. */
export interface Icons {
  readonly icons: Readonly<Record<string, { readonly body: string }>>
  readonly aliases?: Readonly<Record<string, { readonly parent: string }>>
}

const LEVEL_TITLES = { none: 'No level yet', listed: 'Listed', typed: 'Typed', proven: 'Proven' } as const

export function cardOf(connector: Connector, icons: Icons): Card {
  const { code, name, vendor, purpose, category, auth, status, level = 'none' } = connector
  return {
    code,
    name,
    vendor,
    purpose,
    status,
    category: { name: category, title: categoryOf(connector).title },
    authentication: { name: auth.type, title: AUTHENTICATION[auth.type] },
    level: { name: level, title: LEVEL_TITLES[level] },
    events: connector.events.map((event) => event.name),
    icon: drawing(connector.icon, icons),
  }
}

function drawing(name: string, { icons, aliases = {} }: Icons): string | undefined {
  return (icons[name] ?? icons[aliases[name]?.parent ?? ''])?.body
}
