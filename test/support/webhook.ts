import type { Webhook } from '../../generator/kit/webhook.ts'
import type { Connector } from '../../generator/model/connector.ts'
import { kitWebhook } from '../../generator/targets/typescript/webhook-file.ts'

/** The webhook of a connector that must have one, as the kit runs it. */
export function webhookOf(connector: Connector): Webhook {
  const webhook = kitWebhook(connector)
  if (webhook === undefined) throw new Error(`${connector.code} has no webhook`)
  return webhook
}
