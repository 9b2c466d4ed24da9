import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openEmbedded } from '../../generator/database/embedded.ts'
import { listen } from '../../generator/sandbox/listen.ts'
import type { Sandbox } from '../support/sandbox.ts'
import { install, signIn, startSandbox } from '../support/sandbox.ts'

const PAGE = '/hub/connectors/hubspot-crm'

interface Task {
  readonly id: string
  readonly created: string
}

/** HubSpot as far as its definition calls it: consent, tokens that end on request, account details and tasks. */
async function fakeHubspot() {
  const state = { codes: 0, tokens: 0, isDenying: false, tasks: [] as Task[], forms: [] as URLSearchParams[], calls: 0 }
  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url)
    const { pathname, searchParams } = url
    if (pathname === '/oauth/authorize') {
      const back = new URL(searchParams.get('redirect_uri') ?? '')
      back.searchParams.set('state', searchParams.get('state') ?? '')
      if (state.isDenying) back.searchParams.set('error', 'access_denied')
      else {
        state.codes += 1
        back.searchParams.set('code', `code-${state.codes}`)
      }
      return new Response(null, { status: 302, headers: { location: back.href } })
    }
    if (pathname === '/oauth/2026-09/token') {
      const form = new URLSearchParams(await request.text())
      state.forms.push(form)
      if (form.get('client_secret') !== 'hs-secret') return Response.json({ error: 'invalid_client' }, { status: 401 })
      state.tokens += 1
      const [access_token, refresh_token] = [`access-${state.tokens}`, `refresh-${state.tokens}`]
      return Response.json({ access_token, refresh_token, expires_in: 1800 })
    }
    state.calls += 1
    if (request.headers.get('authorization') !== `Bearer access-${state.tokens}`)
      return new Response('expired', { status: 401 })
    if (pathname.endsWith('/tasks/search')) {
      const body = (await request.json()) as { filterGroups: [{ filters: [{ value: string }] }] }
      const from = Number(body.filterGroups[0].filters[0].value)
      const found = state.tasks.filter(({ created }) => Date.parse(created) >= from)
      const properties = (created: string) => ({ hs_createdate: created, hs_task_subject: 'Call back' })
      return Response.json({ results: found.map(({ id, created }) => ({ id, properties: properties(created) })) })
    }
    return Response.json({ results: [] })
  }
  const listening = await listen(answer, { host: '127.0.0.1', port: 0 })
  return { state, url: `http://127.0.0.1:${listening.port}`, stop: () => listening.stop() }
}

describe('an account is connected in the hub', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hera-connect-'))
  let vendor: Awaited<ReturnType<typeof fakeHubspot>>
  let sandbox: Sandbox
  let cookie: string

  const start = async (polls: boolean) => {
    sandbox = await startSandbox({ vendor: vendor.url, data: join(folder, 'database'), polls })
    cookie = await signIn(sandbox)
  }
  const get = (address: string, session = cookie) =>
    fetch(new URL(address, sandbox.url), { headers: { cookie: session }, redirect: 'manual' })
  const post = (path: string, session = cookie) =>
    fetch(`${sandbox.url}${PAGE}/${path}`, { method: 'POST', headers: { cookie: session }, redirect: 'manual' })
  /** The address at which the vendor asks for consent, and the one to which it sends the person back. */
  const consent = async () => {
    const response = await post('connect')
    const page = new URL((response.headers.get('refresh') ?? '').replace('0; url=', ''))
    const { headers } = await fetch(page, { redirect: 'manual' })
    return { page, back: headers.get('location') ?? '' }
  }
  const eventCount = async () => {
    const { body } = await sandbox.post('logs', { connector_code: 'hubspot-crm' })
    return body.data.logs.filter(({ event_type }: { event_type: string }) => event_type === 'task_created').length
  }

  beforeAll(async () => {
    vendor = await fakeHubspot()
    await start(false)
    await install(sandbox, 'hubspot-crm')
  })
  beforeEach(() => {
    vendor.state.isDenying = false
  })
  afterAll(async () => {
    await sandbox?.stop()
    await vendor?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('and the page shows before that it is not', async () => {
    const text = await (await get(PAGE)).text()
    expect(text).toContain('not connected')
    expect(text).toContain(`${sandbox.url}/hub/oauth/callback`)
  })

  test('by the person who began it, once', async () => {
    const { page, back } = await consent()
    expect(page.searchParams.get('redirect_uri')).toBe(`${sandbox.url}/hub/oauth/callback`)
    expect(page.searchParams.get('client_id')).toBe('hs-client')
    const stranger = await signIn(sandbox)
    expect((await get(back, stranger)).status).toBe(400)
    expect((await get(back, '')).headers.get('location')).toBe('/login')
    const forged = new URL(back)
    forged.searchParams.set('state', 'x'.repeat(43))
    expect((await get(forged.href)).status).toBe(400)
    expect(vendor.state.tokens).toBe(0)

    expect((await get(back)).headers.get('location')).toBe(PAGE)
    expect(vendor.state.forms.map((form) => form.get('code'))).toEqual(['code-1'])
    expect((await get(back)).status).toBe(400)
    expect(vendor.state.tokens).toBe(1)
    const text = await (await get(PAGE)).text()
    expect(text).toContain('>connected<')
    expect(text).toContain('then renewed')
    expect(text).not.toContain('access-1')
  })

  test('not by a person who refuses', async () => {
    vendor.state.isDenying = true
    const { back } = await consent()
    const response = await get(back)
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('did not consent')])
  })

  test('and its token is renewed when the vendor refuses it', async () => {
    // The vendor accepts only its latest token.
    vendor.state.tokens += 1
    const response = await post('verify')
    expect(await response.text()).toContain('The vendor accepts the credentials.')
    const [renewal] = vendor.state.forms.slice(-1)
    expect([renewal?.get('grant_type'), renewal?.get('refresh_token')]).toEqual(['refresh_token', 'refresh-1'])
  })

  test('and is polled: records that were there make no event, new ones make one each', async () => {
    const created = new Date().toISOString()
    vendor.state.tasks.push({ id: '1', created })
    await post('poll')
    expect(await eventCount()).toBe(0)
    vendor.state.tasks.push({ id: '2', created }, { id: '3', created })
    await post('poll')
    expect(await (await get(PAGE)).text()).toContain('2 events')
    await post('poll')
    expect(await eventCount()).toBe(2)
  })

  test('and is polled at intervals, from the stored checkpoint, after a restart', async () => {
    await sandbox.stop()
    vendor.state.tasks.push({ id: '4', created: new Date().toISOString() })
    await start(true)
    await vi.waitFor(async () => expect(await eventCount()).toBe(3), { timeout: 20_000, interval: 100 })
  })

  test('until it is disconnected', async () => {
    await post('disconnect')
    expect(await (await get(PAGE)).text()).toContain('not connected')
    const calls = vendor.state.calls
    expect(await (await post('verify')).text()).toContain('not_authenticated')
    expect(vendor.state.calls).toBe(calls)
  })

  test('and its tokens are encrypted in the database', async () => {
    await get((await consent()).back)
    await sandbox.stop()
    const database = await openEmbedded({ folder: join(folder, 'database'), onStep: () => {} })
    const rows = await database.query(
      "select field_value_json::text as stored from core_dynamic_data where field_name = 'installation_tokens'",
      [],
    )
    await database.close()
    expect(rows).toHaveLength(1)
    expect(String(rows[0]?.stored)).not.toMatch(/access-|refresh-/)
    await start(false)
  })
})
