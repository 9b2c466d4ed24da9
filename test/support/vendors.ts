import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Signature } from '../../generator/compiled/definition.ts'
import { publicKeys } from '../../generator/kit/public-keys.ts'
import type { SignedWebhook } from '../../generator/kit/webhook.ts'
import { schemeOf } from '../../generator/model/webhook-config.ts'

/** The webhook of a vendor, as far as its signatures need it. */
export interface Vendor {
  /** Values of an installation besides the secret. */
  readonly fields?: Readonly<Record<string, string>>
  readonly content_types?: readonly string[]
  readonly signatures: readonly Signature[]
}

/** The folder of signed requests, by vendor. */
export const vectors = join(import.meta.dirname, '..', 'fixtures', 'vectors')

/** All vendors with signed requests. */
export const vendors = parse(readFileSync(join(vectors, 'vendors.yaml'), 'utf8')) as Readonly<Record<string, Vendor>>

/** A vendor's webhook, as the kit verifies it. */
export function signedWebhookOf({ signatures, content_types = ['application/json'] }: Vendor): SignedWebhook {
  return { signatures: signatures.map(schemeOf), content_types, max_bytes: 100_000, publicKeys }
}
