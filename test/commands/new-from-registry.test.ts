import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { newDefinition } from '../../generator/commands/new.ts'
import type { FromReport } from '../../generator/commands/new-from.ts'
import type { Connector } from '../../generator/model/connector.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import { jsonTarget } from '../../generator/targets/json/json-target.ts'
import { emit } from '../support/emit.ts'
import { fixtureRegistry } from '../types/fixture-registry.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

async function readBack(connector: Connector, events: readonly string[]) {
  const own = mkdtempSync(join(tmpdir(), 'hera-read-back-'))
  folders.push(own)
  const files = await emit(jsonTarget, fixtureRegistry)
  const path = join(own, 'openapi.json')
  writeFileSync(path, files.find((file) => file.path === 'json/openapi.json')?.text ?? '')
  const definitions = join(own, 'definitions')
  const given = { code: connector.code, events }
  const { json } = await newDefinition({ definitions: [definitions], given, from: [path], today: '2026-11-24' })
  const { registry, diagnostics } = await readRegistry([definitions])
  expect(diagnostics).toEqual([])
  const text = readFileSync(join(definitions, `${connector.code}.yaml`), 'utf8')
  return { report: json as FromReport, made: registry.connectors[0], text }
}

test('our own OpenAPI document is read back with the events of a connector', async () => {
  const [acme] = fixtureRegistry.connectors
  if (acme === undefined) throw new Error('the fixture has no connector')
  const pushed = acme.events.filter(({ source, direction }) => source === 'webhook' && direction === 'inbound')
  expect(pushed.length).toBeGreaterThan(0)
  const { report, made, text } = await readBack(acme, ['acme-crm.*'])
  const facts = ({ events }: Pick<Connector, 'events'>) =>
    events.map((event) => ({
      name: event.name,
      summary: event.summary,
      description: event.description,
      source: event.source,
      version: event.version,
      fields: Object.keys(event.data.properties ?? {}),
      required: event.data.required,
      idempotency: event.idempotency_key,
    }))
  expect(made && facts(made)).toEqual(facts({ events: pushed }))
  expect(text).toContain('add a delivery rule; the document does not describe the delivery')
  expect(text).not.toContain('deliveries:')
  // HERA's endpoints and its token are not the connector's.
  expect(made?.api.endpoints).toEqual([])
  expect(made?.auth.type).toBe('unknown')
  expect(report.notImported.map(({ what }) => what)).toEqual([
    'further connectors',
    'the endpoints and the bearer token',
    'signatures, handshakes, delivery rules and sample deliveries',
    'smart codes',
    'the fields of an installation',
    'polled and emitted events',
    'marks of personal data',
    'units',
  ])
  const marks = report.notImported.find(({ what }) => what === 'marks of personal data')
  expect(marks?.places.map(({ pointer }) => pointer)).toContain(
    '/components/schemas/acme-crm.contact_created/properties/email',
  )
})
