import type { OAuthOptions, OAuthResult, PendingAuthorization } from '../kit/oauth.ts'
import { authorize, exchangeCode, obtainsTokens, requestTokens } from '../kit/oauth.ts'
import { ConfigurationError } from '../kit/template.ts'
import type { OAuthError, Tokens } from '../kit/token-request.ts'
import { oauthDescription } from '../targets/typescript/installation-file.ts'
import type { Installed } from './runtime.ts'
import type { VendorCallOptions, VendorCalls } from './vendor-calls.ts'

/** The path to which vendors send a person back. */
export const CALLBACK_PATH = '/hub/oauth/callback'

/** Milliseconds in which a person must have consented, and how many attempts are kept. */
const TIME_TO_CONSENT = 600_000
const MOST_ATTEMPTS = 100

/** An attempt to connect an account, until the vendor sends the person back. */
interface Attempt {
  /** The sign-in that began it: another one cannot end it. */
  readonly session: string
  readonly installationId: string
  readonly pending: PendingAuthorization
  readonly at: number
}

export type ConnectResult =
  /** The person consents at this address. */
  | { readonly kind: 'consent'; readonly url: string }
  | { readonly kind: 'connected' }
  | { readonly kind: 'failed'; readonly error: string; readonly message: string }

export interface ConnectingOptions extends Pick<VendorCallOptions, 'serverState' | 'vendor'> {
  /** The URL of this server for browsers that vendors send back, without a slash at the end. */
  readonly publicUrl: string
}

/** Connects the accounts of installations with OAuth 2.0, as their definitions describe it. */
export class Connecting {
  readonly #options: ConnectingOptions
  readonly #calls: VendorCalls
  readonly #attempts = new Map<string, Attempt>()

  constructor(options: ConnectingOptions, calls: VendorCalls) {
    this.#options = options
    this.#calls = calls
  }

  get redirectUri(): string {
    return `${this.#options.publicUrl}${CALLBACK_PATH}`
  }

  /** Whether an account can be connected on a page: by a person in a browser, or without one. */
  isPossible(code: string): boolean {
    const oauth = this.#oauthOf(code)
    return oauth !== undefined && (oauth.grant === 'authorization_code' || obtainsTokens(oauth))
  }

  async begin(session: string, installed: Installed): Promise<ConnectResult> {
    const oauth = this.#oauthOf(installed.code)
    if (oauth === undefined) return failed('not_described', 'the definition does not describe OAuth 2.0')
    if (obtainsTokens(oauth))
      return this.#end(installed, () => requestTokens(oauth, installed.configuration, this.#oauthOptions))
    try {
      const { redirectUri } = this
      const { url, pending } = await authorize(oauth, installed.configuration, { redirectUri })
      this.#attempts.set(pending.state, { session, installationId: installed.id, pending, at: Date.now() })
      const [oldest = ''] = this.#attempts.keys()
      if (this.#attempts.size > MOST_ATTEMPTS) this.#attempts.delete(oldest)
      return { kind: 'consent', url: this.#options.vendor.pageOf(url) }
    } catch (error) {
      return unfilled(error)
    }
  }

  /** The installation that an answer of the vendor belongs to, and how to end the attempt; each attempt ends once. */
  take(session: string, callback: URL): { readonly installationId: string; readonly end: End } | undefined {
    const state = callback.searchParams.get('state') ?? ''
    const attempt = this.#attempts.get(state)
    if (attempt?.session !== session) return undefined
    this.#attempts.delete(state)
    if (Date.now() - attempt.at > TIME_TO_CONSENT) return undefined
    const { installationId, pending } = attempt
    return {
      installationId,
      end: async (installed) => {
        const oauth = this.#oauthOf(installed.code)
        if (oauth === undefined) return failed('not_described', 'the definition no longer describes OAuth 2.0')
        return this.#end(installed, () =>
          exchangeCode(oauth, installed.configuration, callback, pending, this.#oauthOptions),
        )
      },
    }
  }

  async #end(installed: Installed, run: () => Promise<OAuthResult>): Promise<ConnectResult> {
    try {
      const result = await run()
      if (!result.ok) return failed(result.error.reason, messageOf(result.error))
      await this.#calls.tokensOf(installed).save(result.tokens, result.kept ?? {})
      const { replaced = [] } = result
      if (replaced.length > 0)
        return failed(
          'values_replaced',
          `the account is connected, with other values of ${replaced.join(', ')} than before`,
        )
      if (result.lookup_error === undefined) return { kind: 'connected' }
      return failed(
        'lookup_failed',
        `the account is connected, but a value of it is missing: ${messageOf(result.lookup_error)}`,
      )
    } catch (error) {
      return unfilled(error)
    }
  }

  get #oauthOptions(): OAuthOptions {
    return this.#options.vendor.outgoing
  }

  #oauthOf(code: string) {
    const connector = this.#options.serverState().connectors.get(code)
    return connector && oauthDescription(connector)
  }
}

type End = (installed: Installed) => Promise<ConnectResult>

function failed(error: string, message: string): ConnectResult {
  return { kind: 'failed', error, message }
}

/** A field that is missing or malformed can be corrected on the page; any other error is ours. */
function unfilled(error: unknown): ConnectResult {
  if (error instanceof ConfigurationError) return failed('not_configured', error.message)
  throw error
}

const MESSAGES: Readonly<Record<OAuthError['reason'], string>> = {
  denied: 'the person did not consent',
  invalid_state: 'the answer belongs to another attempt; connect again',
  reconnect: 'the vendor no longer accepts the code; connect again',
  refused: 'the vendor refused the request; compare client id, secret and redirect URL with its settings',
  pending: 'the person has not consented yet',
  malformed_answer: 'the answer of the vendor contains no access token, or a value that does not fit',
  unreachable: 'the token URL did not answer',
  unsafe_address: 'the token URL is not a public https address',
}

function messageOf({ reason, code, status }: OAuthError): string {
  const facts = [code, status === undefined ? undefined : `status ${status}`].filter((fact) => fact !== undefined)
  return `${MESSAGES[reason]}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`
}

/** Whether tokens can be used, for a page; it contains no token. */
export interface ConnectionState {
  readonly isConnected: boolean
  /** ISO 8601. */
  readonly expires_at?: string
  readonly scope?: string
  readonly isRenewable?: boolean
}

export function connectionState(tokens: Tokens | undefined): ConnectionState {
  if (tokens === undefined) return { isConnected: false }
  const { expires_at, scope, refresh_token } = tokens
  return {
    isConnected: true,
    isRenewable: refresh_token !== undefined,
    ...(expires_at === undefined ? {} : { expires_at }),
    ...(scope === undefined ? {} : { scope }),
  }
}
