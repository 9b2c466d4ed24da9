import { render } from '../../compiled/templates.js'
import type { Connector, OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { apiView, rateLimitsView } from './api-section.ts'
import { AUTHENTICATION, authenticationView } from './authentication.ts'
import { eventsTable, eventView } from './event-section.ts'
import { deprecationWords } from './limit-words.ts'
import type { Markdown } from './markdown.ts'
import {
  addressLink,
  code,
  codes,
  factTable,
  fence,
  join,
  link,
  list,
  nothing,
  paragraphs,
  text,
  yamlString,
} from './markdown.ts'
import { steps } from './steps.ts'
import { installUsage } from './usage.ts'
import { webhookView } from './webhook-section.ts'

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
    events_overview: eventsTable(connector),
    events: connector.events.map((event) => eventView(connector, event)),
    ...webhookView(connector),
    ...apiView(connector),
    ...rateLimitsView(connector),
    capabilities: capabilities(connector),
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
  if (status === 'active') return nothing
  if (status === 'draft') return text('This connector is a draft and is not offered yet.')
  const reason = deprecated === undefined ? nothing : text(deprecationWords(deprecated))
  const instead = replaced_by === undefined ? nothing : link(replaced_by, `${replaced_by}.md`)
  return join([text(`This connector is ${status}.`), reason, instead], ' ')
}

function glance(connector: Connector): Markdown {
  const { auth, api, webhook } = connector
  return factTable([
    ['Code', code(connector.code)],
    ['Vendor', text(connector.vendor)],
    ['Category', text(connector.category.replaceAll('_', ' '))],
    ['Definition', text(`version ${connector.version}, ${connector.status}`)],
    ['Authentication', text(AUTHENTICATION[auth.type])],
    ['API', code(api.base_url)],
    ['API version', text(api.version ?? '')],
    ['Webhook', text(webhook.required ? 'required' : 'optional')],
    ['Smart code', code(connector.smart_code)],
  ])
}

function capabilities(connector: Connector): Markdown {
  return list(Object.entries(connector.capabilities).map(([name, entries]) => join([code(name), codes(entries)], ': ')))
}

function privacyView({ auth, privacy }: Connector): object {
  return {
    personal_data: codes(privacy.personal_data),
    retention: text(privacy.retention),
    legal: text(privacy.legal),
    deletion: text(privacy.deletion ?? ''),
    privacy_notes: list((privacy.notes ?? []).map(text)),
    secrets: secretFields(auth),
  }
}

/** The names of the fields that must be kept secret. */
export function secretFields({ fields }: Connector['auth']): Markdown {
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
