import { lt } from 'semver'
import type { Definition } from '../../compiled/definition.ts'
import { snippet } from '../../diagnostics/explanation.ts'
import { addressProblem as guardProblem } from '../../kit/outgoing.ts'
import { namesIn } from '../../load/samples.ts'
import type { ValuePath } from '../../load/source-document.ts'
import { resolves } from '../../model/json-pointer.ts'
import { suggestion } from '../../text/closest.ts'
import { sampleOf } from '../../vocabulary/auth-templates.ts'
import { leavesOf } from './leaves.ts'
import type { RuleTable } from './rule.ts'

/** Keys that every connector_config has; a capability list must not overwrite one. */
const CONFIG_KEYS: readonly string[] = [
  'display_name',
  'description',
  'category',
  'auth_type',
  'version',
  'status',
  'icon',
  'vendor',
  'documentation_url',
  'supported_events',
  'event_mappings',
  'authentication',
  'api_endpoints',
  'webhook_config',
  'rate_limits',
  'purpose',
  'links',
  'privacy',
  'setup',
  'troubleshooting',
  'deprecated',
  'replaced_by',
  'namespace',
  'code',
  'name',
]

const WITH_ADDRESSES: readonly (keyof Definition)[] = ['sources', 'links', 'auth', 'api', 'webhook', 'setup']

const EVERYTHING: readonly (keyof Definition)[] = [
  'description',
  'purpose',
  'sources',
  'links',
  'auth',
  'api',
  'rate_limits',
  'privacy',
  'events',
  'webhook',
  'setup',
  'troubleshooting',
  'changes',
]

export const definitionRules = {
  'file/name': {
    scope: 'definition',
    summary: 'The file name is the code.',
    help: 'rename the file or correct the code: both must be the same word',
    why: 'Whoever knows the code finds the file, and the code is said in one place.',
    about: ['definition.code'],
    bad: snippet`
      # definitions/orbit-crm.yaml
      code: orbit
    `,
    good: snippet`
      # definitions/orbit-crm.yaml
      code: orbit-crm
    `,
    reads: ['code'],
    check({ code }, report, { stem }) {
      // A reserved code has its own finding, and no file should get its name.
      if (code !== stem && !isReserved(code))
        report(['code'], `the code is "${code}", but the file is called "${stem}.yaml"`)
    },
  },
  'file/reserved-name': {
    scope: 'definition',
    summary: 'No code or sample file has a name that Windows reserves for a device.',
    help: 'use another name, such as one with the word api behind it',
    why: 'Windows cannot create files of these names, so nobody there could check out the repository.',
    about: ['definition.code', 'sample.file'],
    bad: snippet`
      code: con
      name: Orbit CRM
    `,
    good: snippet`
      code: orbit-crm
      name: Orbit CRM
    `,
    reads: ['code'],
    check({ code, webhook }, report) {
      if (isReserved(code)) report(['code'], `"${code}" is the name of a device on Windows`)
      for (const { name, path } of namesIn({ webhook })) {
        if (name.split('/').some(isReserved)) report(path, `"${name}" is the name of a device on Windows`)
      }
    },
  },
  'status/incomplete': {
    scope: 'definition',
    summary: 'Only a draft leaves out what the runtime and the guide need.',
    help: "look it up in the vendor's documentation, or set the status to draft",
    why: 'A draft contains what is known so far; what is offered to installers must work.',
    about: ['definition.status', 'auth.type', 'auth.fields', 'api.base_url', 'webhook.signatures'],
    bad: snippet`
      links:
        documentation: https://developers.acme.example/docs
    `,
    good: snippet`
      links:
        documentation: https://developers.acme.example/docs
        support: https://developers.acme.example/support
    `,
    reads: ['status', 'sources', 'links', 'auth', 'api', 'events', 'webhook'],
    check(definition, report) {
      if (definition.status === 'draft') return
      for (const { path, name } of missingFacts(definition))
        report(path, `"${name}" is missing, and the status is ${definition.status}`)
    },
  },
  'url/not-https': {
    scope: 'definition',
    summary: 'Every address is https, complete, and without a name or password.',
    help: 'write the https:// address',
    why: 'Addresses are followed with credentials and by readers of the guide; without TLS anyone between can read and change.',
    about: [
      'links.documentation',
      'links.support',
      'links.console',
      'source.url',
      'auth.token_url',
      'auth.authorization_url',
      'step.url',
    ],
    bad: 'support: http://developers.acme.example/support',
    good: 'support: https://developers.acme.example/support',
    reads: WITH_ADDRESSES,
    check(definition, report) {
      for (const { value, path } of leavesOf(definition)) {
        if (typeof value !== 'string' || !isAddressField(path)) continue
        const problem = addressProblem(sampleUrl(path, value))
        if (problem !== undefined) report(path, `"${value}" ${problem.what}`, problem.help)
      }
    },
  },
  'url/not-public': {
    scope: 'definition',
    summary: 'Every address is one on the internet.',
    help: "write the vendor's public address",
    why: 'Requests with credentials go to these addresses; one on a private network could be a service that trusts its neighbours.',
    about: [
      'links.documentation',
      'links.support',
      'links.console',
      'source.url',
      'auth.token_url',
      'auth.authorization_url',
      'api.base_url',
      'step.url',
    ],
    bad: 'support: https://169.254.169.254/support',
    good: 'support: https://developers.acme.example/support',
    reads: WITH_ADDRESSES,
    check(definition, report) {
      for (const { value, path } of leavesOf(definition)) {
        if (typeof value !== 'string' || !isAddressField(path)) continue
        // The guard of the kit decides, so that a definition has no address that the kit refuses.
        if (guardProblem(sampleUrl(path, value)) === 'not_public')
          report(path, `"${value}" is not an address on the internet`)
      }
    },
  },
  'source/unknown': {
    scope: 'definition',
    summary: 'Every `cites` names a source that is listed under `sources`.',
    help: 'add the source under sources, or name one that is there',
    why: 'A fact is as good as its source; a source that is not listed cannot be looked up.',
    about: ['definition.sources', 'scope.cites', 'endpoint.cites', 'event.cites'],
    bad: 'cites: [acme-doc, acme-blog]',
    good: 'cites: [acme-docs, acme-blog]',
    reads: EVERYTHING,
    check(definition, report) {
      const known = Object.keys(definition.sources)
      for (const { value, path } of leavesOf(definition)) {
        if (!isCitation(path) || typeof value !== 'string' || Object.hasOwn(definition.sources, value)) continue
        report(path, `no source "${value}"${suggestion(value, known)}`)
      }
    },
  },
  'status/unexplained': {
    scope: 'definition',
    summary: 'A deprecated or retired connector says why, and what to use instead.',
    help: 'add `deprecated` with a reason and what to do instead',
    why: 'Tenants who have it installed must learn why it ends and what to do instead.',
    about: ['definition.status', 'definition.deprecated'],
    bad: 'status: deprecated',
    good: 'status: active',
    reads: ['status', 'deprecated'],
    check({ status, deprecated }, report) {
      const ends = status === 'deprecated' || status === 'retired'
      if (ends && deprecated === undefined)
        report(['status'], `the status is ${status}, but nothing says what to use instead`)
      if (!ends && deprecated !== undefined) {
        report(
          ['deprecated'],
          `the status is ${status}, yet \`deprecated\` is there`,
          'set the status to deprecated or retired, or remove this',
        )
      }
    },
  },
  'changes/order': {
    scope: 'definition',
    summary: 'The history of changes begins with the present version, and each entry is older than the one above it.',
    help: 'put an entry for the present version first, and the older ones below it',
    why: "Whoever reads the connector's page looks first for what the version at hand has brought.",
    about: ['definition.changes', 'change.version'],
    bad: '- version: 1.3.0',
    good: '- version: 1.2.3',
    reads: ['version', 'changes'],
    check({ version, changes = [] }, report) {
      for (const [index, entry] of changes.entries()) {
        const above = changes[index - 1]?.version
        if (above === undefined && entry.version !== version)
          report(['changes', index, 'version'], `the definition is ${version}, but its newest change ${entry.version}`)
        if (above !== undefined && !lt(entry.version, above))
          report(['changes', index, 'version'], `${entry.version} is not older than ${above} above it`)
      }
    },
  },
  'capability/reserved-name': {
    scope: 'definition',
    summary: 'No capability list is called like a key that connector_config has anyway.',
    help: 'choose another name for the list',
    why: 'Each capability becomes a key of connector_config, where it would overwrite one that HERA reads.',
    about: ['definition.capabilities'],
    bad: 'webhook_config: [contacts, companies]',
    good: 'sync_objects: [contacts, companies]',
    reads: ['capabilities'],
    at: 'key',
    check({ capabilities }, report) {
      for (const name of Object.keys(capabilities ?? {})) {
        if (CONFIG_KEYS.includes(name)) report(['capabilities', name], `"${name}" is a key of connector_config already`)
      }
    },
  },
  'privacy/pointer-unresolved': {
    scope: 'definition',
    summary: 'Every personal-data pointer points at a field that some event declares.',
    help: "point at a field of an event's data, such as /from",
    why: 'Masking and erasure go by these pointers; one that points at nothing leaves personal data where they are.',
    about: ['privacy.personal_data'],
    bad: 'personal_data: [/email, /address/stret]',
    good: 'personal_data: [/email, /address/street]',
    reads: ['privacy', 'events'],
    check({ privacy, events = {} }, report) {
      const known = pointersOf(events)
      for (const [index, pointer] of (privacy?.personal_data ?? []).entries()) {
        if (Object.values(events).some(({ data }) => resolves(data, pointer))) continue
        const path = ['privacy', 'personal_data', index]
        if (/[ ;]/.test(pointer)) report(path, ...missingComma(pointer))
        else report(path, `no event has a field at "${pointer}"${suggestion(pointer, known)}`)
      }
    },
  },
  'privacy/event-unknown': {
    scope: 'definition',
    summary: 'Every retention period applies to events of the connector.',
    help: 'name an event under events',
    why: 'Data is deleted by these periods; one for an unknown event leaves that data in the database.',
    about: ['privacy.retention.periods[].events'],
    bad: 'periods: [{ keep: P30D, events: [contact_creatd] }]',
    good: 'periods: [{ keep: P30D, events: [contact_created] }]',
    reads: ['privacy', 'events'],
    check({ privacy, events = {} }, report) {
      const known = Object.keys(events)
      for (const [index, period] of (privacy?.retention.periods ?? []).entries())
        for (const [at, event] of period.events.entries())
          if (!known.includes(event))
            report(
              ['privacy', 'retention', 'periods', index, 'events', at],
              `no event "${event}"${suggestion(event, known)}`,
            )
    },
  },
} satisfies RuleTable

/** With any extension; see "Naming Files, Paths, and Namespaces" of Microsoft. */
function isReserved(name: string): boolean {
  return /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i.test(name.trimEnd())
}

function isAddressField(path: readonly (string | number)[]): boolean {
  const [part, inside] = path
  if (part === 'links' && path.length === 2) return true
  const name = path.at(-1)
  if (typeof name !== 'string' || !(name === 'url' || name.endsWith('_url'))) return false
  // The fields of an event can be called url, too; under deliveries stands where they come from.
  if (inside === 'fields' || (part === 'webhook' && inside === 'deliveries')) return false
  // Templates.
  if (part === 'webhook' && inside === 'subscriptions') return false
  return WITH_ADDRESSES.some((one) => one === part)
}

/** The addresses of authentication and of the API are templates. */
function sampleUrl([part]: readonly (string | number)[], text: string): string {
  return part === 'auth' || part === 'api' ? sampleOf(text) : text
}

function addressProblem(text: string): { readonly what: string; readonly help?: string } | undefined {
  // A browser takes one slash for two.
  if (!URL.canParse(text) || /^https?:\/?(?!\/)/.test(text)) return { what: 'is not a complete web address' }
  const { protocol, username, password } = new URL(text)
  if (protocol !== 'https:') return { what: `begins with ${protocol}//, not https://` }
  if (username === '' && password === '') return undefined
  return { what: 'holds a name or password', help: 'delete the name and password before the @' }
}

function isCitation(path: readonly (string | number)[]): boolean {
  return path.at(-1) === 'cites' || (path.at(-2) === 'cites' && typeof path.at(-1) === 'number')
}

function pointersOf(events: NonNullable<Definition['events']>): readonly string[] {
  return [
    ...new Set(
      Object.values(events).flatMap(({ data }) => Object.keys(data.properties ?? {}).map((name) => `/${name}`)),
    ),
  ]
}

/** The message and help for two entries of a list without a comma between them. */
export function missingComma(text: string): readonly [message: string, help: string] {
  return [`"${text}" holds a ${text.includes(';') ? 'semicolon' : 'space'}`, 'put a comma between the two']
}

interface MissingFact {
  readonly path: ValuePath
  readonly name: string
}

function missingFacts({ sources, links, auth, api, events = {}, webhook }: Definition): readonly MissingFact[] {
  const gaps: readonly (readonly [part: string, name: string, value: unknown])[] = [
    ['sources', 'sources', Object.keys(sources).length === 0 ? undefined : sources],
    ['links', 'documentation', links.documentation],
    ['links', 'support', links.support],
    ['auth', 'type', auth.type === 'unknown' ? undefined : auth.type],
    ['auth', 'fields', auth.fields],
    ['api', 'base_url', api.base_url ?? api.environments],
    ['api', 'endpoints', api.endpoints],
    ...(webhook === undefined
      ? []
      : ([
          ['webhook', 'signatures', webhook.signatures],
          ['webhook', 'delivery', webhook.delivery],
          ['webhook', 'setup', webhook.setup],
        ] as const)),
  ]
  return [
    ...gaps.flatMap(([part, name, value]) => (value === undefined ? [{ path: [part], name }] : [])),
    ...Object.entries(events).flatMap(([event, { idempotency_key: key }]) =>
      key === undefined ? [{ path: ['events', event], name: 'idempotency_key' }] : [],
    ),
  ]
}
