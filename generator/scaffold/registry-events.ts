import { isObject } from '../kit/mapping.ts'
import type { EventDraft, RegistryEvent } from './draft.ts'
import { below, entriesOf, listMember, memberAt, textMember } from './json.ts'

/** Reads the `x-` keywords of a schema; undefined for schemas of other documents. */
export function registryEvent(value: unknown): RegistryEvent | undefined {
  const connector = textMember(value, 'x-connector-code')
  const name = textMember(value, 'x-event-type')
  const [, version] = /^HERA\..*\.v([1-9][0-9]{0,3})$/.exec(textMember(value, 'x-smart-code') ?? '') ?? []
  if (connector === undefined || name === undefined || version === undefined) return undefined
  const idempotency = listMember(value, 'x-idempotency-key').filter((key) => typeof key === 'string')
  return { connector, name, version: Number(version), idempotency }
}

/** A part of a registry's document that is not imported. */
interface Loss {
  readonly what: string
  readonly reason: string
  readonly pointer: string
}

/** Whether `generate` wrote an OpenAPI document. */
export function isRegistryDocument(document: unknown): boolean {
  return entriesOf(memberAt(document, 'components'), 'schemas').some(
    ([, schema]) => registryEvent(schema) !== undefined,
  )
}

/** The losses in reading a registry's document. */
export function registryLosses(events: readonly EventDraft[], document: unknown): readonly Loss[] {
  const registered = events.flatMap(({ registry }) => (registry === undefined ? [] : [registry]))
  const pushed = new Set(registered.map(({ connector, name }) => `${connector}.${name}`))
  const connectors = [...new Set(registered.map(({ connector }) => connector))]
  const several = `the document has events of ${connectors.length} connectors; choose with --events "<connector>.*"`
  return [
    ...(connectors.length > 1 ? [{ what: 'further connectors', reason: several, pointer: '/webhooks' }] : []),
    { what: 'the endpoints and the bearer token', reason: 'they are those of HERA', pointer: '/paths' },
    {
      what: 'signatures, handshakes, delivery rules and sample deliveries',
      reason: 'the document only describes the events that are made of deliveries',
      pointer: '/webhooks',
    },
    {
      what: 'smart codes',
      reason: 'they follow from the namespace and the event names of the new definition',
      pointer: '/webhooks',
    },
    ...connectors
      .map((code) => ['components', 'schemas', `${code}.Installation`])
      .filter((place) => memberAt(document, ...place) !== undefined)
      .map((place) => ({
        what: 'the fields of an installation',
        reason: 'describe under `auth` how installers authenticate',
        pointer: below('', ...place),
      })),
    ...entriesOf(memberAt(document, 'components'), 'schemas')
      .filter(([name, schema]) => registryEvent(schema) !== undefined && !pushed.has(name))
      .map(([name]) => ({
        what: 'polled and emitted events',
        reason: 'only events that a connector pushes are read',
        pointer: below('/components/schemas', name),
      })),
    ...marksIn(memberAt(document, 'components', 'schemas'), '/components/schemas'),
  ]
}

/** Levels of nesting that are searched; no document that `generate` wrote has more. */
const DEEPEST = 200

const MARKS = {
  'x-personal-data': {
    what: 'marks of personal data',
    reason: 'list the fields of the chosen events under `privacy.personal_data`',
  },
  'x-unit': { what: 'units', reason: 'add `x-unit` to the fields of the chosen events' },
} as const

function marksIn(value: unknown, pointer: string, depth = 0): readonly Loss[] {
  if (!isObject(value) || depth > DEEPEST) return []
  const own = Object.entries(MARKS)
    .filter(([keyword]) => Object.hasOwn(value, keyword))
    .map(([, mark]): Loss => ({ ...mark, pointer }))
  const inside = Object.entries(value).flatMap(([name, part]) => marksIn(part, below(pointer, name), depth + 1))
  return [...own, ...inside]
}
