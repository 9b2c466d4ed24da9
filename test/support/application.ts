import { join } from 'node:path'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import { accessBy } from '../../generator/sandbox/access.ts'
import { createActivityFeed } from '../../generator/sandbox/activity-feed.ts'
import { sandbox } from '../../generator/sandbox/app.ts'
import { listen } from '../../generator/sandbox/listen.ts'
import { Polling } from '../../generator/sandbox/polling.ts'
import { runtimeOf } from '../../generator/sandbox/runtime.ts'
import { createServerState } from '../../generator/sandbox/server-state.ts'
import { vendorAt, vendorCalls } from '../../generator/sandbox/vendor-calls.ts'
import { webhookPath } from '../../generator/sandbox/webhooks.ts'
import { LOCAL, OTHER } from './sandbox.ts'

/** Read once for all applications of a file. */
const reading = readRegistry([join(import.meta.dirname, '..', '..', 'definitions')], {})
const TOKEN = 'the-token-of-this-test-0123456789abcdef'
export const INSTALLATION = '5d3b1f0e-0000-4000-8000-00000000000a'

export interface ApplicationOptions {
  /** The connector that is installed. */
  readonly connector?: string
  readonly configuration?: Readonly<Record<string, string>>
  readonly origins?: readonly string[]
  /** Thrown by each statement that matches. */
  readonly failure?: { readonly statement: RegExp; readonly error: Error }
}

/** The application of `dev` on a database with canned answers that counts its statements. */
export async function startApplication({
  connector = 'hubspot-crm',
  configuration = { client_id: 'my-client', client_secret: 'my-own-secret' },
  origins = [],
  failure,
}: ApplicationOptions = {}) {
  const { registry } = await reading
  const statements: string[] = []
  const errors: unknown[] = []
  const activity = createActivityFeed()
  const stopping = new AbortController()
  const installed = { id: INSTALLATION, code: connector, status: 'active', installation_config: configuration }
  const installation = { organization_id: LOCAL, connector_code: connector, status: 'active' }
  const event = { id: LOCAL, smart_code: 'X', metadata: { connector_code: connector, event_type: 'e' } }
  const answers: readonly (readonly [RegExp, object])[] = [
    [/entity\.entity_code as code/, { organization: LOCAL, code: connector, version: 1, changed: '' }],
    [/hera_integration_tokens_v1/, { answer: { tokens: null, version: null, leased: true, lease_id: LOCAL } }],
    [/hera_integration_installation_v1/, { answer: { ...installation, configuration } }],
    [/hera_integration_connector_v1/, { answer: { success: true, connectors: [{ ...installed, history: [] }] } }],
    [/hera_integration_event_in_v1/, { answer: { success: true, message: 'recorded', event_id: LOCAL } }],
    [/hera_integration_logs_v1/, { answer: { logs: [], next_before: null } }],
    [/INTEGRATION_EVENT'/, { answer: { ...event, fields: { event_data: configuration } } }],
  ]
  const query = async (statement: string) => {
    statements.push(statement)
    if (failure?.statement.test(statement) === true) throw failure.error
    const answer = answers.find(([pattern]) => pattern.test(statement))?.[1]
    return answer === undefined ? [] : [answer as Readonly<Record<string, unknown>>]
  }
  let handle: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 })
  const listening = await listen((request) => handle(request), { host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${listening.port}`
  const current = createServerState(registry, { isLimited: false })
  const userId = LOCAL
  const organizations = [LOCAL, OTHER]
  const runtime = runtimeOf({ query })
  const serverState = () => current
  const vendor = vendorAt(undefined)
  const calls = vendorCalls({ runtime, serverState, vendor })
  const application = sandbox({
    access: accessBy({ token: TOKEN, organizations, userId }),
    ...{ runtime, activity, serverState, vendor, vendorCalls: calls },
    polling: new Polling({ runtime, activity, serverState, userId }, calls),
    userId,
    token: TOKEN,
    organizations,
    publicUrl: url,
    stopping: stopping.signal,
    deliver: async (request) => handle(request),
    hosts: ['127.0.0.1'],
    origins,
    onError: (error) => errors.push(error),
  })
  handle = (request) => application.fetch(request)
  return {
    url,
    token: TOKEN,
    webhook: `${url}${webhookPath(TOKEN, connector, INSTALLATION)}`,
    application,
    activity,
    statements,
    errors,
    stopping,
    async stop() {
      stopping.abort()
      await listening.stop()
    },
  }
}

export type Application = Awaited<ReturnType<typeof startApplication>>
