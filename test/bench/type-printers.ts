import { compile, type JSONSchema } from 'json-schema-to-typescript'
import openapiTypescript, { astToString, type SchemaObject } from 'openapi-typescript'
import { InputData, JSONSchemaInput, quicktype } from 'quicktype-core'
import { connectorFile } from '../../generator/targets/typescript/connector-file.ts'
import { connectorOf } from '../support/acme.ts'
import { definitionAt } from './definitions.ts'

const AMOUNT = 20

/** Milliseconds that a connector's types take with ours and with others, after a first round that warms up. */
export async function typePrinters(): Promise<readonly (readonly string[])[]> {
  const connectors = Array.from({ length: AMOUNT }, (_, index) => connectorOf(definitionAt(index)))
  const schemasOf = (index: number) =>
    (connectors[index]?.events ?? []).map(
      ({ type_name, data }) => [type_name, structuredClone(data) as object] as const,
    )
  const printers: Readonly<Record<string, (index: number) => Promise<unknown>>> = {
    'ours: the whole module, comments and constants too': async (index) => {
      const connector = connectors[index]
      return connector === undefined ? undefined : connectorFile(connector)
    },
    'json-schema-to-typescript, an event at a time': async (index) => {
      for (const [name, schema] of schemasOf(index)) await compile(schema as JSONSchema, name)
    },
    'json-schema-to-typescript, unformatted': async (index) => {
      for (const [name, schema] of schemasOf(index)) await compile(schema as JSONSchema, name, { format: false })
    },
    'openapi-typescript, a document a connector': async (index) =>
      astToString(
        await openapiTypescript({
          openapi: '3.1.0',
          info: { title: 'events', version: '1' },
          paths: {},
          components: { schemas: Object.fromEntries(schemasOf(index)) as Record<string, SchemaObject> },
        }),
      ),
    'quicktype, types only': (index) => quicktypes(schemasOf(index)),
  }
  const took: [string, number][] = []
  for (const [name, print] of Object.entries(printers)) took.push([name, await millisecondsOf(print)])
  const [, own = 1] = took[0] ?? []
  return took.map(([name, time]) => [name, time.toFixed(1), `${(time / own).toFixed(2)} ×`])
}

async function millisecondsOf(print: (index: number) => Promise<unknown>): Promise<number> {
  for (let index = 0; index < AMOUNT; index += 1) await print(index)
  const begun = performance.now()
  for (let index = 0; index < AMOUNT; index += 1) await print(index)
  return (performance.now() - begun) / AMOUNT
}

async function quicktypes(schemas: readonly (readonly [string, object])[]): Promise<void> {
  const input = new JSONSchemaInput(undefined)
  for (const [name, schema] of schemas) await input.addSource({ name, schema: JSON.stringify(schema) })
  const inputData = new InputData()
  inputData.addInput(input)
  await quicktype({ inputData, lang: 'typescript', rendererOptions: { 'just-types': 'true' } })
}
