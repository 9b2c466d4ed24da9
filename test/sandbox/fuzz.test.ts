import type { JsonSchema } from 'json-schema-faker'
import { createGenerator } from 'json-schema-faker'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fc } from '../support/property.ts'
import type { Answer } from '../support/runtime.ts'
import type { Sandbox } from '../support/sandbox.ts'
import { configurations, install, LOCAL, startSandbox, webhookUrl } from '../support/sandbox.ts'

/** How many requests of each kind. */
const RUNS = 150

const strange = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>('', '\u0000', '\ud800', '💥\u2028', "'; drop table core_entities; --", '%s%n{{}}'),
  fc.constantFrom<unknown>(-1, 1e308, 1.5, 2 ** 53, '0', 'x'.repeat(5000), [], {}, null, true),
  fc.constantFrom<unknown>('LIST', 'INSTALL', LOCAL, 'hubspot-crm', '__proto__', 'constructor', 'toString'),
)

describe('whatever the description allows, and whatever it does not', () => {
  let sandbox: Sandbox
  let document: Answer
  const generator = createGenerator({ seed: 20261124, optionalsProbability: 0.6, maxItems: 3 })

  beforeAll(async () => {
    sandbox = await startSandbox()
    for (const code of Object.keys(configurations)) await install(sandbox, code as keyof typeof configurations)
    document = await (await fetch(`${sandbox.url}/openapi.json`)).json()
  })
  afterAll(() => sandbox?.stop())

  /** The statuses that the description names for an operation. */
  const documented = (path: string, method = 'post') => Object.keys(document.paths[path][method].responses).map(Number)

  async function generated(path: string): Promise<unknown> {
    const { schema } = document.paths[path].post.requestBody.content['application/json']
    const { components } = document
    return generator.generate({ ...schema, components } as JsonSchema)
  }

  async function send(path: string, body: unknown): Promise<number> {
    const { status, body: answer, headers } = await sandbox.post(path.split('/').at(-1) ?? '', body)
    expect([path, status, JSON.stringify(body)]).toEqual([
      path,
      expect.toBeOneOf(documented(path)),
      JSON.stringify(body),
    ])
    expect(answer.rid).toBe(headers.get('x-request-id'))
    if (status === 200) expect(answer.data.success).toBe(true)
    else expect(answer.error).toMatch(/^[\w]+(?::[\w]+)?$/)
    return status
  }

  const paths = ['connectors', 'events', 'logs'].map((name) => `/api/v2/integrations/${name}`)

  test.each(paths)('%s answers requests that are made from its description', async (path) => {
    const statuses = new Map<number, number>()
    for (let run = 0; run < RUNS; run += 1) {
      const status = await send(path, await generated(path))
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    expect(statuses.get(200) ?? 0).toBeGreaterThan(0)
  })

  test.each(paths)('%s answers requests in which something is wrong', async (path) => {
    const bodies = await Promise.all(Array.from({ length: RUNS }, () => generated(path)))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...bodies), fc.nat(), strange, async (body, place, value) => {
        await send(path, replaced(body, place, value))
      }),
      { numRuns: RUNS },
    )
  })

  test.each(paths)('%s answers any text', async (path) => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), async (text) => {
        const status = await send(path, text)
        expect(status).not.toBe(500)
      }),
      { numRuns: RUNS },
    )
  })

  test('webhooks answer any delivery', async () => {
    const path = '/webhooks/{connector}/{installation}/{key}'
    const { body } = await sandbox.post('connectors', { operation: 'LIST' })
    const installations: readonly Answer[] = body.data.connectors
    const addresses = await Promise.all(installations.map(({ id }) => webhookUrl(sandbox, id)))
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...addresses),
        fc.constantFrom('POST', 'GET'),
        fc.oneof(fc.string({ unit: 'binary' }), fc.json()),
        fc.constantFrom('', 'application/json', 'application/x-www-form-urlencoded', 'text/plain'),
        fc.constantFrom('', 'sha256=00', 'Bearer zapier-inbound', '\u00ff'),
        fc.constantFrom('', '?hub.mode=subscribe&hub.challenge=1&hub.verify_token=x', '?challengeCode=a%00b'),
        async (address, method, text, type, signature, query) => {
          const response = await fetch(address + query, {
            method,
            headers: {
              ...(type === '' ? {} : { 'content-type': type }),
              'x-hub-signature-256': signature,
              'x-li-signature': signature,
              'x-hubspot-signature-v3': signature,
              'x-hubspot-request-timestamp': '1700000000000',
              authorization: signature,
            },
            ...(method === 'GET' ? {} : { body: text }),
          })
          expect(documented(path, method.toLowerCase())).toContain(response.status)
          expect(response.status).not.toBe(500)
        },
      ),
      { numRuns: RUNS * 2 },
    )
  })

  test('and the server reported no error', () => {
    expect(sandbox.errors).toEqual([])
  })
})

/** A copy in which one of the values, counted through the whole, is another; where there is none, the value itself. */
function replaced(body: unknown, place: number, value: unknown): unknown {
  const copy = structuredClone(body)
  const places: (readonly [parent: Record<string, unknown>, name: string])[] = []
  const collect = (parent: unknown) => {
    if (typeof parent !== 'object' || parent === null) return
    for (const [name, inside] of Object.entries(parent)) {
      places.push([parent as Record<string, unknown>, name])
      collect(inside)
    }
  }
  collect(copy)
  const [parent, name] = places[place % Math.max(1, places.length)] ?? []
  if (parent === undefined || name === undefined) return value
  Object.defineProperty(parent, name, { value, enumerable: true, configurable: true, writable: true })
  return copy
}
