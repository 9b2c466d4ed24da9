import type { Connector } from '../../model/connector.ts'
import type { Markdown } from './markdown.ts'
import { join, link, list, nothing, strong, text } from './markdown.ts'

/** The steps of a set-up as a numbered list. */
export function steps(all: Connector['setup']): Markdown {
  const items = all.map(({ title, description, url }) => {
    const heading = /\p{P}$/u.test(title) ? title : `${title}.`
    return join([strong(text(heading)), text(description), url === undefined ? nothing : link('Open', url)], ' ')
  })
  return list(items, 'numbered')
}
