import type { CallFunction, InstallationAddress } from './database.ts'
import { DatabaseError } from './database.ts'
import { sleep } from './repeat.ts'
import type { Tokens } from './token-request.ts'
import type { TokenStore } from './token-source.ts'

export interface TokenStoreOptions {
  /** Seconds after which another caller may renew tokens if the first one has not; 60 if it is missing, at most 600. */
  readonly leaseSeconds?: number
}

/** The tokens of one installation in HERA's database. */
export interface DatabaseTokenStore extends Required<TokenStore> {
  /** Deletes the tokens, as when the account is disconnected. */
  readonly remove: () => Promise<void>
}

/** The answer of `hera_integration_tokens_v1`. */
interface StoredTokens {
  readonly tokens?: Tokens | null
  readonly version: string | null
  readonly leased?: boolean
  readonly lease_id?: string
  readonly wait_ms?: number
  readonly problem?: string
}

/** Milliseconds between two attempts to get the lease, at first and at most. */
const [SHORTEST_WAIT, LONGEST_WAIT] = [50, 1000]

/**
 * Keeps the tokens of an installation encrypted in HERA's database. One of many servers renews them, by a lease in the
 * database; the others wait, and use what it has stored. All functions reject with a `DatabaseError`.
 */
export function tokenStore(
  call: CallFunction,
  { organizationId, installationId }: InstallationAddress,
  { leaseSeconds = 60 }: TokenStoreOptions = {},
): DatabaseTokenStore {
  const request = async (operation: string, given: Readonly<Record<string, unknown>> = {}): Promise<StoredTokens> => {
    const address = { p_organization_id: organizationId, p_installation_id: installationId }
    const answer = await call('hera_integration_tokens_v1', { ...address, p_operation: operation, ...given })
    return answer as StoredTokens
  }
  /** The lease of this process, while it renews tokens. */
  let lease: StoredTokens | undefined

  return {
    load: async () => (await request('GET')).tokens ?? undefined,

    async save(tokens, kept) {
      const held = lease === undefined ? {} : { p_lease_id: lease.lease_id, p_version: lease.version }
      const { problem } = await request('SAVE', { p_tokens: tokens, p_kept: kept, ...held })
      if (problem !== undefined) throw new DatabaseError({ code: 'HC400', message: problem })
    },

    async lock(run, renewed) {
      let seen: string | null | undefined
      for (let wait = SHORTEST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
        const answer = await request('LEASE', { p_lease_seconds: leaseSeconds })
        if (answer.leased === true) {
          lease = answer
          try {
            return await run()
          } finally {
            lease = undefined
            // If this fails, the lease ends by itself.
            await request('RELEASE', { p_lease_id: answer.lease_id }).catch(() => undefined)
          }
        }
        if (seen !== undefined && answer.version !== seen) {
          const result = await renewed()
          if (result !== undefined) return result
        }
        seen = answer.version
        // Callers that began together do not ask together.
        await sleep(Math.min(wait, answer.wait_ms ?? wait) * (0.5 + Math.random() / 2))
      }
    },

    async remove() {
      await request('DELETE')
    },
  }
}
