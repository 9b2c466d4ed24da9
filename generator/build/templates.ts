import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Handlebars from 'handlebars'

interface CompiledTemplates {
  readonly code: string
  readonly type: string
}

/** Templates have `each` and `if` and the members of their view, and nothing else that a name could mean. */
const OPTIONS = { noEscape: true, strict: true, knownHelpersOnly: true, data: false }

/** Compiles every `targets/<target>/templates/<name>.hbs` to one module; the template is called `<target>/<name>`. */
export async function compiledTemplates(targetsPath: string): Promise<CompiledTemplates> {
  const paths = (await readdir(targetsPath, { recursive: true })).filter((path) => path.endsWith('.hbs')).sort()
  const named = paths.map((path) => ({ path, name: path.replace(/[\\/]templates[\\/]/, '/').replace(/\.hbs$/, '') }))
  const specs = await Promise.all(
    named.map(async ({ path, name }) => {
      const source = await readFile(join(targetsPath, path), 'utf8')
      const spec = Handlebars.precompile(source, OPTIONS)
      return `  ${JSON.stringify(name)}: Handlebars.template(${String(spec)}),`
    }),
  )
  return {
    code: [
      'import Handlebars from "handlebars/runtime.js"',
      'const templates = {',
      ...specs,
      '}',
      'for (const [name, template] of Object.entries(templates)) Handlebars.registerPartial(name, template)',
      'export function render(name, view) { return templates[name](view) }',
      '',
    ].join('\n'),
    type: [
      `export type TemplateName =${named.map(({ name }) => `\n  | ${JSON.stringify(name)}`).join('') || ' never'}`,
      'export declare function render(name: TemplateName, view: object): string',
      '',
    ].join('\n'),
  }
}
