import { render } from '../../../compiled/templates.js'
import type { OutputFile } from '../../../model/connector.ts'
import { headerLines } from '../../header.ts'
import { yamlString } from '../markdown.ts'

interface ReferencePage {
  readonly name: 'definition' | 'levels' | 'rules'
  /** What it is made from, where no definition is. */
  readonly source: string
  readonly title: string
  readonly description: string
}

/** A page that does not depend on any definition, laid out by the template of its name. */
export function referencePage({ name, source, title, description }: ReferencePage, view: object): OutputFile {
  const [first] = headerLines({ file: source })
  const header = [first, 'To change it, edit that and run: npm run build && npx --no hera-connectors generate']
  const front = { header, title: yamlString(title), description: yamlString(description) }
  const text = render(`markdown/${name}`, { ...front, ...view })
  return { path: `docs/reference/${name}.md`, text: `${text.trimEnd()}\n` }
}
