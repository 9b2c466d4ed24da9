import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Application } from '../support/application.ts'
import { startApplication } from '../support/application.ts'
import { LOCAL, signIn } from '../support/sandbox.ts'

const USUAL = ['GET', 'HEAD', 'POST']
const METHODS = [...USUAL, 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND']

describe('every route', () => {
  let application: Application
  beforeAll(async () => {
    application = await startApplication()
  })
  afterAll(() => application?.stop())

  /** An address of each route. */
  function paths(): readonly string[] {
    const values = { code: 'hubspot-crm', operation: 'pause', id: LOCAL, file: 'start.js' }
    const routes = new Set(application.application.routes.map(({ path }) => path).filter((path) => !path.includes('*')))
    return [...routes].map((route) =>
      route.startsWith('/webhooks/')
        ? new URL(application.webhook).pathname
        : route.replace(/:(\w+)(?:\{[^}]*\})?/g, (_, name: keyof typeof values) => values[name]),
    )
  }

  function answerTo(method: string, path: string, headers: Readonly<Record<string, string>>) {
    const { hostname, port } = new URL(application.url)
    return new Promise<readonly [status: number, allow: string | undefined]>((resolve, reject) => {
      const sent = request(
        { hostname, port, path, method, headers: { ...headers, connection: 'close' } },
        (response) => {
          resolve([response.statusCode ?? 0, response.headers.allow])
          // A stream does not end on its own.
          sent.destroy()
        },
      )
      sent.on('error', reject)
      sent.end()
    })
  }

  const usual = /^[A-Z]+(?:, [A-Z]+)*$/

  test.each(METHODS)('answers %s, with and without a sign-in', async (method) => {
    expect(paths().length).toBeGreaterThan(20)
    for (const path of paths()) {
      const unsigned = await answerTo(method, path, {})
      const signed = await answerTo(method, path, { cookie: await signIn(application) })
      for (const [status, allow] of [unsigned, signed]) {
        expect([path, status, status < 500]).toEqual([path, status, true])
        expect([path, status, allow]).toEqual([path, status, status === 405 ? expect.stringMatching(usual) : undefined])
      }
      if (USUAL.includes(method)) continue
      expect([path, signed[0]]).toEqual([path, 405])
      expect([path, unsigned[0]]).toEqual([path, path.startsWith('/hub/') ? 401 : 405])
    }
    expect(application.errors).toEqual([])
  })
})
