import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DevOptions, Ready } from '../../generator/commands/dev.ts'
import { dev } from '../../generator/commands/dev.ts'
import type { Outcome } from '../../generator/commands/outcome.ts'
import type { Answer } from './runtime.ts'

export const LOCAL = '7b0c1c5e-0000-4000-8000-000000000001'
export const OTHER = '7b0c1c5e-0000-4000-8000-000000000002'
const definitions = join(import.meta.dirname, '..', '..', 'definitions')

/** A local runtime of a test's own, in this process. */
export interface Sandbox extends Ready {
  readonly folder: string
  /** Where `simulate` finds the token. */
  readonly data: string
  readonly changes: readonly Outcome[]
  readonly errors: readonly unknown[]
  readonly post: (path: string, body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Reply>
  readonly stop: () => Promise<Outcome>
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: Answer
}

/** Starts a local runtime in a folder that goes away with it; on the embedded database unless a URL is given. */
export async function startSandbox(options: Partial<DevOptions> = {}): Promise<Sandbox> {
  const folder = mkdtempSync(join(tmpdir(), 'hera-sandbox-'))
  const data = join(folder, 'database')
  const stopping = new AbortController()
  const changes: Outcome[] = []
  const errors: unknown[] = []
  let running: Promise<Outcome> | undefined
  const ready = await new Promise<Ready>((resolve, reject) => {
    running = dev({
      definitions: [definitions],
      databaseUrl: undefined,
      data,
      lockTimeout: 10,
      onStep: () => {},
      host: '127.0.0.1',
      port: 0,
      allowHost: [],
      allowOrigin: [],
      vendor: undefined,
      polls: false,
      organizations: [LOCAL, OTHER],
      publicUrl: undefined,
      jwks: undefined,
      issuer: undefined,
      rateLimits: false,
      watch: false,
      signal: stopping.signal,
      onReady: resolve,
      onChange: (outcome) => changes.push(outcome),
      onError: (error) => errors.push(error),
      ...options,
    })
    running.then((outcome) => reject(new Error(outcome.text({} as never))), reject)
  })
  return {
    ...ready,
    folder,
    data,
    changes,
    errors,
    post: (path, body, headers) => post(ready, path, body, headers),
    async stop() {
      stopping.abort()
      const outcome = (await running) as Outcome
      rmSync(folder, { recursive: true, force: true })
      return outcome
    },
  }
}

/** A request as the guide makes it. */
export async function post(
  { url, token }: Pick<Ready, 'url' | 'token'>,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const response = await fetch(`${url}/api/v2/integrations/${path}`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'X-Organization-Id': LOCAL,
      'Content-Type': 'application/json',
      // On a busy machine the server may close an idle connection just when the next request reuses it.
      Connection: 'close',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** The address at which the vendor of an installation reaches a local runtime. */
export async function webhookUrl(
  { url, token }: Pick<Ready, 'url' | 'token'>,
  installation: string,
  organization = LOCAL,
): Promise<string> {
  const response = await fetch(`${url}/dev/address?installation_id=${installation}`, {
    headers: { authorization: `Bearer ${token}`, 'x-organization-id': organization },
  })
  return ((await response.json()) as { readonly url: string }).url
}

/** The cookie of a new sign-in. */
export async function signIn({ url, token }: Pick<Ready, 'url' | 'token'>): Promise<string> {
  const response = await fetch(`${url}/?token=${token}`, { redirect: 'manual' })
  return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

/** Configurations that fit, by connector. */
export const configurations = {
  'whatsapp-business-cloud': {
    access_token: 'your_whatsapp_token',
    phone_number_id: '106540352242922',
    business_account_id: '102290129340398',
    webhook_verify_token: 'your_webhook_token',
    app_secret: 'whatsapp-app-secret',
  },
  'linkedin-api': { client_id: 'li-client', client_secret: 'li-secret' },
  'meta-graph-api': { app_id: '1517776481860111', app_secret: 'meta-secret', webhook_verify_token: 'meta-verify' },
  'zapier-webhook': { webhook_url: 'https://hooks.zapier.com/hooks/catch/1/abc', inbound_token: 'zapier-inbound' },
  'hubspot-crm': { client_id: 'hs-client', client_secret: 'hs-secret' },
} as const

export async function install(
  sandbox: Sandbox,
  code: keyof typeof configurations,
  organization = LOCAL,
): Promise<string> {
  const { body } = await sandbox.post(
    'connectors',
    { operation: 'INSTALL', connector_code: code, installation_config: configurations[code] },
    { 'X-Organization-Id': organization },
  )
  return body.data.installation_id
}
