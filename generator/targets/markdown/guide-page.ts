import type { TemplateName } from '../../compiled/templates.js'
import { render } from '../../compiled/templates.js'
import type { OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { type ConnectorSummary, hasEvents } from './connector-summary.ts'
import type { Markdown } from './markdown.ts'
import { link, yamlString } from './markdown.ts'

interface GuidePage {
  readonly name:
    | 'events'
    | 'glossary'
    | 'index'
    | 'monitoring'
    | 'patterns'
    | 'private-registry'
    | 'quick-start'
    | 'security'
  readonly title: string
  readonly description: string
}

/** A page about all connectors, laid out by the template of its name. */
export function guidePage({ name, title, description }: GuidePage, view: object): OutputFile {
  const front = { header: headerLines(), title: yamlString(title), description: yamlString(description) }
  const template: TemplateName = `markdown/${name}`
  return { path: `docs/${name}.md`, text: render(template, { ...front, ...view }) }
}

/** A link to a connector's page, or to a heading on it, from a page beside the folder of connectors. */
export function connectorLink({ code, name }: ConnectorSummary, anchor = ''): Markdown {
  return link(name, `${connectorAddress(code)}${anchor}`)
}

/** Where a connector's page stands, seen from a page beside the folder of connectors. */
export function connectorAddress(code: string): string {
  return `connectors/${code}.md`
}

/** The connector that the guide uses for its general examples, or another one, with events if possible. */
export function exampleConnector(connectors: readonly ConnectorSummary[]): ConnectorSummary | undefined {
  const preferred = connectors.find(({ code }) => code === 'whatsapp-business-cloud')
  return preferred ?? connectors.find(hasEvents) ?? connectors[0]
}
