// The tools of `mcp`. Each is a description, the form of its input, and a call of a function that commands use too.
import { join } from 'node:path'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import { version } from '../compiled/package.js'
import { OperationalError } from '../diagnostics/operational-error.ts'
import { renderJson } from '../diagnostics/render-json.ts'
import { listFiles, statFile } from '../files/list.ts'
import type { Connector, ConnectorEvent, Registry } from '../model/connector.ts'
import { LEVELS } from '../model/level.ts'
import { selectConnectors, suggestedSearch } from '../model/select.ts'
import { findingsInText } from '../pipeline/compile.ts'
import { definitionFolders } from '../pipeline/definition-folders.ts'
import { type RegistryReading, readRegistry } from '../pipeline/pipeline.ts'
import { eventSchema } from '../targets/json/event-schema.ts'
import type { Context } from './command.ts'
import { explain } from './explain.ts'
import { findConnector, findEvent } from './find-connector.ts'
import { levelOutcome } from './list.ts'
import { deliveryInput, interpretDelivery } from './mcp-delivery.ts'

export interface McpOptions {
  readonly definitions: readonly string[]
}

/** Characters of the text of a definition; files may have as many bytes. */
const LONGEST_DEFINITION = 1024 * 1024
/** Bytes of one message of a client. */
const LONGEST_MESSAGE = 8 * 1024 * 1024
/** Entries of a list in one result. */
const MOST_RESULTS = 50

/** Serves until stdin ends. */
export async function serveOnStdio(
  options: McpOptions,
  { output, log }: Pick<Context, 'output' | 'log'>,
): Promise<void> {
  const server = mcpServer(options)
  server.server.onerror = ({ message }) => log(({ red }) => `${red('error')} ${message}`)
  await server.connect(new StdioServerTransport(undefined, output(), { maxBufferSize: LONGEST_MESSAGE }))
}

const name = z.string().min(1).max(200)

/** A server with all tools, for any transport. */
export function mcpServer(options: McpOptions): McpServer {
  const server = new McpServer(
    { name: 'hera-connectors', version },
    { instructions: 'Connector definitions of HERA: find a connector first, then ask for its events by code.' },
  )
  const reading = rereading(options.definitions)
  const registry = async (): Promise<Registry> => (await reading()).registry
  const connector = async (code: string) => findConnector(await registry(), code)
  const annotations = { readOnlyHint: true, openWorldHint: false }

  server.registerTool(
    'search_connectors',
    {
      description:
        'Find connectors whose code, name, category, vendor, purpose or events contain all words; without words and filters, list them.',
      inputSchema: {
        search: z.string().max(200).optional().describe('words, such as "message received"'),
        category: name.optional().describe('such as "crm"'),
        auth: z.enum(['api_key', 'oauth2', 'webhook', 'unknown']).optional(),
        level: z
          .enum([...LEVELS, 'none'])
          .optional()
          .describe('how complete and proven the definition is'),
      },
      annotations,
    },
    (given) => result(async () => searchResult(await reading(), given)),
  )
  server.registerTool(
    'get_connector',
    {
      description:
        'Describe a connector: authentication, endpoints, events, webhook, limits, sources, and what it lacks.',
      inputSchema: { code: name.describe('such as "hubspot-crm"') },
      annotations,
    },
    ({ code }) => result(async () => describedConnector(await connector(code))),
  )
  server.registerTool(
    'get_event',
    {
      description:
        'Show an event of a connector: JSON Schema of its data, examples, and a delivery that becomes the event.',
      inputSchema: { connector: name, event: name.describe('such as "form_submitted"') },
      annotations,
    },
    ({ connector: code, event }) =>
      result(async () => {
        const owner = await connector(code)
        return describedEvent(owner, findEvent(owner, event))
      }),
  )
  server.registerTool(
    'validate_definition',
    {
      description:
        'Validate the text of a definition (YAML) without writing it. Rules that compare definitions, such as unique namespaces, are left out: `hera-connectors validate` applies them.',
      inputSchema: { text: z.string().max(LONGEST_DEFINITION) },
      annotations,
    },
    ({ text }) => result(() => validation(options.definitions[0] ?? 'definitions', text)),
  )
  server.registerTool(
    'explain_finding',
    {
      description: 'Explain a finding of `validate_definition`: the reason, a bad and a good example.',
      inputSchema: { code: name.describe('such as "event/pointer-unresolved"') },
      annotations,
    },
    ({ code }) => result(async () => explain(code).json),
  )
  server.registerTool(
    'interpret_delivery',
    {
      description:
        'Show which events a webhook delivery becomes, or why it becomes none, and the answer to a handshake. The signature is checked only if `secrets` are given; give test secrets only.',
      inputSchema: { connector: name, ...deliveryInput },
      annotations,
    },
    ({ connector: code, ...delivery }) => result(async () => interpretDelivery(await connector(code), delivery)),
  )
  return server
}

/** The result of a tool as JSON text. An error of the user is the result of the tool, with a remedy. */
async function result(run: () => Promise<object>): Promise<CallToolResult> {
  try {
    return { content: [{ type: 'text', text: JSON.stringify(await run()) }] }
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error
    return { isError: true, content: [{ type: 'text', text: `${error.message}\nhelp: ${error.help}` }] }
  }
}

/**
 * The registry, read again only if a file changed. It stays in memory: the working folder is the client's, so that no cache
 * can be written there.
 */
function rereading(definitions: readonly string[]): () => Promise<RegistryReading> {
  let known: { readonly state: string; readonly reading: RegistryReading } | undefined
  return async () => {
    const { folders } = definitionFolders(definitions)
    const state = JSON.stringify(
      folders.map(({ path }) => [path, listFiles(path, ['.']).map((name) => [name, statFile(join(path, name))])]),
    )
    if (known?.state !== state) known = { state, reading: await readRegistry(definitions) }
    return known.reading
  }
}

function searchResult(
  { registry, diagnostics }: RegistryReading,
  selection: Parameters<typeof selectConnectors>[1],
): object {
  const found = selectConnectors(registry, selection)
  const { search = '' } = selection
  const suggestion = found.length === 0 && search !== '' ? suggestedSearch(registry, search) : undefined
  const categories = [...new Set(registry.connectors.map(({ category }) => category))]
  return {
    total: found.length,
    connectors: found
      .slice(0, MOST_RESULTS)
      .map(({ code, registry, name, category, vendor, purpose, auth, events, level }) => ({
        ...{ code, registry, name, category, vendor, purpose, auth: auth.type, level: level ?? null },
        events: events.map((event) => event.name),
      })),
    ...(suggestion === undefined ? {} : { did_you_mean: suggestion }),
    ...(found.length === 0 ? { categories } : {}),
    // A definition with findings is not part of the registry.
    ...(diagnostics.length === 0 ? {} : { left_out: [...new Set(diagnostics.map(({ file }) => file))] }),
  }
}

function describedConnector(connector: Connector): object {
  const { webhook, events } = connector
  const { code, registry, name, version, status, category, vendor, purpose, description, links, sources } = connector
  const { auth, api, rate_limits, privacy, troubleshooting } = connector
  return {
    ...{
      code,
      registry,
      name,
      version,
      status,
      category,
      vendor,
      purpose,
      description,
      links,
      auth,
      api,
      rate_limits,
      privacy,
    },
    events: events.map(({ name, summary, direction, source, deprecated }) => ({
      ...{ name, summary, direction, source },
      ...(deprecated === undefined ? {} : { deprecated }),
    })),
    ...(webhook === undefined ? {} : { webhook: describedWebhook(webhook) }),
    ...{ troubleshooting, sources, level: levelOutcome(connector).json },
  }
}

function describedWebhook(webhook: NonNullable<Connector['webhook']>): object {
  const { summary, required, content_types, signatures, handshakes, delivery, setup, samples } = webhook
  return {
    ...{ summary, required, content_types, signatures, delivery, setup },
    handshakes: handshakes.map(({ samples: _, ...handshake }) => handshake),
    samples: samples.map(({ name, events }) => ({ name, events })),
  }
}

function describedEvent(connector: Connector, event: ConnectorEvent): object {
  const { name, summary, description, direction, source, version, smart_code, idempotency_key, deprecated } = event
  const { samples = [], deliveries = [] } = connector.webhook ?? {}
  const becoming = samples.filter(({ events }) => events.includes(name))
  const sample = becoming.find(({ events }) => events.length === 1) ?? becoming[0]
  return {
    ...{ connector: connector.code, name, summary, description, direction, source, version, smart_code },
    ...{ idempotency_key, deprecated, schema: eventSchema(connector, event) },
    delivery_rules: deliveries.filter((rule) => rule.event === name),
    ...(sample === undefined ? {} : { sample_delivery: sample }),
  }
}

async function validation(folder: string, text: string): Promise<object> {
  const [, code = 'definition'] = /^code: *["']?([a-z0-9-]{1,60})["']? *(?:#.*)?$/m.exec(text) ?? []
  const findings = await findingsInText({ folder: { path: folder, isBase: false }, name: `${code}.yaml`, text })
  return {
    valid: findings.length === 0,
    total: findings.length,
    findings: findings.slice(0, MOST_RESULTS).map(renderJson),
  }
}
