import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { loadModule, parse } from 'libpg-query'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newDefinition } from '../../generator/commands/new.ts'
import type { FromReport } from '../../generator/commands/new-from.ts'
import { seed } from '../../generator/commands/seed.ts'
import type { Connector, OutputFile } from '../../generator/model/connector.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import type { Given } from '../../generator/scaffold/answers.ts'
import { targets } from '../../generator/targets/targets.ts'
import { compareText } from '../../generator/text/compare-text.ts'
import { emit } from '../support/emit.ts'

const root = join(import.meta.dirname, '..', '..')
const modules = join(root, 'node_modules')
const samples = (connector: string) => {
  const own = join(root, 'definitions', 'samples', connector)
  return readdirSync(own).map((name) => join(own, name))
}

interface Published {
  readonly from: readonly string[]
  readonly given?: Given
  readonly want: {
    readonly kind: string
    readonly events: number
    readonly endpoints?: number
    readonly left?: number
    readonly auth?: string
    readonly baseUrl?: string
    /** One event, with fields that its data must have and what its deliveries are recognized by. */
    readonly event: string
    readonly fields: readonly string[]
    readonly when?: string
  }
}

/** Documents as npm packages ship them, and payloads as vendors have sent them. */
const published: Readonly<Record<string, Published>> = {
  'github-webhooks': {
    from: [join(modules, '@octokit/openapi-webhooks/generated/api.github.com.json')],
    given: { events: ['issues-opened', 'issues_closed', 'star*', 'pull-request-synchronize', 'push', 'ping', 'fork'] },
    want: {
      kind: 'OpenAPI 3.1.0',
      events: 8,
      left: 253,
      baseUrl: 'https://api.github.com',
      event: 'issues_opened',
      fields: ['action', 'issue', 'repository', 'sender'],
      when: "$.delivery.action == 'opened' && $.delivery.issue",
    },
  },
  'github-server': {
    from: [join(modules, '@octokit/openapi-webhooks/generated/ghes-3.19.json')],
    want: {
      kind: 'OpenAPI 3.1.0',
      events: 5,
      event: 'branch_protection_rule_created',
      fields: ['rule'],
      when: "$.delivery.action == 'created' && $.delivery.rule",
    },
  },
  'github-schemas': {
    from: [join(modules, '@octokit/webhooks-schemas/schema.json')],
    given: { events: ['issues$opened', 'issues_unlocked', 'discussion_answered', 'create_event', 'release*'] },
    want: {
      kind: 'JSON Schema',
      events: 11,
      left: 215,
      event: 'create_event',
      fields: ['ref', 'ref_type', 'master_branch'],
    },
  },
  directus: {
    from: [join(modules, '@directus/specs/dist/openapi.json')],
    given: { endpoints: ['getItem*', 'GET /activity/{id}', 'create_user'] },
    want: {
      kind: 'OpenAPI 3.0.1',
      events: 0,
      endpoints: 4,
      left: 0,
      auth: 'api_key',
      event: '',
      fields: [],
    },
  },
  slack: {
    from: [join(modules, 'asyncapi-validator/test/schemas/v2.4.0/slack.yml')],
    given: { events: ['*'] },
    want: {
      kind: 'AsyncAPI 2.4.0',
      events: 48,
      left: 0,
      auth: 'api_key',
      baseUrl: 'https://slack.com/api/rtm.connect',
      event: 'channel_deleted',
      fields: ['type', 'channel'],
      when: "$.delivery.type == 'channel_deleted'",
    },
  },
  streetlights: {
    from: [join(modules, 'asyncapi-validator/test/schemas/v3.0.0/streetLights.yml')],
    want: { kind: 'AsyncAPI 3.0.0', events: 3, left: 0, event: 'light_measured', fields: ['lumens', 'sentAt'] },
  },
  devices: {
    from: [join(modules, 'asyncapi-validator/test/schemas/v2.0.0/mqtt.yaml')],
    want: { kind: 'AsyncAPI 2.0.0', events: 13, left: 0, event: 'measurements', fields: [] },
  },
  whatsapp: {
    from: samples('whatsapp-business-cloud'),
    want: {
      kind: 'sample payloads',
      events: 1,
      left: 0,
      event: 'whatsapp_business_account',
      fields: ['object', 'entry'],
      when: "$.delivery.object == 'whatsapp_business_account'",
    },
  },
  hubspot: {
    from: samples('hubspot-crm'),
    want: {
      kind: 'sample payloads',
      events: 6,
      left: 0,
      event: 'contact_creation',
      fields: ['eventId', 'objectId'],
      when: "$.element.subscriptionType == 'contact.creation'",
    },
  },
  meta: {
    from: samples('meta-graph-api'),
    want: { kind: 'sample payloads', events: 2, left: 0, event: 'page', fields: ['object', 'entry'] },
  },
  linkedin: {
    from: samples('linkedin-api'),
    want: { kind: 'sample payloads', events: 2, left: 0, event: 'lead_action', fields: ['leadGenFormResponse'] },
  },
}

const folder = mkdtempSync(join(tmpdir(), 'hera-published-'))
const reports = new Map<string, FromReport>()
const connectors: Connector[] = []
let files: readonly OutputFile[] = []

beforeAll(async () => {
  for (const [code, { from, given = {} }] of Object.entries(published)) {
    const namespace = code.replaceAll('-', '').toUpperCase().slice(0, 15)
    const definitions = join(folder, code)
    const outcome = await newDefinition({
      definitions: [definitions],
      given: { namespace, ...given, code },
      from,
      today: '2026-11-24',
    })
    reports.set(code, outcome.json as FromReport)
    const { registry, diagnostics } = await readRegistry([definitions])
    expect(diagnostics).toEqual([])
    connectors.push(...registry.connectors)
  }
  connectors.sort((left, right) => compareText(left.code, right.code))
  files = (await Promise.all(targets.map((target) => emit(target, { connectors })))).flat()
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function connectorOf(code: string): Connector {
  const found = connectors.find((connector) => connector.code === code)
  if (found === undefined) throw new Error(`no connector ${code}`)
  return found
}

describe.each(Object.entries(published))('a definition from %s', (code, { want }) => {
  test('has what the document has', () => {
    const { from, events, endpoints } = reports.get(code) ?? expect.fail()
    const connector = connectorOf(code)
    expect(from.kind).toBe(want.kind)
    expect(events.taken).toHaveLength(want.events)
    if (want.left !== undefined) expect(events.left).toHaveLength(want.left)
    expect(endpoints.taken).toHaveLength(want.endpoints ?? 0)
    if (want.auth !== undefined) expect(connector.auth.type).toBe(want.auth)
    if (want.baseUrl !== undefined) expect(connector.api.base_url).toBe(want.baseUrl)
    const event = connector.events.find(({ name }) => name === want.event)
    expect(Object.keys(event?.data.properties ?? {})).toEqual(expect.arrayContaining([...want.fields]))
    if (want.when !== undefined)
      expect(connector.webhook?.deliveries.find((rule) => rule.event === want.event)?.when).toBe(want.when)
  })

  test('has examples that fit, by a validator of its own', () => {
    const ajv = new Ajv2020({ strict: false })
    addFormats.default(ajv)
    for (const { data, examples } of connectorOf(code).events) {
      const validate = ajv.compile(data)
      expect(examples).toHaveLength(1)
      expect(validate(examples[0]?.data), JSON.stringify(validate.errors)).toBe(true)
    }
  })

  test('has a page with every event, and a seed that PostgreSQL reads', async () => {
    const text = (path: string) => files.find((file) => file.path === path)?.text ?? ''
    const page = text(`docs/connectors/${code}.md`)
    for (const { name } of connectorOf(code).events) expect(page).toContain(name)
    await loadModule()
    expect((await parse(text(`sql/connectors/${code}.sql`))).stmts?.length).toBeGreaterThan(4)
  })

  test('names its source beside what comes from it', () => {
    const { sources, events } = connectorOf(code)
    expect(sources.published?.title).toContain(want.kind)
    if (want.events > 0) expect(events.map(({ cites }) => cites)).toEqual(events.map(() => 'published'))
  })
})

test('a database takes what comes out', async () => {
  const definitions = join(folder, 'seeded')
  for (const code of ['hubspot', 'slack']) cpSync(join(folder, code), definitions, { recursive: true })
  const outcome = await seed({
    definitions: [definitions],
    only: undefined,
    allowArchiving: false,
    dryRun: false,
    ...{
      databaseUrl: undefined,
      data: join(folder, 'database'),
      lockTimeout: 30,
      environment: {},
      onStep: () => undefined,
    },
  })
  expect(outcome.exitCode).toBe(0)
  for (const code of ['hubspot', 'slack']) expect(JSON.stringify(outcome.json)).toContain(code)
})

test('every payload of a vendor is kept as it was sent, and becomes an event', () => {
  for (const code of ['whatsapp', 'hubspot', 'meta', 'linkedin']) {
    const { samples = [] } = connectorOf(code).webhook ?? {}
    const bodies = samples.map(({ body }) => body.trim())
    const sent = (published[code]?.from ?? []).map((file) => readFileSync(file, 'utf8').trim())
    expect(bodies.toSorted()).toEqual([...new Set(sent)].toSorted())
    for (const { events } of samples) expect(events.length).toBeGreaterThan(0)
  }
})

test('what has no place in a definition is listed, with the reason and the place', () => {
  expect(reports.get('devices')?.notImported).toContainEqual({
    what: 'the security scheme "X509Certificate"',
    reason: 'client certificates (mTLS) are not supported',
    places: [{ file: published.devices?.from[0], pointer: '/components/securitySchemes/X509Certificate' }],
  })
  expect(reports.get('github-webhooks')?.notImported).toContainEqual(
    expect.objectContaining({ what: 'the format uri-template' }),
  )
  expect(reports.get('github-webhooks')?.notImported).toContainEqual(
    expect.objectContaining({ what: 'the field "starred_at"', reason: 'it is always null, which stands for nothing' }),
  )
})

test('the types compile, and are no way out of type checking', () => {
  for (const { path, text } of files.filter((file) => file.path.startsWith('typescript/'))) {
    const target = join(folder, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text)
  }
  for (const name of ['lossless-json']) {
    mkdirSync(join(folder, 'node_modules'), { recursive: true })
    symlinkSync(join(modules, name), join(folder, 'node_modules', name), 'dir')
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        ...{ target: 'es2022', lib: ['es2022', 'dom', 'dom.iterable'], types: [], module: 'nodenext', noEmit: true },
        ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: true },
      },
      include: ['typescript', 'consumer.ts'],
    }),
  )
  const compile = (consumer: string): string => {
    writeFileSync(join(folder, 'consumer.ts'), `import type { EventData } from './typescript/index.js'\n${consumer}\n`)
    try {
      return execFileSync(process.execPath, [join(modules, 'typescript', 'bin', 'tsc'), '-p', folder], {
        encoding: 'utf8',
      })
    } catch (error) {
      return String((error as { readonly stdout?: string }).stdout)
    }
  }
  const reads = (type: string) =>
    `export const read = (event: EventData<'github-webhooks', 'issues_opened'>): ${type} => event.issue.number`
  expect(compile(reads('number'))).toBe('')
  expect(compile(reads('string'))).toContain("Type 'number' is not assignable to type 'string'")
})
