import { kit } from '../../compiled/kit.js'
import type { Webhook as KitWebhook } from '../../kit/webhook.ts'
import type { Connector, Json, OutputFile } from '../../model/connector.ts'
import { mappingOf } from '../../model/delivery-mapping.ts'
import { webhookConfig } from '../../model/webhook-config.ts'
import { headerLines } from '../header.ts'
import { memoizeByConnector } from '../memoize-by-connector.ts'
import {
  type Code,
  code,
  denseLiteral,
  documentationComment,
  joined,
  lineComments,
  literal,
  objectLiteral,
} from './code.ts'

/** How a connector's deliveries are verified and become events, for the kit; no file without a webhook. */
export function webhookFiles(connector: Connector): readonly OutputFile[] {
  const kit = kitWebhook(connector)
  return kit === undefined ? [] : [webhookFile(connector, kit)]
}

function webhookFile(connector: Connector, { parseExactly, ...description }: KitWebhook): OutputFile {
  const type = union(secretFields(description))
  const members = Object.entries(description).map(([name, value]) => ({ name, value: denseLiteral(value as Json) }))
  if (parseExactly !== undefined) members.push({ name: 'parseExactly', value: code`parseExactly` })
  const comment = documentationComment({
    paragraphs: [`How deliveries of ${connector.name} are verified, and which events they hold.`],
  })
  const exact = parseExactly === undefined ? code`` : code`import { parseExactly } from '../kit/exact-numbers.js'\n`
  return {
    path: `typescript/webhooks/${connector.code}.ts`,
    text: code`${lineComments(headerLines(connector))}

import type { Events } from ${literal(`../connectors/${connector.code}.js`)}
${exact}import type { Webhook } from '../kit/webhook.js'

${comment ?? code``}
export const webhook: Webhook<${type}, Events> = ${objectLiteral(members)}
`,
  }
}

/** The kit's modules that a registry needs, as they are: only some connectors keep numbers beyond 2^53. */
export function kitFiles({ isExact }: { readonly isExact: boolean }): readonly OutputFile[] {
  const header = lineComments(headerLines())
  return Object.entries(kit)
    .filter(([name]) => isExact || name !== 'exact-numbers.ts')
    .map(([name, source]) => ({
      path: `typescript/kit/${name}`,
      // The kit's own modules import each other as Node runs them; a stranger's compiler wants what comes out.
      text: `${header}\n\n${source.replace(/(?<= from '\.\/[a-z-]+)\.ts(?=')/g, '.js')}`,
    }))
}

/** A connector's webhook as the kit runs it; undefined where the connector has none. */
export const kitWebhook = memoizeByConnector(({ code: connector, webhook, events }): KitWebhook | undefined => {
  if (webhook === undefined) return undefined
  const schemas = Object.fromEntries(events.map(({ name, data }) => [name, data]))
  return webhookConfig({
    code: connector,
    webhook,
    rules: mappingOf(webhook.deliveries, schemas).rules,
    events: Object.fromEntries(
      events.map(({ name, smart_code, idempotency_key }) => [name, { smart_code, idempotency: idempotency_key }]),
    ),
  })
})

function union(fields: readonly string[]): Code {
  const names = [...new Set(fields)].sort()
  return names.length === 0 ? code`never` : joined(names.map(literal), ' | ')
}

function secretFields({ signatures, handshake }: Pick<KitWebhook, 'signatures' | 'handshake'>): readonly string[] {
  return [
    ...signatures.map(({ secret }) => secret),
    ...(handshake?.expect ?? []).flatMap(({ field }) => field ?? []),
    ...(handshake?.proof === undefined ? [] : [handshake.proof.secret]),
  ]
}
