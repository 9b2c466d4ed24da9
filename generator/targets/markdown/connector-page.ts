import { render } from '../../compiled/templates.js'
import type { Connector, OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { apiView, rateLimitsView } from './api-section.ts'
import { AUTHENTICATION, authenticationView } from './authentication.ts'
import { categoryAddress, categoryOf } from './category.ts'
import { deliveryExamples } from './delivery-example.ts'
import { diagramFile } from './diagram.ts'
import { eventsTable, eventView } from './event-section.ts'
import { formatDeprecation } from './format-limits.ts'
import { definitionAddress, INSTALLATION, machineFiles, schemaAddress } from './machine-files.ts'
import type { Markdown } from './markdown.ts'
import {
  addressLink,
  code,
  codeLink,
  codes,
  factTable,
  fence,
  image,
  join,
  link,
  list,
  nothing,
  paragraphs,
  text,
  yamlString,
} from './markdown.ts'
import type { Sequence } from './sequence.ts'
import { sequenceList, sequenceOf } from './sequence.ts'
import { steps } from './steps.ts'
import { installUsage } from './usage.ts'
import { versionsView } from './versions-section.ts'
import { webhookView } from './webhook-section.ts'

/** Everything about one connector on one page, and the files that stand beside it. It depends on no other connector. */
export async function connectorFiles(connector: Connector): Promise<readonly OutputFile[]> {
  const sequence = sequenceOf(connector)
  return [
    await connectorPage(connector, sequence),
    ...(sequence === undefined ? [] : [diagramFile(connector, sequence)]),
    ...machineFiles(connector),
  ]
}

async function connectorPage(connector: Connector, sequence: Sequence | undefined): Promise<OutputFile> {
  const deliveries = await deliveryExamples(connector)
  const view = {
    header: headerLines(connector),
    title: yamlString(connector.name),
    description: yamlString(connector.purpose),
    name: text(connector.name),
    banner: banner(connector),
    purpose: text(connector.purpose),
    definition: yamlString(connector.file),
    category: yamlString(connector.category),
    about: paragraphs(connector.description),
    glance: glance(connector),
    setup: steps(connector.setup),
    install: fence('ts', installUsage(connector)),
    ...authenticationView(connector),
    events_overview: eventsTable(connector),
    events: connector.events.map((event) => eventView(connector, event, deliveries.get(event.name))),
    webhook: webhookView(connector),
    diagram: sequence === undefined ? nothing : diagram(connector),
    sequence: sequence === undefined ? nothing : sequenceList(sequence),
    ...apiView(connector),
    ...rateLimitsView(connector),
    capabilities: capabilities(connector),
    troubleshooting: connector.troubleshooting.map(({ problem, causes, fix }) => ({
      problem: text(problem),
      causes: list(causes.map(text)),
      fix: text(fix),
    })),
    privacy: privacyFacts(connector),
    retention_periods: list((connector.privacy?.retention.periods ?? []).map(retentionPeriod)),
    privacy_notes: list((connector.privacy?.notes ?? []).map(text)),
    ...versionsView(connector),
    machines: machines(connector),
    links: links(connector),
    sources: list(Object.values(connector.sources).map(source)),
  }
  return { path: `docs/connectors/${connector.code}.md`, text: render('markdown/connector', view) }
}

function banner({ status, deprecated, replaced_by }: Connector): Markdown {
  if (status === 'active') return nothing
  if (status === 'draft') return text('This connector is a draft and is not offered yet.')
  const reason = deprecated === undefined ? nothing : text(formatDeprecation(deprecated))
  const instead = replaced_by === undefined ? nothing : link(replaced_by, `${replaced_by}.md`)
  return join([text(`This connector is ${status}.`), reason, instead], ' ')
}

function glance(connector: Connector): Markdown {
  const { auth, api, webhook } = connector
  return factTable([
    ['Code', code(connector.code)],
    ['Vendor', text(connector.vendor)],
    ['Registry', connector.registry === undefined ? nothing : code(connector.registry)],
    ['Category', link(categoryOf(connector).title, `../${categoryAddress(connector.category)}`)],
    ['Definition', text(`version ${connector.version}, ${connector.status}`)],
    ['Level', connector.level === undefined ? nothing : link(connector.level, '../reference/levels.md')],
    ['Authentication', text(AUTHENTICATION[auth.type])],
    ['API', api.base_url === undefined ? nothing : code(api.base_url)],
    ['API version', text(api.version ?? '')],
    ['Webhook', text(webhook === undefined ? '' : webhook.required ? 'required' : 'optional')],
    ['Smart code', code(connector.smart_code)],
  ])
}

function diagram(connector: Connector): Markdown {
  const alternative = `How a webhook of ${connector.name} reaches HERA; the numbered steps below say the same.`
  return image(alternative, `${connector.code}.svg`)
}

function machines(connector: Connector): Markdown {
  const { code: name, file, events } = connector
  const schemaLinks = events.map((event) => codeLink(event.name, schemaAddress(connector, event.name)))
  return list([
    join([link('The connector as JSON', definitionAddress(connector)), text('with all defaults filled in')], ', '),
    join([link('All its JSON Schemas', schemaAddress(connector)), text('in one document')], ', '),
    join([text('Installation'), codeLink(name, schemaAddress(connector, INSTALLATION))], ': '),
    ...(events.length === 0 ? [] : [join([text('Data of events'), join(schemaLinks, ', ')], ': ')]),
    join([text('The definition, from which all of this is made'), code(file)], ': '),
  ])
}

function capabilities(connector: Connector): Markdown {
  return list(Object.entries(connector.capabilities).map(([name, entries]) => join([code(name), codes(entries)], ': ')))
}

function privacyFacts({ auth, privacy }: Connector): readonly object[] {
  const facts = [
    ['Keep secret', secretFields(auth)],
    ['Personal data in events', codes(privacy?.personal_data ?? [])],
    ['Retention', text(privacy?.retention.description ?? '')],
    ['Legal', text(privacy?.legal ?? '')],
    ['Deletion', text(privacy?.deletion ?? '')],
  ] as const
  return facts.filter(([, value]) => value !== '').map(([name, value]) => ({ name, value }))
}

type RetentionPeriod = NonNullable<NonNullable<Connector['privacy']>['retention']['periods']>[number]

/** How long which events are kept, such as 48 hours. */
function retentionPeriod({ keep, events, description }: RetentionPeriod): Markdown {
  const [, number = '', unit = ''] = /(\d+)([A-Z])$/.exec(keep) ?? []
  const names: Readonly<Record<string, string>> = { H: 'hour', D: 'day', W: 'week', M: 'month', Y: 'year' }
  const period = `${number} ${names[unit]}${number === '1' ? '' : 's'}`
  return join([codes(events), text(description === undefined ? period : `${period}. ${description}`)], ': ')
}

/** The names of the fields that must be kept secret. */
export function secretFields({ fields }: Pick<Connector['auth'], 'fields'>): Markdown {
  return codes(fields.filter(({ sensitive }) => sensitive).map(({ name }) => name))
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
      return address === undefined ? [] : [join([text(LINKS[name]), addressLink(address)], ': ')]
    }),
  )
}

function source({ title, url, read, note = '' }: Connector['sources'][string]): Markdown {
  const name = url === undefined ? text(title) : link(title, url)
  return join([join([name, text(`read on ${read}.`)], ', '), text(note)], ' ')
}
