import type { OAuth, OAuthOptions, OAuthResult } from './oauth.ts'
import { needsRefresh, obtainsTokens, refreshTokens, requestTokens } from './oauth.ts'
import type { OAuthError, Tokens } from './token-request.ts'

/** The place in which an application keeps the tokens of one installation. */
export interface TokenStore {
  readonly load: () => Promise<Tokens | undefined>
  /** Stores new tokens, and values that are kept as fields. The old refresh token may be invalid already. */
  readonly save: (tokens: Tokens, kept: Readonly<Record<string, string>>) => Promise<void>
  /**
   * Runs a function while no other process runs one for this installation, such as with a lock of the database. While it
   * waits, it may call `renewed`: a result is that of another process, so that `run` is not needed. Without `lock`, only
   * one renewal runs at a time in this process. `tokenStore` has one.
   */
  readonly lock?: <Result>(run: () => Promise<Result>, renewed: () => Promise<Result | undefined>) => Promise<Result>
}

export interface TokenSource {
  /**
   * Tokens that are valid now, renewed or requested if necessary. `rejected` is an access token that the vendor has
   * refused: tokens are renewed unless newer ones are stored. Throws what the store throws; tokens that it did not save are
   * saved by the next call.
   */
  readonly get: (options?: { readonly rejected?: string }) => Promise<OAuthResult>
}

type Renewed = Extract<OAuthResult, { readonly ok: true }>

/** Tokens of one installation, renewed once however many calls need them at the same time. */
export function tokenSource<Field extends string>(
  description: OAuth<Field>,
  configuration: { readonly [Name in Field]?: string },
  { load, save, lock = (run) => run() }: TokenStore,
  options: OAuthOptions = {},
): TokenSource {
  let renewal: Promise<OAuthResult> | undefined
  /** New tokens that the store did not take. The refresh token of the stored ones may be spent. */
  let unsaved: { readonly old: Tokens | undefined; readonly renewed: Renewed } | undefined

  const isUsable = (tokens: Tokens, rejected: string | undefined) =>
    tokens.access_token !== rejected && !needsRefresh(description, tokens, options.now)

  /** The unsaved result, unless somebody has stored other tokens since. */
  const unsavedAfter = (stored: Tokens | undefined) =>
    unsaved !== undefined && unsaved.old?.access_token === stored?.access_token ? unsaved.renewed : undefined

  const keep = async (old: Tokens | undefined, renewed: Renewed) => {
    unsaved = { old, renewed }
    await save(renewed.tokens, renewed.kept ?? {})
    unsaved = undefined
  }

  const loadUsable = async (rejected: string | undefined): Promise<OAuthResult | undefined> => {
    const tokens = await load()
    if (unsavedAfter(tokens) !== undefined) return undefined
    return tokens !== undefined && isUsable(tokens, rejected) ? { ok: true, tokens } : undefined
  }

  const renew = (rejected: string | undefined): Promise<OAuthResult> =>
    lock<OAuthResult>(
      async () => {
        const stored = await load()
        const earlier = unsavedAfter(stored)
        if (earlier !== undefined) await keep(stored, earlier)
        unsaved = undefined
        const tokens = earlier?.tokens ?? stored
        if (tokens !== undefined && isUsable(tokens, rejected)) return earlier ?? { ok: true, tokens }
        if (tokens === undefined && !obtainsTokens(description)) return { ok: false, error: { reason: 'reconnect' } }
        const result =
          tokens === undefined
            ? await requestTokens(description, configuration, options)
            : await refreshTokens(description, configuration, tokens, options)
        if (result.ok) await keep(tokens, result)
        // A vendor that cannot renew right now still accepts a token until its end.
        const isAlive = tokens !== undefined && !needsRefresh({ refresh_before_seconds: 0 }, tokens, options.now)
        return !result.ok && isTransient(result.error) && isAlive && tokens.access_token !== rejected
          ? { ok: true, tokens }
          : result
      },
      () => loadUsable(rejected),
    )

  return {
    async get({ rejected } = {}) {
      for (;;) {
        const stored = await loadUsable(rejected)
        if (stored !== undefined) return stored
        if (renewal === undefined) {
          renewal = renew(rejected).finally(() => {
            renewal = undefined
          })
          return renewal
        }
        const result = await renewal
        if (!result.ok || result.tokens.access_token !== rejected) return result
      }
    },
  }
}

/** A store that ends with this process. */
export function storeOfProcess(): TokenStore {
  let tokens: Tokens | undefined
  return {
    load: async () => tokens,
    save: async (saved) => {
      tokens = saved
    },
  }
}

/** Whether the same request can succeed later. */
export function isTransient({ reason, status = 0 }: OAuthError): boolean {
  return reason === 'unreachable' || status === 429 || status >= 500
}
