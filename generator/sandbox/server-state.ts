import type { Webhook } from '../kit/webhook.ts'
import type { Connector, Registry } from '../model/connector.ts'
import { kitWebhook } from '../targets/typescript/webhook-file.ts'
import type { RateLimits } from './rate-limits.ts'
import { rateLimitsOf } from './rate-limits.ts'
import type { DataCheck } from './validation.ts'
import { dataCheckOf } from './validation.ts'

/** A registry with everything that the server derives from it; replaced when the definitions change. */
export interface ServerState {
  readonly registry: Registry
  readonly connectors: ReadonlyMap<string, Connector>
  /** Undefined for a connector without a webhook. */
  readonly webhookOf: (code: string) => Webhook | undefined
  readonly checkData: DataCheck
  readonly limit: RateLimits
}

export function createServerState(registry: Registry, { isLimited }: { readonly isLimited: boolean }): ServerState {
  const connectors = new Map(registry.connectors.map((connector) => [connector.code, connector]))
  return {
    registry,
    connectors,
    checkData: dataCheckOf(registry),
    limit: isLimited ? rateLimitsOf(registry) : async () => undefined,
    webhookOf(code) {
      const connector = connectors.get(code)
      return connector && kitWebhook(connector)
    },
  }
}
