import { kit } from '../../compiled/kit.js'
import type { Connector, Json, OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { code, documentationComment, joined, lineComments, literal, valueLiteral } from './code.ts'
import type { Handshake, Webhook as KitWebhook } from '../../kit/webhook.ts'

/** Where the definition says nothing: what Meta, which sends the largest that we know, may send. */
const MAX_BYTES = 3 * 2 ** 20

/** What the kit has to know of a connector's webhook; nothing where it has none. */
export function webhookFiles(connector: Connector): readonly OutputFile[] {
  const { webhook } = connector
  const description = webhookDescription(connector)
  if (webhook === undefined || description === undefined) return []
  const fields = [...new Set(secretFields(webhook))].sort()
  const type = fields.length === 0 ? code`never` : joined(fields.map(literal), ' | ')
  const comment = documentationComment({ paragraphs: [`How deliveries of ${connector.name} are verified.`] })
  return [
    {
      path: `typescript/webhooks/${connector.code}.ts`,
      text: code`${lineComments(headerLines(connector))}

import type { Webhook } from '../kit/webhook.js'

${comment ?? code``}
export const webhook: Webhook<${type}> = ${valueLiteral(description as unknown as Json)}
`,
    },
  ]
}

/** The kit itself, the same for every registry. */
export function kitFiles(): readonly OutputFile[] {
  const header = lineComments(headerLines())
  return Object.entries(kit).map(([name, source]) => ({
    path: `typescript/kit/${name}`,
    // The kit's own modules import each other as Node runs them; a stranger's compiler wants what comes out.
    text: `${header}\n\n${source.replace(/(?<= from '\.\/[a-z-]+)\.ts(?=')/g, '.js')}`,
  }))
}

type Webhook = NonNullable<Connector['webhook']>

function secretFields({ signatures, handshake }: Webhook): readonly string[] {
  return [
    ...signatures.map(({ secret }) => secret),
    ...(handshake?.expect ?? []).flatMap(({ field }) => field ?? []),
    ...(handshake?.proof === undefined ? [] : [handshake.proof.secret]),
  ]
}

/** A connector's webhook as the kit wants it; undefined where it has none. */
export function webhookDescription({ code: connector, webhook }: Connector): KitWebhook | undefined {
  if (webhook === undefined) return undefined
  const { signatures, handshake, delivery } = webhook
  return {
    connector,
    signatures: signatures.map(({ name, description: _, cites: __, ...scheme }) => ({
      name,
      encoding: 'hex',
      secret_encoding: 'text',
      weak: false,
      ...scheme,
      signed: scheme.signed ?? '',
    })),
    ...(handshake === undefined ? {} : { handshake: handshakeOf(handshake) }),
    max_bytes: delivery.max_bytes ?? MAX_BYTES,
  }
}

function handshakeOf({ method, challenge, expect = [], proof, answer }: NonNullable<Webhook['handshake']>): Handshake {
  return { method, challenge, expect, ...(proof === undefined ? {} : { proof }), answer: answer as Handshake['answer'] }
}
