import type { Connector, OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { eventSchema } from '../json/event-schema.ts'
import { installationSchema } from '../json/installation-schema.ts'

/**
 * What a page links for machines. It stands beside the page, since a docs site publishes this folder and no other: the
 * connector as `registry.json` has it, and all its JSON Schemas in one document.
 */
export function machineFiles(connector: Connector): readonly OutputFile[] {
  const $comment = headerLines(connector).join(' ')
  return [
    file(definitionAddress(connector), { $comment, ...connector }),
    file(schemaAddress(connector), {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `urn:hera-connectors:schemas:${connector.code}`,
      $comment,
      title: `${connector.name}: schemas`,
      description: 'Under $defs: the installation, and the data of each event by its name.',
      $defs: Object.fromEntries([
        [INSTALLATION, installationSchema(connector)],
        ...connector.events.map((event) => [event.name, eventSchema(connector, event)]),
      ]),
    }),
  ]
}

/** No event is called so: its name has two words. */
export const INSTALLATION = 'installation'

/** The connector as JSON, seen from its page. */
export function definitionAddress({ code }: Connector): string {
  return `${code}.json`
}

/** The connector's schemas, or one of them, seen from its page. */
export function schemaAddress({ code }: Connector, name?: string): string {
  return name === undefined ? `${code}.schema.json` : `${code}.schema.json#/$defs/${name}`
}

function file(name: string, value: object): OutputFile {
  return { path: `docs/connectors/${name}`, text: `${JSON.stringify(value, null, 2)}\n` }
}
