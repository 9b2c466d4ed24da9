import type { Connector } from '../../generator/model/connector.ts'
import { acme, connectorOf, edit } from '../support/acme.ts'

/** Text that would break a string, a comment, a template, markup or a terminal, were it not quoted. */
export const hostile =
  'It\'s "a" \\ $$ \u0024{x} */ export const owned = 1 /* // </script> {{ x }} | ` -->\u2028\u2029\u202e\u200f\ufeff 👩‍👩‍👧 @deprecated {@link x}'

/** A field's name; names are shorter. */
export const hostileName = "it's */ {{ x }}: \u2028 `|` \\"

/** Takes the place of a control that a definition must not contain, so that the targets meet it all the same. */
const PLACEHOLDER = '\ue000'

const written = inYaml(hostile.replace('\u202e', PLACEHOLDER))
const writtenName = inYaml(hostileName)

/** A double-quoted YAML text knows JSON's escapes. */
function inYaml(text: string): string {
  return JSON.stringify(text).replace(
    /[\u2028-\u202e\u200f\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  )
}

const connector = connectorOf(
  edit(
    acme,
    ['name: Acme CRM', `name: ${JSON.stringify("A */ B ' {{ C }}")}`],
    ['purpose: Keep contacts in step with Acme.', `purpose: ${written}`],
    ['summary: A contact was added', `summary: ${written}`],
    ['where_to_find: Address bar of the console.', `where_to_find: ${written}`],
    ['reason: Acme renamed it.', `reason: ${written}`],
    ['formula: 5 × seats an hour', `formula: ${written}`],
    ['description: Mail address.', `description: ${written}`],
    ['enum: [lead, customer]', `enum: [lead, customer, ${written}]`],
    [
      '        tags:\n          type: array',
      `        ${writtenName}:\n          type: string\n          description: Odd.\n        tags:\n          type: array`,
    ],
    ['          stage: lead', `          stage: ${written}\n          ${writtenName}: ${written}`],
  ),
)

/** Acme with hostile text wherever a definition may contain any string. */
export const hostileConnector = JSON.parse(JSON.stringify(connector).replaceAll(PLACEHOLDER, '\u202e')) as Connector
