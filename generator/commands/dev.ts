import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Database, Queries } from '../database/database.ts'
import { openEmbedded } from '../database/embedded.ts'
import { seedState } from '../database/read-catalogue.ts'
import { secretFile } from '../database/secret-file.ts'
import { openPool, openServer } from '../database/server.ts'
import { OperationalError } from '../diagnostics/operational-error.ts'
import type { Colors } from '../diagnostics/render-text.ts'
import { endpoints } from '../kit/endpoints.ts'
import type { Registry } from '../model/connector.ts'
import type { RunOptions } from '../pipeline/build-options.ts'
import { readRegistry } from '../pipeline/pipeline.ts'
import { accessBy } from '../sandbox/access.ts'
import { createActivityFeed } from '../sandbox/activity-feed.ts'
import { sandbox } from '../sandbox/app.ts'
import { listen } from '../sandbox/listen.ts'
import { Polling } from '../sandbox/polling.ts'
import { runtimeOf } from '../sandbox/runtime.ts'
import { createServerState } from '../sandbox/server-state.ts'
import { vendorAt, vendorCalls } from '../sandbox/vendor-calls.ts'
import { indexStatements, runtimeScript, seedDigests, seedPieces } from '../targets/sql/sql-target.ts'
import { isUuid } from '../text/uuid.ts'
import { defineCommand, flag, parameter, type Values } from './command.ts'
import { DATABASE_NOTES, databaseParameters, LOCAL_ORGANIZATION, runOptions, webAddress } from './options.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'
import { untilAborted, watchFolders } from './watch.ts'
import { type DatabasePlace, databasePlace } from './with-database.ts'

const serverParameters = {
  host: parameter('--host <address>', 'address to listen on', { default: '127.0.0.1' }),
  port: parameter('--port <number>', 'port to listen on; 0 for any free port', { parse: portNumber, default: 4600 }),
  organizations: parameter('--organization <uuid...>', 'organizations of the local token', {
    parse: (text, previous: readonly string[] = []) => [...previous, uuid(text)],
    default: [LOCAL_ORGANIZATION],
  }),
  publicUrl: parameter('--public-url <url>', 'URL at which vendors reach the server, such as a tunnel', {
    parse: webAddress,
  }),
  allowHost: parameter<readonly string[]>('--allow-host <name...>', 'further host names that requests may use', {
    default: [],
  }),
  allowOrigin: parameter<readonly string[]>('--allow-origin <origin...>', 'web origins that may call the endpoints', {
    default: [],
  }),
  vendor: parameter('--vendor <url>', "fake vendor that is called in place of the vendors' hosts", {
    parse: webAddress,
  }),
  polls: flag('--no-polls', 'poll only when asked to in the hub', { default: true }),
  jwks: parameter('--jwks <url>', 'key set that verifies real tokens'),
  issuer: parameter('--issuer <issuer>', 'required issuer of real tokens'),
  rateLimits: flag('--no-rate-limits', "do not enforce the vendors' rate limits", { default: true }),
  watch: flag('--no-watch', 'do not reload when a definition changes', { default: true }),
}

export const command = defineCommand({
  description: "run HERA's integration runtime on this machine: endpoints, webhooks and a small hub",
  examples: ['dev', 'dev --port 0 --no-watch', 'dev --public-url https://example.ngrok.app'],
  notes: DATABASE_NOTES,
  parameters: { ...databaseParameters, ...serverParameters },
  run: (options, context) =>
    dev({
      ...options,
      ...databasePlace(options, context),
      ...runOptions(options, 'always', context),
      signal: context.stopSignal(),
      onReady: (ready) => context.announce({ json: ready, text: (colors, seconds) => welcome(ready, seconds, colors) }),
      onChange: (outcome) => context.log(outcome.text),
      onError: (error, rid) => context.log(() => requestFailure(error, rid, context.isDebugging)),
    }),
})

export interface DevOptions extends DatabasePlace, RunOptions, Values<typeof serverParameters> {
  readonly definitions: readonly string[]
  /** Stops the server. */
  readonly signal: AbortSignal
  readonly onReady: (ready: Ready) => void
  /** Receives the outcome of each reload. */
  readonly onChange: (outcome: Outcome) => void
  readonly onError: (error: unknown, rid: string) => void
}

/** How to reach and use the server. */
export interface Ready {
  readonly url: string
  readonly token: string
  readonly organizations: readonly string[]
  readonly webhooks: string
}

/** Written as the actor of what the local runtime does. */
const SYSTEM_ACTOR = '00000000-0000-0000-0000-000000000001'
/** Sessions on a server; each can have one request under way. */
const CONNECTIONS = 10
const ADDRESSES = ['localhost', '127.0.0.1', '[::1]']

/** Runs HERA's integration runtime on this machine until it is stopped. */
export async function dev(options: DevOptions): Promise<Outcome> {
  const { definitions, organizations, signal, data } = options
  const keys = options.jwks === undefined ? undefined : keyAddress(options.jwks)
  const folder = dirname(data)
  const [token, key] = await Promise.all([
    secretFile(join(folder, 'token')),
    secretFile(join(folder, 'connectors.key')),
  ])
  // The embedded database compiles on other threads while the definitions are read on this one.
  const opening = openDatabases(options, key)
  const reading = await readRegistry(definitions, options).catch(async (error: unknown) => {
    await opening.then(
      ({ close }) => close(),
      () => undefined,
    )
    throw error
  })
  const { database, queries, close } = await opening
  if (reading.diagnostics.length > 0) {
    await close()
    return findingsOutcome(reading)
  }
  try {
    const registry = offered(reading.registry, options)
    await seedWhereNeeded(database, registry, options)
    await makeOrganizations(queries, organizations)
    let current = createServerState(registry, { isLimited: options.rateLimits })
    const activity = createActivityFeed()
    const stopping = new AbortController()
    // The port is known once it listens, and the application has to know it.
    let handle: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 })
    const listening = await listen((request) => handle(request), options)
    const local = `http://${ADDRESSES.includes(options.host) ? options.host : nameOf(options.host)}:${listening.port}`
    const publicUrl = options.publicUrl ?? local
    const runtime = runtimeOf(queries)
    const vendor = vendorAt(options.vendor)
    const serverState = () => current
    const calls = vendorCalls({ runtime, serverState, vendor })
    const polling = new Polling({ runtime, activity, serverState, userId: SYSTEM_ACTOR }, calls)
    const application = sandbox({
      vendor,
      polling,
      vendorCalls: calls,
      access: accessBy({ token, organizations, userId: SYSTEM_ACTOR, keys, issuer: options.issuer }),
      runtime,
      activity,
      serverState,
      userId: SYSTEM_ACTOR,
      token,
      organizations,
      publicUrl,
      stopping: stopping.signal,
      deliver: async (request) => handle(request),
      hosts: [...ADDRESSES, options.host, ...options.allowHost, ...hostOf(options.publicUrl)],
      origins: options.allowOrigin,
      onError: options.onError,
    })
    handle = (request) => application.fetch(request)

    const reseed = async () => {
      try {
        const changed = await readRegistry(definitions, options)
        if (changed.diagnostics.length > 0) return options.onChange(findingsOutcome(changed))
        const next = offered(changed.registry, options)
        await seedWhereNeeded(database, next, options)
        current = createServerState(next, { isLimited: options.rateLimits })
        activity.publish({ kind: 'definitions', entry: { connectors: changed.registry.connectors.length } })
        options.onChange(reseeded(changed.registry))
      } catch (error) {
        // What was there before is still served.
        options.onError(error, 'definitions')
      }
    }
    const watcher = options.watch ? await watchFolders(definitions, reseed) : undefined
    options.onReady({
      url: local,
      token,
      organizations,
      webhooks: `${publicUrl}/webhooks/<connector>/<installation>/<key>`,
    })
    const polls = options.polls
      ? polling.run(stopping.signal, (error) => options.onError(error, 'polls'))
      : Promise.resolve()
    try {
      await untilAborted(signal)
    } finally {
      await watcher?.close()
      stopping.abort()
      await polls
      await listening.stop()
    }
  } finally {
    await close()
  }
  return {
    exitCode: 0,
    json: { ok: true, stopped: true },
    text: () => 'stopped; every event that was answered is recorded',
  }
}

function welcome({ url, token, organizations, webhooks }: Ready, seconds: number, { bold, cyan }: Colors): string {
  return [
    `${bold('HERA local runtime')}, ready in ${seconds.toFixed(2)} s. Stop it with Ctrl+C.`,
    `  hub            ${cyan(`${url}/?token=${token}`)}`,
    `  endpoints      ${url}${endpoints.connectors}, …/events, …/logs`,
    `  bearer token   ${token}`,
    ...organizations.map((id) => `  organization   ${id}`),
    `  webhooks       ${webhooks}; the hub shows the address of each installation`,
    `  description    ${url}/openapi.json`,
  ].join('\n')
}

function requestFailure(error: unknown, rid: string, isDebugging: boolean): string {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined }
  return `request ${rid} failed: ${message}${isDebugging && stack !== undefined ? `\n${stack}` : ''}`
}

function portNumber(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new Error('It must be a number from 0 to 65535.')
  return value
}

function uuid(text: string): string {
  if (!isUuid(text)) throw new Error('It must be a UUID.')
  return text.toLowerCase()
}

/**
 * A draft is to be tried before anybody else is offered it; on a server it could be offered to somebody else. Nobody else
 * registers the connectors of bases in the embedded database.
 */
function offered(registry: Registry, { databaseUrl }: DevOptions): Registry {
  if (databaseUrl !== undefined) return registry
  return {
    connectors: registry.connectors.map(({ is_base: _, ...connector }) =>
      connector.status === 'draft' ? { ...connector, status: 'active' } : connector,
    ),
  }
}

interface Databases {
  /** For scripts, which need one session of their own. */
  readonly database: Database
  readonly queries: Queries
  readonly close: () => Promise<void>
}

async function openDatabases(
  { databaseUrl, data, lockTimeout, environment = {}, onStep }: DevOptions,
  key: string,
): Promise<Databases> {
  if (databaseUrl === undefined) {
    const embedded = await openEmbedded({ folder: data, onStep })
    try {
      await embedded.query("select set_config('hera.connectors_key', $1, false)", [key])
      // Nobody else has the connectors of this database.
      await embedded.query("select set_config('hera.allow_archiving', $1, false)", ['on'])
    } catch (error) {
      await embedded.close()
      throw error
    }
    return { database: embedded, queries: embedded, close: embedded.close }
  }
  const database = await openServer({ url: databaseUrl, lockTimeout, environment })
  try {
    const settings = (await hasKey(database)) ? {} : { 'hera.connectors_key': key }
    const queries = await openPool({ url: databaseUrl, connections: CONNECTIONS, settings, environment })
    const close = async () => {
      await queries.close()
      await database.close()
    }
    return { database, queries, close }
  } catch (error) {
    await database.close()
    throw error
  }
}

/** A key that the database has itself must not be hidden by ours: what others encrypted could not be read. */
async function hasKey(database: Database): Promise<boolean> {
  const { rows } = await database.run(`
    select coalesce(current_setting('hera.connectors_key', true), '') <> ''
           or to_regclass('vault.decrypted_secrets') is not null as has_key`)
  return rows[0]?.has_key === true
}

async function seedWhereNeeded(
  database: Database,
  registry: Registry,
  { databaseUrl }: Pick<DevOptions, 'databaseUrl'>,
): Promise<void> {
  const state = await seedState(database).catch(() => undefined)
  const isSeeded = Object.entries(seedDigests(registry)).every(([name, digests]) =>
    isDeepStrictEqual(state?.digests[name], digests),
  )
  if (!isSeeded) {
    await database.run([...seedPieces(registry, undefined, 'commit')].map(({ text }) => text).join(''))
  }
  const runtime = runtimeScript(registry)
  if (state?.runtime === runtime.name) return
  await database.run(runtime.text)
  // Nobody else writes to the embedded database.
  await database.run(indexStatements({ concurrently: databaseUrl !== undefined }))
}

async function makeOrganizations({ query }: Queries, organizations: readonly string[]): Promise<void> {
  await query(
    `insert into public.core_organizations
       (id, organization_name, organization_code, organization_type, status, created_by, updated_by)
     select wanted.id, 'Local organization', 'LOCAL_' || upper(left(wanted.id::text, 8)), 'business_unit', 'active',
            $2::uuid, $2::uuid
       from unnest($1::text[]::uuid[]) as wanted(id)
      where not exists (select from public.core_organizations known where known.id = wanted.id)`,
    [organizations, SYSTEM_ACTOR],
  )
}

function keyAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && ADDRESSES.includes(url.hostname))
  if (url === undefined || !isSafe) {
    throw new OperationalError(`"${text}" is no address of a key set`, {
      help: 'name an https address, such as https://<project>.supabase.co/auth/v1/.well-known/jwks.json',
    })
  }
  return url
}

function hostOf(url: string | undefined): readonly string[] {
  return url === undefined ? [] : [new URL(url).hostname]
}

/** An address that means all of a machine's is none that can be opened. */
function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

function reseeded({ connectors }: Registry): Outcome {
  const events = connectors.reduce((sum, connector) => sum + connector.events.length, 0)
  return {
    exitCode: 0,
    json: { ok: true, reseeded: true, connectors: connectors.length, events },
    text: (colors) => `${colors.green('definitions changed')}: ${connectors.length} connectors, ${events} events`,
  }
}
