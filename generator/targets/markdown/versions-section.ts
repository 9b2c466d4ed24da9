import type { Connector } from '../../model/connector.ts'
import { formatDeprecation } from './format-limits.ts'
import type { Markdown } from './markdown.ts'
import { addressLink, code, codeLink, join, list, nothing, table, text } from './markdown.ts'

type Deprecation = NonNullable<Connector['deprecated']>

/** What changed from version to version, and what is on its way out. */
export function versionsView(connector: Connector): object {
  const { version, changes = [], links } = connector
  return {
    version: text(version),
    changes: table(
      ['version', 'released', 'what changed'],
      changes.map((change) => [
        text(change.version),
        text(change.date ?? 'not yet'),
        join(
          change.notes.map((note) => text(note)),
          ' ',
        ),
      ]),
    ),
    deprecations: list(deprecations(connector)),
    changelog: links.changelog === undefined ? nothing : addressLink(links.changelog),
  }
}

function deprecations({ events, auth, api }: Connector): readonly Markdown[] {
  return [
    ...events.flatMap(({ name, deprecated }) =>
      deprecated === undefined ? [] : [item('Event', codeLink(name, `#${name}`), deprecated)],
    ),
    ...auth.scopes.flatMap(({ name, deprecated }) =>
      deprecated === undefined ? [] : [item('Scope', code(name), deprecated)],
    ),
    ...api.endpoints.flatMap(({ name, deprecated }) =>
      deprecated === undefined ? [] : [item('Endpoint', code(name), deprecated)],
    ),
  ]
}

function item(kind: string, name: Markdown, deprecated: Deprecation): Markdown {
  return join([join([text(kind), name], ' '), text(formatDeprecation(deprecated))], ': ')
}
