import { parseJson } from './body.ts'
import type { Secrets } from './webhook.ts'
import { readBody } from './webhook.ts'

/**
 * Calls a function of HERA's database by named arguments, as `service_role`, and gives what it answers. Rejects with a
 * `DatabaseError`. `postgrest` is one; with a driver, `select public.<name>(<argument> => …)` does the same.
 */
export type CallFunction = (name: string, given: Readonly<Record<string, unknown>>) => Promise<unknown>

/** An error that the database raised. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  /** SQLSTATE, such as 42501; HC400, HC404, HC409 and HC503 are those of `runtime.sql`. Empty if there was no answer. */
  readonly code: string
  readonly detail: string | undefined
  readonly hint: string | undefined

  constructor({
    code = '',
    message = 'the database gave no answer',
    detail,
    hint,
  }: {
    readonly code?: string | undefined
    readonly message?: string | undefined
    readonly detail?: string | undefined
    readonly hint?: string | undefined
  }) {
    super(message)
    this.code = code
    this.detail = detail
    this.hint = hint
  }
}

export interface PostgrestOptions {
  /** The address of the API: `https://<project>.supabase.co/rest/v1`, or that of a PostgREST server. */
  readonly url: string | URL
  /** The secret key of the project, or a JWT of the role `service_role`. It never leaves the server. */
  readonly key: string
  readonly fetch?: typeof fetch
  /** Milliseconds that a call may take; ten seconds if it is missing. */
  readonly timeout?: number
}

/** Bytes of the largest answer that is read. */
const LARGEST = 20_000_000

/** Calls functions through PostgREST, as Supabase offers it. */
export function postgrest({ url, key, fetch: send = fetch, timeout = 10_000 }: PostgrestOptions): CallFunction {
  const base = String(url).replace(/\/*$/, '')
  // A secret key of Supabase is not a JWT, so it is only an API key: https://supabase.com/docs/guides/api/api-keys
  const authorization: Record<string, string> = key.split('.').length === 3 ? { authorization: `Bearer ${key}` } : {}
  return async (name, given) => {
    const response = await send(`${base}/rpc/${encodeURIComponent(name)}`, {
      method: 'POST',
      headers: { apikey: key, 'content-type': 'application/json', accept: 'application/json', ...authorization },
      body: JSON.stringify(given),
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    }).catch(() => {
      throw new DatabaseError({})
    })
    const body = await readBody(response, LARGEST, timeout)
    const answer = typeof body === 'string' ? undefined : parseJson({}, body)
    if (response.ok && answer !== undefined) return answer
    const { code, message, details, hint } = (answer ?? {}) as Readonly<Record<string, string | null | undefined>>
    throw new DatabaseError({
      code: code ?? undefined,
      message: message ?? undefined,
      detail: details ?? undefined,
      hint: hint ?? undefined,
    })
  }
}

/** An installation, and the organization that it belongs to: two UUIDs. */
export interface InstallationAddress {
  readonly organizationId: string
  readonly installationId: string
}

/** An installation with its configuration in clear text. */
export interface StoredInstallation extends InstallationAddress {
  readonly connector: string
  readonly status: 'active' | 'paused'
  /** All fields, with the secrets and the values that the vendor gave while connecting. */
  readonly configuration: Secrets
}

/** An installation by its id; undefined if there is none, or it is uninstalled. */
export async function readInstallation(call: CallFunction, id: string): Promise<StoredInstallation | undefined> {
  const answer = (await call('hera_integration_installation_v1', { p_installation_id: id })) as {
    readonly organization_id: string
    readonly connector_code: string
    readonly status: 'active' | 'paused'
    readonly configuration: Secrets
  } | null
  if (answer === null) return undefined
  const { organization_id: organizationId, connector_code: connector, status, configuration } = answer
  return { installationId: id, organizationId, connector, status, configuration }
}
