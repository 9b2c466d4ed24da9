import { render } from '../../compiled/templates.js'
import type { Connector, ConnectorEvent, OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { durationWords, limitWords } from './limit-words.ts'
import type { Markdown } from './markdown.ts'
import { code, codes, fence, join, link, list, paragraphs, table, text, yamlString } from './markdown.ts'
import { propertyTable } from './property-rows.ts'
import { eventUsage, installUsage } from './usage.ts'

/** Everything about one connector on one page. */
export function connectorPage(connector: Connector): OutputFile {
  const view = {
    header: headerLines(connector),
    title: yamlString(connector.name),
    description: yamlString(connector.purpose),
    name: text(connector.name),
    banner: banner(connector),
    purpose: text(connector.purpose),
    about: paragraphs(connector.description),
    glance: glance(connector),
    setup: steps(connector.setup),
    install: fence('ts', installUsage(connector)),
    ...authenticationView(connector),
    events_overview: eventsOverview(connector),
    events: connector.events.map((event) => eventView(connector, event)),
    ...webhookView(connector),
    ...apiView(connector),
    rate_limits: rateLimits(connector),
    response_headers: responseHeaders(connector),
    capabilities: Object.entries(connector.capabilities).map(([name, entries]) => ({
      name: code(name),
      entries: codes(entries),
    })),
    troubleshooting: connector.troubleshooting.map(({ problem, causes, fix }) => ({
      problem: text(problem),
      causes: list(causes.map(text)),
      fix: text(fix),
    })),
    ...privacyView(connector),
    links: links(connector),
    sources: list(Object.values(connector.sources).map(source)),
  }
  return { path: `docs/connectors/${connector.code}.md`, text: render('markdown/connector', view) }
}

function banner({ status, deprecated, replaced_by }: Connector): Markdown {
  if (status === 'draft') return text('This connector is a draft and is not offered yet.')
  if (deprecated === undefined) return '' as Markdown
  const pieces = [text(`This connector is ${status}. ${deprecated.reason} ${deprecated.instead}`)]
  if (replaced_by !== undefined) pieces.push(link(replaced_by, `${replaced_by}.md`))
  return join(pieces, ' ')
}

function glance(connector: Connector): Markdown {
  const { auth, api, webhook } = connector
  const rows: readonly (readonly [string, Markdown])[] = [
    ['Code', code(connector.code)],
    ['Vendor', text(connector.vendor)],
    ['Category', text(connector.category)],
    ['Authentication', text(AUTHENTICATION[auth.type])],
    ['API', join([code(api.base_url), text(api.version === undefined ? '' : `version ${api.version}`)], ' ')],
    ['Webhook', text(webhook.required ? 'required' : 'optional')],
    ['Smart code', code(connector.smart_code)],
    ['Definition', text(`version ${connector.version}, ${connector.status}`)],
  ]
  return table(
    ['', ''],
    rows.map(([name, value]) => [text(name), value]),
  )
}

export const AUTHENTICATION = { api_key: 'API key', oauth2: 'OAuth 2.0', webhook: 'Webhook URL' } as const

function steps(all: Connector['setup']): Markdown {
  const items = all.map(({ title, description, url }) =>
    join(
      [`**${text(title)}.**` as Markdown, text(description), url === undefined ? ('' as Markdown) : link('Open', url)],
      ' ',
    ),
  )
  return list(
    items.map((item) => item.trimEnd() as Markdown),
    'numbered',
  )
}

function authenticationView({ auth }: Connector): object {
  const current = auth.scopes.filter(({ deprecated }) => deprecated === undefined)
  const retired = auth.scopes.filter(({ deprecated }) => deprecated !== undefined)
  return {
    auth_type: text(AUTHENTICATION[auth.type]),
    auth_summary: text(auth.summary),
    fields: table(
      ['field', 'label', 'type', 'required', 'what it is', 'where to find it'],
      auth.fields.map((field) => [
        code(field.name),
        text(field.label),
        text(field.sensitive && field.type !== 'secret' ? `${field.type}, keep secret` : field.type),
        text(field.required ? 'yes' : neededFor(field.used_for)),
        text(field.description),
        text(field.where_to_find),
      ]),
    ),
    addresses: table(['address', 'URL'], addresses(auth)),
    tokens: table(
      ['token', 'lives', 'what it is'],
      auth.tokens.map(({ name, lifetime_seconds, expires = true, description }) => [
        text(name),
        text(
          lifetime_seconds === undefined
            ? expires
              ? 'see beside'
              : 'does not expire'
            : durationWords(lifetime_seconds),
        ),
        text(description),
      ]),
    ),
    refresh: auth.refresh === undefined ? '' : text(auth.refresh.description),
    scopes: table(
      ['scope', 'required', 'what it allows', 'access'],
      current.map(({ name, required, description, access = '' }) => [
        code(name),
        text(required ? 'yes' : ''),
        text(description),
        text(access),
      ]),
    ),
    retired_scopes: table(
      ['scope', 'why', 'instead', 'replaced by'],
      retired.map(({ name, deprecated, replaced_by = [] }) => [
        code(name),
        text([deprecated?.reason, deprecated?.since === undefined ? '' : `Since ${deprecated.since}.`].join(' ')),
        text(deprecated?.instead ?? ''),
        codes(replaced_by),
      ]),
    ),
  }
}

function neededFor(uses: readonly string[]): string {
  return uses.length === 0 ? '' : `for ${uses.join(', ')}`
}

function addresses(auth: Connector['auth']): readonly (readonly Markdown[])[] {
  const named: readonly (readonly [string, string | undefined])[] = [
    ['authorization', auth.authorization_url],
    ['token', auth.token_url],
    ['revocation', auth.revocation_url],
    ['introspection', auth.introspection_url],
  ]
  return named.flatMap(([name, url]) => (url === undefined ? [] : [[text(name), code(url)]]))
}

const ARRIVAL = { webhook: 'by webhook', poll: 'polled', emitted: 'recorded by us' } as const

function eventsOverview({ events }: Connector): Markdown {
  return table(
    ['event', 'what it says', 'direction', 'arrives', 'smart code'],
    events.map((event) => [
      `[${code(event.name)}](#${event.name})` as Markdown,
      text(`${event.summary}${event.deprecated === undefined ? '' : ' (deprecated)'}`),
      text(event.direction),
      text(ARRIVAL[event.source]),
      code(event.smart_code),
    ]),
  )
}

function eventView(connector: Connector, event: ConnectorEvent): object {
  const [first, ...more] = event.examples
  return {
    heading: code(event.name),
    summary: text(event.summary),
    description: paragraphs(event.description ?? ''),
    banner: eventBanner(event),
    facts: table(['', ''], eventFacts(event)),
    properties: propertyTable(event),
    open: event.data.additionalProperties === true,
    example: fence('json', JSON.stringify(first?.data ?? {}, null, 2)),
    more: more.map(({ summary = '', data }) => ({
      summary: text(summary),
      json: fence('json', JSON.stringify(data, null, 2)),
    })),
    usage: fence('ts', eventUsage(connector, event)),
  }
}

function eventBanner({ deprecated, replaced_by }: ConnectorEvent): Markdown {
  if (deprecated === undefined) return '' as Markdown
  const since = deprecated.since === undefined ? '' : ` since ${deprecated.since}`
  const said = text(`Deprecated${since}. ${deprecated.reason} ${deprecated.instead}`)
  return replaced_by === undefined ? said : join([said, `[${code(replaced_by)}](#${replaced_by})` as Markdown], ' ')
}

function eventFacts(event: ConnectorEvent): readonly (readonly Markdown[])[] {
  const { origin, poll, scopes } = event
  const rows: readonly (readonly [string, Markdown | undefined])[] = [
    ['Direction', text(event.direction)],
    ['Arrives', text(ARRIVAL[event.source])],
    ['Made from', origin === undefined ? undefined : text(origin)],
    [
      'Poll',
      poll === undefined
        ? undefined
        : join([code(poll.endpoint), text(`${poll.description} Cursor: ${poll.cursor}.`)], ': '),
    ],
    ['Every', poll?.interval_seconds === undefined ? undefined : text(durationWords(poll.interval_seconds))],
    ['Scopes', scopes.length === 0 ? undefined : codes(scopes)],
    ['Idempotency key', codes(event.idempotency_key)],
    ['Smart code', code(event.smart_code)],
  ]
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[text(name), value]]))
}

function webhookView({ webhook }: Connector): object {
  const { handshake, signatures, delivery } = webhook
  return {
    webhook_summary: text(webhook.summary),
    webhook_setup: steps(webhook.setup),
    handshake: handshake === undefined ? '' : text(handshake.description),
    handshake_facts: handshake === undefined ? '' : table(['', ''], handshakeFacts(handshake)),
    signatures: signatures.map((signature) => ({
      name: text(signature.weak === true ? `${signature.name} (weak: allow it by name only)` : signature.name),
      description: text(signature.description),
      facts: table(['', ''], signatureFacts(signature)),
    })),
    delivery: table(['', ''], deliveryFacts(delivery)),
  }
}

type Handshake = NonNullable<Connector['webhook']['handshake']>
type Signature = Connector['webhook']['signatures'][number]

function handshakeFacts({
  method,
  challenge,
  expect = [],
  proof,
  answer,
  time_limit_seconds,
}: Handshake): readonly (readonly Markdown[])[] {
  const rows: readonly (readonly [string, Markdown | undefined])[] = [
    ['Request', join([code(method), text(`with the challenge in the ${challenge.in},`), code(challenge.name)], ' ')],
    ...expect.map(({ name, equals, field }): readonly [string, Markdown] => [
      'Must hold',
      equals === undefined
        ? join([code(name), text('equals the field'), code(field ?? '')], ' ')
        : join([code(name), text('is'), code(equals)], ' '),
    ]),
    [
      'Proof',
      proof === undefined
        ? undefined
        : join(
            [
              code(proof.algorithm),
              text('of'),
              code(proof.signed),
              text('with the key'),
              code(proof.secret),
              text(`as ${proof.encoding}`),
            ],
            ' ',
          ),
    ],
    [
      'Answer',
      join([text(`status 200, ${answer.content_type}:`), code(answer.text ?? JSON.stringify(answer.json ?? {}))], ' '),
    ],
    ['Within', time_limit_seconds === undefined ? undefined : text(durationWords(time_limit_seconds))],
  ]
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[text(name), value]]))
}

function signatureFacts(signature: Signature): readonly (readonly Markdown[])[] {
  const { signed, encoding, timestamp, url_decoded } = signature
  const rows: readonly (readonly [string, Markdown | undefined])[] = [
    ['Header', code(signature.header)],
    ['Format', code(signature.format)],
    ['Algorithm', code(signature.algorithm)],
    ['Encoding', encoding === undefined ? undefined : text(encoding)],
    ['Signed', signed === undefined ? undefined : code(signed)],
    ['Key', code(signature.secret)],
    [
      'Timestamp',
      timestamp === undefined
        ? undefined
        : join(
            [
              code(timestamp.header),
              text(
                `in ${timestamp.unit === 'ms' ? 'milliseconds' : 'seconds'}, at most ${durationWords(timestamp.tolerance_seconds)} off`,
              ),
            ],
            ' ',
          ),
    ],
    ['Decoded in the URL first', url_decoded === undefined ? undefined : codes(url_decoded)],
  ]
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[text(name), value]]))
}

function deliveryFacts({
  success,
  time_limit_seconds,
  retry,
  ordered,
  duplicates,
  batch_size,
  max_bytes,
  note,
}: Connector['webhook']['delivery']): readonly (readonly Markdown[])[] {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Success', success],
    ['Answer within', time_limit_seconds === undefined ? undefined : durationWords(time_limit_seconds)],
    ['Retries', retry],
    ['In order', ordered ? 'yes' : 'no'],
    ['Duplicates', duplicates ? 'possible: the idempotency key sorts them out' : 'no'],
    ['Events in one delivery', batch_size === undefined ? undefined : `up to ${batch_size}`],
    ['Largest body', max_bytes === undefined ? undefined : `${max_bytes} bytes`],
    ['Mind', note],
  ]
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[text(name), text(value)]]))
}

function apiView({ api }: Connector): object {
  return {
    base_url: code(api.base_url),
    versioning: api.versioning === undefined ? '' : text(api.versioning),
    headers: table(
      ['header', 'value'],
      Object.entries(api.headers).map(([name, value]) => [code(name), code(value)]),
    ),
    endpoints: table(
      ['name', 'call', 'what it does', 'scopes'],
      api.endpoints.map(({ name, method, path, base_url, summary, scopes, deprecated }) => [
        code(name),
        code(`${method} ${base_url ?? ''}${path}`),
        text(deprecated === undefined ? summary : `${summary} Deprecated: ${deprecated.reason} ${deprecated.instead}`),
        codes(scopes),
      ]),
    ),
    parameters: table(
      ['placeholder', 'what stands there', 'example'],
      Object.entries(api.parameters).map(([name, { description, example }]) => [
        code(`{${name}}`),
        text(description),
        example === undefined ? text('') : code(example),
      ]),
    ),
  }
}

function rateLimits({ rate_limits }: Connector): Markdown {
  return table(
    ['limit', 'counted per', 'how much', 'reported in', 'when exceeded'],
    rate_limits.map((limit) => [
      code(limit.name),
      text(limit.scope),
      text(limitWords(limit)),
      codes(limit.headers ?? []),
      text([limit.error, limit.advice].filter((part) => part !== undefined).join('. ')),
    ]),
  )
}

function responseHeaders({ api }: Connector): Markdown {
  return table(
    ['response header', 'what it says', 'example'],
    Object.entries(api.response_headers).map(([name, { description, example }]) => [
      code(name),
      text(description),
      example === undefined ? text('') : code(example),
    ]),
  )
}

function privacyView({ auth, privacy }: Connector): object {
  return {
    personal_data: codes(privacy.personal_data),
    retention: text(privacy.retention),
    legal: text(privacy.legal),
    deletion: privacy.deletion === undefined ? '' : text(privacy.deletion),
    privacy_notes: list((privacy.notes ?? []).map(text)),
    secrets: codes(auth.fields.filter(({ sensitive }) => sensitive).map(({ name }) => name)),
  }
}

const LINKS = {
  documentation: 'Documentation',
  support: 'Support',
  console: 'Console',
  webhooks: 'Webhook documentation',
  changelog: 'Changelog',
  status: 'Status',
  privacy: 'Privacy terms',
} as const

function links({ links: addressed }: Connector): Markdown {
  const names = Object.keys(LINKS) as (keyof typeof LINKS)[]
  return list(
    names.flatMap((name) => {
      const address = addressed[name]
      return address === undefined ? [] : [join([text(`${LINKS[name]}:`), link(address, address)], ' ')]
    }),
  )
}

function source({ title, url, read, note }: Connector['sources'][string]): Markdown {
  const name = url === undefined ? text(title) : link(title, url)
  return join([name, text(`read on ${read}.${note === undefined ? '' : ` ${note}`}`)], ', ')
}
