import { kit } from '../../compiled/kit.js'
import type { Webhook as KitWebhook } from '../../kit/webhook.ts'
import type { Connector, Json, OutputFile } from '../../model/connector.ts'
import { mappingOf } from '../../model/delivery-mapping.ts'
import { fieldsIn } from '../../model/endpoint-address.ts'
import { webhookConfig } from '../../model/webhook-config.ts'
import { headerLines } from '../header.ts'
import { memoizeByConnector } from '../memoize-by-connector.ts'
import {
  code,
  denseLiteral,
  documentationComment,
  identifier,
  joined,
  lineComments,
  literal,
  objectLiteral,
  stringUnion,
} from './code.ts'

/** How a connector's deliveries are verified and become events, for the kit; no file without a webhook. */
export function webhookFiles(connector: Connector): readonly OutputFile[] {
  const webhook = kitWebhook(connector)
  return webhook === undefined ? [] : [webhookFile(connector, webhook)]
}

function webhookFile(connector: Connector, webhook: KitWebhook): OutputFile {
  const modules = OPTIONAL_MODULES.filter(({ member }) => webhook[member] !== undefined)
  const { routing } = webhook
  const kind = identifier(routing === undefined ? 'Webhook' : 'RoutedWebhook')
  const fields = stringUnion(fieldsOf(webhook, connector.auth))
  const routed = routing === undefined ? code`` : code`, ${stringUnion(routing.map(({ field }) => field))}`
  const members = Object.entries(webhook)
    .filter(([name]) => !modules.some(({ member }) => member === name))
    .map(([name, value]) => ({ name, value: denseLiteral(value as Json) }))
  // A function of a kit module is imported, and referred to by its name.
  members.push(...modules.map(({ member }) => ({ name: member, value: identifier(member) })))
  const comment = documentationComment({
    paragraphs: [`How deliveries of ${connector.name} are verified, and which events they hold.`],
  })
  const imports = modules.map(
    ({ file, member }) => code`import { ${identifier(member)} } from ${literal(`../kit/${file}.js`)}\n`,
  )
  return {
    path: `typescript/webhooks/${connector.code}.ts`,
    text: code`${lineComments(headerLines(connector))}

import type { Events } from ${literal(`../connectors/${connector.code}.js`)}
${joined(imports, '')}import type { ${kind} } from '../kit/webhook.js'

${comment ?? code``}
export const webhook: ${kind}<${fields}, Events${routed}> = ${objectLiteral(members)}
`,
  }
}

/** Modules of the kit with dependencies, by the member of a webhook that they provide. */
const OPTIONAL_MODULES = [
  { file: 'exact-numbers', member: 'parseExactly' },
  { file: 'fetch', member: 'fetchValues' },
  { file: 'public-keys', member: 'publicKeys' },
  { file: 'xml', member: 'parseXml' },
] as const

/** The names of the optional modules that a connector's webhook imports. */
export function optionalModulesOf(connector: Connector): readonly string[] {
  const webhook = kitWebhook(connector)
  return OPTIONAL_MODULES.filter(({ member }) => webhook?.[member] !== undefined).map(({ file }) => file)
}

/** The kit's modules that a registry needs, as they are; optional ones only where a connector imports them. */
export function kitFiles(needed: readonly string[]): readonly OutputFile[] {
  const header = lineComments(headerLines())
  const left = OPTIONAL_MODULES.filter(({ file }) => !needed.includes(file)).map(({ file }) => `${file}.ts`)
  return Object.entries(kit)
    .filter(([name]) => !left.includes(name))
    .map(([name, source]) => ({
      path: `typescript/kit/${name}`,
      // The kit's own modules import each other as Node runs them; a stranger's compiler wants what comes out.
      text: `${header}\n\n${source.replace(/(?<= from '\.\/[a-z-]+)\.ts(?=')/g, '.js')}`,
    }))
}

/** A connector's webhook as the kit runs it; undefined where the connector has none. */
export const kitWebhook = memoizeByConnector(
  ({ code: connector, webhook, events, api, auth }): KitWebhook | undefined => {
    if (webhook === undefined) return undefined
    const schemas = Object.fromEntries(events.map(({ name, data }) => [name, data]))
    return webhookConfig({
      code: connector,
      webhook,
      rules: mappingOf(webhook.deliveries, schemas).rules,
      api: {
        ...api,
        endpoints: Object.fromEntries(api.endpoints.map((endpoint) => [endpoint.name, endpoint])),
        fields: auth.fields,
      },
      events: Object.fromEntries(
        events.map(({ name, smart_code, idempotency_key }) => [name, { smart_code, idempotency: idempotency_key }]),
      ),
    })
  },
)

/** The fields of an installation that a webhook reads or stores. */
export function fieldsOf(
  { signatures, handshakes = [], resources = {} }: Pick<KitWebhook, 'signatures' | 'handshakes' | 'resources'>,
  { fields }: Pick<Connector['auth'], 'fields'>,
): readonly string[] {
  const placeholders = Object.values(resources).flatMap(fieldsIn)
  const names = [
    ...fields.map(({ name }) => name).filter((name) => placeholders.includes(name)),
    ...signatures.flatMap(({ secret }) => secret ?? []),
    ...handshakes.flatMap(({ expect = [], proof, keeps = {} }) => [
      ...expect.flatMap(({ field }) => field ?? []),
      ...(proof === undefined ? [] : [proof.secret]),
      ...Object.keys(keeps),
    ]),
  ]
  return [...new Set(names)].sort()
}
