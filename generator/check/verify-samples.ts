import type { Definition } from '../compiled/definition.ts'
import { utf8 } from '../kit/bytes.ts'
import { isObject } from '../kit/mapping.ts'
import { verify } from '../kit/verify.ts'
import type { SourceDocument } from '../load/source-document.ts'
import { webhookConfig } from '../model/webhook-config.ts'
import { schemaFindings } from './schema-findings.ts'

type Sample = NonNullable<NonNullable<Definition['webhook']>['samples']>[number]

/**
 * Runs the kit's verification on every sample that has a proof. It runs before `check`, because verification is
 * asynchronous; the rule `delivery/sample-refused` reports what was refused.
 */
export async function verifySamples(documents: readonly SourceDocument[]): Promise<readonly SourceDocument[]> {
  return Promise.all(
    documents.map(async (document) => {
      const refusals = hasProof(document.value) ? await refusalsIn(document) : undefined
      return refusals === undefined ? document : { ...document, refusals }
    }),
  )
}

function hasProof(value: unknown): boolean {
  const { webhook } = (isObject(value) ? value : {}) as { readonly webhook?: { readonly samples?: unknown } }
  const samples = webhook?.samples
  return Array.isArray(samples) && samples.some((sample) => isObject(sample) && sample.proof !== undefined)
}

async function refusalsIn(document: SourceDocument): Promise<ReadonlyMap<number, string> | undefined> {
  // Only a webhook that fits the format can be verified with; otherwise there are findings already.
  if (schemaFindings(document).some(({ path }) => path.length === 0 || path[0] === 'webhook')) return undefined
  const { code, webhook } = document.value as Definition
  if (webhook === undefined) return undefined
  const config = webhookConfig({ code, webhook, rules: [], events: {} })
  // The vendor may sign only with a scheme that an application must allow by name.
  const allowWeak = config.signatures.map(({ name }) => name)
  const refusals = new Map<number, string>()
  for (const [index, sample] of (webhook.samples ?? []).entries()) {
    const { proof, headers = {} } = sample
    if (proof === undefined) continue
    const request = { method: 'POST', headers: new Headers(headers), body: utf8(bodyOf(sample, document)) }
    const now = proof.received_at === undefined ? undefined : Date.parse(proof.received_at)
    const result = await verify(config, request, proof.secrets, { url: proof.url, allowWeak, now })
    if (!result.verified) refusals.set(index, result.reason)
  }
  return refusals
}

function bodyOf({ file, body }: Sample, { samples }: SourceDocument): string {
  return body ?? samples?.get(file ?? '') ?? ''
}
