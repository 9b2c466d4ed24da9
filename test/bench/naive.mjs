// A pipeline as most projects would write it: everything is compiled in every run and for every file, types are printed
// an event at a time and formatted, and three files are written for each connector: node naive.mjs <definitions> <out>
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import Handlebars from 'handlebars'
import { compile } from 'json-schema-to-typescript'
import { parse } from 'yaml'

const PAGE = `# {{name}}

{{purpose}}

{{#each events}}
## {{@key}}

{{summary}}

{{#each data.properties}}
- {{@key}}: {{description}}
{{/each}}
{{/each}}
`
const [definitions = '', out = ''] = process.argv.slice(2)
const schema = JSON.parse(readFileSync(new URL('../../schema/connector.schema.json', import.meta.url), 'utf8'))
for (const folder of ['sql', 'types', 'docs']) mkdirSync(join(out, folder), { recursive: true })
const ajv = new Ajv2020({ allErrors: true, strict: false })
addFormats.default(ajv)
const isDefinition = ajv.compile(schema)
for (const name of readdirSync(definitions)) {
  const definition = parse(readFileSync(join(definitions, name), 'utf8'))
  if (!isDefinition(definition)) throw new Error(`${name}: ${ajv.errorsText(isDefinition.errors)}`)
  const types = []
  for (const [event, { data, example }] of Object.entries(definition.events)) {
    const events = new Ajv2020({ allErrors: true, strict: false })
    addFormats.default(events)
    if (!events.validate(data, example)) throw new Error(`${name}: ${event}: ${events.errorsText()}`)
    types.push(await compile(structuredClone(data), event, { bannerComment: '' }))
  }
  const sql = JSON.stringify(definition).replaceAll("'", "''")
  writeFileSync(join(out, 'sql', `${name}.sql`), `insert into connectors values ('${definition.code}', '${sql}');\n`)
  writeFileSync(join(out, 'types', `${name}.ts`), types.join('\n'))
  writeFileSync(join(out, 'docs', `${name}.md`), Handlebars.compile(PAGE)(definition))
}
