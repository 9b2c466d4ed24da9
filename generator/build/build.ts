// Makes what is compiled ahead: `generator/compiled` (the definition's type and validator, the templates) and, unless
// `--sources` is given, the bundled command `dist/cli.js` and the importable modules in `dist/lib`. Both folders are git-ignored and rebuilt on install.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.ts'
import { definitionSchemaType, formatModule, formatModuleType } from './format.ts'
import { compileLibrary } from './library.ts'
import { schemaType } from './schema-type.ts'
import { schemaValidator, validatorType } from './schema-validator.ts'
import { compiledTemplates } from './templates.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const compiled = join(root, 'generator', 'compiled')
const schemaPath = join(root, 'schema', 'connector.schema.json')
const registrySchemaPath = join(root, 'schema', 'registry.schema.json')

await mkdir(compiled, { recursive: true })
const schema = JSON.parse(await readFile(schemaPath, 'utf8'))
const templates = await compiledTemplates(join(root, 'generator', 'targets'))
await write('definition.ts', await schemaType(schemaPath, 'Definition'))
await write('registry-file.ts', await schemaType(registrySchemaPath, 'RegistryFile'))
await write('validate-definition.js', await schemaValidator(schemaPath))
await write('validate-definition.d.ts', validatorType)
await write('validate-registry-file.js', await schemaValidator(registrySchemaPath))
await write('validate-registry-file.d.ts', validatorType)
await write('format.js', formatModule(schema))
await write('format.d.ts', formatModuleType)
await write('definition-schema.js', `export const definitionSchema = ${JSON.stringify(schema)}\n`)
await write('definition-schema.d.ts', definitionSchemaType)
await write('templates.js', templates.code)
await write('templates.d.ts', templates.type)
await writeTexts('hera-schema', { heraSchema: await readFile(join(root, 'schema', 'hera.sql'), 'utf8') })
await write('kit.js', `export const kit = ${JSON.stringify(await kitSources())}\n`)
await write('kit.d.ts', 'export declare const kit: Readonly<Record<string, string>>\n')
const hub = join(root, 'generator', 'sandbox', 'hub')
await writeTexts('hub-assets', {
  hubStyle: await readFile(join(hub, 'hub.css'), 'utf8'),
  hubScript: await readFile(join(hub, 'hub.client.js'), 'utf8'),
})
await writeTexts('package', await packageFacts())
// Last, since it loads what is compiled above.
const { helpTexts } = await import('../cli.ts')
await write('help.js', `export const help = ${JSON.stringify(await helpTexts())}\n`)
await write('help.d.ts', 'export declare const help: Readonly<Record<string, string>>\n')
if (!process.argv.includes('--sources')) {
  await bundle(root)
  await compileLibrary(root)
}

/** Unchanged files keep their time, so that watchers and incremental compilers stay quiet. */
async function write(name: string, text: string): Promise<void> {
  const path = join(compiled, name)
  const before = await readFile(path, 'utf8').catch(() => undefined)
  if (before !== text) await writeFile(path, text)
}

/** A module of texts by name. */
async function writeTexts(name: string, texts: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(texts)
  await write(`${name}.js`, lines.map(([key, text]) => `export const ${key} = ${JSON.stringify(text)}\n`).join(''))
  await write(`${name}.d.ts`, lines.map(([key]) => `export declare const ${key}: string\n`).join(''))
}

/** The text of each module of the TypeScript kit by its file name. */
async function kitSources(): Promise<Record<string, string>> {
  const folder = join(root, 'generator', 'kit')
  const names = (await readdir(folder)).sort()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  )
}

/** Facts about the package that documents and messages mention. */
async function packageFacts(): Promise<Record<string, string>> {
  const { name, version, repository } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  // The argument of `npm install`; replace it by the name when a version is published.
  const [, repositoryName = ''] = /github\.com\/(.+?)(?:\.git)?$/.exec(repository.url) ?? []
  return { packageName: name, version, packageSource: repository.url, repositoryName }
}
