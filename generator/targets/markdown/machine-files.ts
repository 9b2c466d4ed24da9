import type { Connector, OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { memberLines, withFirst } from '../json/indented-json.ts'
import { modelJson } from '../json/model-json.ts'
import { schemaHead, schemasOf } from '../json/schemas.ts'

/**
 * What a page links for machines. It stands beside the page, since a docs site publishes this folder and no other: the
 * connector as `registry.json` has it, and all its JSON Schemas in one document.
 */
export function machineFiles(connector: Connector): readonly OutputFile[] {
  const $comment = headerLines(connector).join(' ')
  return [
    file(definitionAddress(connector), withFirst({ $comment }, modelJson(connector))),
    file(schemaAddress(connector), schemasDocument(connector)),
  ]
}

function schemasDocument(connector: Connector): string {
  const { installation, events } = schemasOf(connector)
  const about = {
    ...schemaHead(connector, `schemas:${connector.code}`),
    title: `${connector.name}: schemas`,
    description: 'Under $defs: the installation, and the data of each event by its name.',
  }
  const schemas = [
    [INSTALLATION, installation.whole] as const,
    ...events.map(({ event, schema }) => [event.name, schema.whole] as const),
  ]
  return withFirst(about, `{\n  "$defs": {\n${memberLines(schemas, 2)}\n  }\n}`)
}

/** Names of events are in lower case, so none of them is this. */
export const INSTALLATION = 'Installation'

/** The connector as JSON, seen from its page. */
export function definitionAddress({ code }: Connector): string {
  return `${code}.json`
}

/** The connector's schemas, or one of them, seen from its page. */
export function schemaAddress({ code }: Connector, name?: string): string {
  return name === undefined ? `${code}.schema.json` : `${code}.schema.json#/$defs/${name}`
}

function file(name: string, json: string): OutputFile {
  return { path: `docs/connectors/${name}`, text: `${json}\n` }
}
