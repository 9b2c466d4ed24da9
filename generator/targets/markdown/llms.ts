import { render } from '../../compiled/templates.js'
import type { OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { categoryAddress, categoryOf, groupByCategory } from './category.ts'
import type { ConnectorSummary, Guide } from './connector-summary.ts'
import { connectorAddress } from './guide-page.ts'
import { codes, join, link, list, nothing, text } from './markdown.ts'

/** About a million tokens: more than language models take. */
const FULL = 4_000_000

/** What is where, for language models (llmstxt.org). It starts with its title, as the format wants it. */
export function llmsFile({ connectors }: Guide): OutputFile {
  const view = {
    header: headerLines(),
    connectors: list(
      connectors.map((connector) => {
        const { code, name, purpose, events } = connector
        const named = codes(events.map((event) => event.name))
        const said = join([text(purpose), named === '' ? nothing : join([text('Events'), named], ': ')], ' ')
        return join([link(name, connectorAddress(code)), said], ': ')
      }),
    ),
    categories: list(
      groupByCategory(connectors).flatMap((group) =>
        group.slice(0, 1).map(({ category }) => {
          const { title, about } = categoryOf({ category })
          return join([link(`${title} connectors`, categoryAddress(category)), text(about)], ': ')
        }),
      ),
    ),
    schemas: list(
      connectors.map((connector) => link(schemaTitle(connector), `connectors/${connector.code}.schema.json`)),
    ),
  }
  return { path: 'docs/llms.txt', text: render('markdown/llms', view) }
}

function schemaTitle({ name }: ConnectorSummary): string {
  return `JSON Schemas of ${name}`
}

/** A page as the whole guide has it. */
export interface GuideText {
  readonly path: string
  /** Characters of the page. */
  readonly length: number
  /** What stands below its front matter; nothing where the page alone is too long. */
  readonly content: string
}

export function guideText({ path, text: page }: OutputFile): GuideText {
  return { path, length: page.length, content: page.length > FULL ? '' : withoutFrontMatter(page) }
}

/** The whole guide as one text: pages in order, for as long as they fit; of the others it says where they are. */
export function llmsFullFile(pages: readonly GuideText[]): OutputFile {
  let size = 0
  const whole: GuideText[] = []
  const left: GuideText[] = []
  for (const page of pages) {
    size += page.length
    if (size > FULL) left.push(page)
    else whole.push(page)
  }
  const view = {
    header: headerLines(),
    pages: whole.map(({ path, content }) => ({ path: addressOf(path), content })),
    left: list(left.map(({ path }) => link(addressOf(path), addressOf(path)))),
  }
  return { path: 'docs/llms-full.txt', text: render('markdown/llms-full', view) }
}

/** As it is seen from the folder of the guide. */
function addressOf(path: string): string {
  return path.slice('docs/'.length)
}

function withoutFrontMatter(page: string): string {
  return page.slice(page.indexOf('\n---\n') + '\n---\n'.length).trim()
}
