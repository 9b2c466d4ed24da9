import type { OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import type { Target } from '../target.ts'
import { eventSchema } from './event-schema.ts'
import { installationSchema } from './installation-schema.ts'
import { openapi } from './openapi.ts'

/** The whole model as one file, a JSON Schema for the data of each event and for each installation, and OpenAPI. */
export const jsonTarget: Target = {
  name: 'json',
  folder: 'json',
  async emit(registry) {
    return [
      file('registry.json', { $comment: headerLines().join(' '), ...registry }),
      file('openapi.json', openapi(registry)),
      ...registry.connectors.flatMap((connector) => [
        file(`installations/${connector.code}.schema.json`, installationSchema(connector)),
        ...connector.events.map((event) => file(`events/${event.code}.schema.json`, eventSchema(connector, event))),
      ]),
    ]
  },
}

function file(name: string, value: object): OutputFile {
  return { path: `json/${name}`, text: `${JSON.stringify(value, null, 2)}\n` }
}
