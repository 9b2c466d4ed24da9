import type { Definition } from '../compiled/definition.ts'
import { utf8 } from '../kit/bytes.ts'
import { isObject } from '../kit/mapping.ts'
import { verify } from '../kit/verify.ts'
import type { Webhook } from '../kit/webhook.ts'
import type { SourceDocument } from '../load/source-document.ts'
import { sampleRequest } from '../model/sample-request.ts'
import { webhookConfig } from '../model/webhook-config.ts'
import { handshakeMismatches } from './handshake-samples.ts'
import { schemaFindings } from './schema-findings.ts'

type WrittenWebhook = NonNullable<Definition['webhook']>
type Sample = NonNullable<WrittenWebhook['samples']>[number]

/**
 * Runs the kit on every sample that has a proof, and on the sample handshakes. It runs before `check`, because the kit is
 * asynchronous; the rules `delivery/sample-refused` and `webhook/handshake-sample-mismatch` report what it found.
 */
export async function verifySamples(documents: readonly SourceDocument[]): Promise<readonly SourceDocument[]> {
  return Promise.all(documents.map((document) => (hasSamples(document.value) ? verified(document) : document)))
}

/** Whether there is something to run; the value may have any form. */
function hasSamples(value: unknown): boolean {
  const { webhook } = (isObject(value) ? value : {}) as { readonly webhook?: unknown }
  if (!isObject(webhook)) return false
  const some = (list: unknown, member: string) =>
    Array.isArray(list) && list.some((item) => isObject(item) && item[member] !== undefined)
  return some(webhook.samples, 'proof') || some(webhook.handshakes, 'samples')
}

async function verified(document: SourceDocument): Promise<SourceDocument> {
  // Only a webhook that fits the format can be run; otherwise there are findings already.
  if (schemaFindings(document).some(({ path }) => path.length === 0 || path[0] === 'webhook')) return document
  const { code, webhook } = document.value as Definition
  if (webhook === undefined) return document
  const config = webhookConfig({ code, webhook, rules: [], events: {}, api: {} })
  return {
    ...document,
    refusals: await refusalsIn(document, webhook, config),
    mismatches: await handshakeMismatches(webhook, config),
  }
}

async function refusalsIn(
  document: SourceDocument,
  { samples = [] }: WrittenWebhook,
  config: Webhook,
): Promise<ReadonlyMap<number, string>> {
  // The vendor may sign only with a scheme that an application must allow by name.
  const allowWeak = config.signatures.map(({ name }) => name)
  const refusals = new Map<number, string>()
  for (const [index, sample] of samples.entries()) {
    const { proof, headers = {} } = sample
    if (proof === undefined) continue
    const { method, url } = sampleRequest({ ...sample, content_type: 'none' })
    const request = {
      ...{ method, ...(url === undefined ? {} : { url }) },
      ...{ headers: new Headers(headers), body: utf8(bodyOf(sample, document)) },
    }
    const now = proof.received_at === undefined ? undefined : Date.parse(proof.received_at)
    const result = await verify(config, request, proof.secrets, { url: proof.url, allowWeak, now })
    if (!result.verified) refusals.set(index, result.reason)
  }
  return refusals
}

function bodyOf({ file, body }: Sample, { samples }: SourceDocument): string {
  return body ?? samples?.get(file ?? '') ?? ''
}
