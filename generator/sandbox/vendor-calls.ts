import type { AuthorizedFetch } from '../kit/authorized-fetch.ts'
import { authorizedFetch } from '../kit/authorized-fetch.ts'
import type { OutgoingOptions } from '../kit/outgoing.ts'
import type { DatabaseTokenStore } from '../kit/token-store.ts'
import { tokenStore } from '../kit/token-store.ts'
import { apiConfig } from '../targets/typescript/api-config.ts'
import type { Installed, Runtime } from './runtime.ts'
import type { ServerState } from './server-state.ts'

export interface VendorCallOptions {
  readonly runtime: Runtime
  readonly serverState: () => ServerState
  readonly vendor: Vendor
}

/** How vendors are reached. */
export interface Vendor {
  readonly outgoing: OutgoingOptions
  /** The page at which a person consents. */
  readonly pageOf: (url: string) => string
}

/** Vendors at their own addresses, or a fake vendor that gets the paths, and the hosts in X-Forwarded-Host. */
export function vendorAt(fake: string | undefined): Vendor {
  if (fake === undefined) return { outgoing: {}, pageOf: (url) => url }
  const pageOf = (url: string) => {
    const { pathname, search } = new URL(url)
    return `${fake}${pathname}${search}`
  }
  const send: typeof fetch = (input, init) => {
    const request = new Request(input, init)
    const forwarded = new Request(pageOf(request.url), request)
    forwarded.headers.set('x-forwarded-host', new URL(request.url).host)
    return fetch(forwarded)
  }
  return { outgoing: { fetch: send }, pageOf }
}

/** The calls of a connector's endpoints, by their names. */
type Calls = AuthorizedFetch<Readonly<Record<string, { readonly item: unknown }>>>

/** How the local runtime calls vendors for its installations. */
export interface VendorCalls {
  /** Undefined for a connector without endpoints. */
  readonly callsOf: (installed: Installed) => Calls | undefined
  /** The tokens of an installation, encrypted in the database. */
  readonly tokensOf: (installed: Installed) => DatabaseTokenStore
}

export function vendorCalls({ runtime, serverState, vendor }: VendorCallOptions): VendorCalls {
  /** Kept, since they count calls; until the definition or the configuration changes. */
  const known = new Map<string, { readonly made: readonly unknown[]; readonly calls: Calls }>()
  const tokensOf = ({ id, organizationId }: Installed) =>
    tokenStore(runtime.call, { organizationId, installationId: id })
  return {
    tokensOf,
    callsOf(installed) {
      const { id, code, configuration } = installed
      const connector = serverState().connectors.get(code)
      const made = [connector, configuration]
      const before = known.get(id)
      if (before?.made.every((part, index) => part === made[index]) === true) return before.calls
      const api = connector && apiConfig(connector)
      if (api === undefined) return undefined
      const calls = authorizedFetch(
        api,
        { configuration, tokens: tokensOf(installed) },
        vendor.outgoing,
      ) as unknown as Calls
      known.set(id, { made, calls })
      return calls
    },
  }
}
