import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { oauth as hubspot } from '../../generated/typescript/installations/hubspot-crm.js'
import { oauth as linkedin } from '../../generated/typescript/installations/linkedin-api.js'
import { oauth as meta } from '../../generated/typescript/installations/meta-graph-api.js'
import type { OAuth } from '../../generator/kit/oauth.ts'
import { authorize, exchangeCode, exchangeToken, needsRefresh, refreshTokens } from '../../generator/kit/oauth.ts'
import { oauthDescription } from '../../generator/targets/typescript/installation-file.ts'
import { acme, connectorOf } from '../support/acme.ts'

const SECRET = 'client-secret-4711'
const config = { client_id: 'id-1', client_secret: SECRET }
const metaConfig = { app_id: 'id-1', app_secret: SECRET }
const redirectUri = 'https://app.example.com/callback'
const now = Date.UTC(2026, 10, 24)

interface Seen {
  readonly method: string
  readonly url: string
  readonly body: Readonly<Record<string, string>>
}

/** A token address that answers with one thing, and remembers what it was asked. */
function tokenServer(reply: () => Response) {
  const seen: Seen[] = []
  const own: typeof fetch = async (input, init) => {
    const request = new Request(input as Request, init)
    const body =
      request.method === 'GET' ? new URL(request.url).searchParams : new URLSearchParams(await request.text())
    seen.push({ method: request.method, url: request.url.split('?')[0] ?? '', body: Object.fromEntries(body) })
    return reply()
  }
  return { seen, options: { fetch: own, now } }
}

const tokens =
  (extra: object = {}) =>
  () =>
    Response.json({ access_token: 'at-2', token_type: 'bearer', expires_in: 1800, ...extra })

describe('where to send the person', () => {
  test("HubSpot's optional scopes stand apart", async () => {
    const { url, pending } = await authorize(hubspot, config, { redirectUri, optionalScopes: ['automation'] })
    const query = new URL(url).searchParams
    expect(url).toMatch(/^https:\/\/app\.hubspot\.com\/oauth\/authorize\?/)
    expect(Object.fromEntries(query)).toEqual({
      response_type: 'code',
      client_id: 'id-1',
      redirect_uri: redirectUri,
      state: pending.state,
      scope: hubspot.scopes.join(' '),
      optional_scope: 'automation',
    })
    expect(pending.state.length).toBeGreaterThan(30)
    expect(url).not.toContain(SECRET)
  })

  test("Meta's are separated by commas, and no scope is asked for twice", async () => {
    const { url } = await authorize(meta, metaConfig, { redirectUri, optionalScopes: ['pages_messaging', 'ads_read'] })
    expect(new URL(url).searchParams.get('scope')).toBe([...meta.scopes, 'ads_read'].join(','))
  })

  test('a code challenge goes along where the vendor has PKCE', async () => {
    const acmeOAuth = oauthDescription(connectorOf(acme)) as OAuth
    const acmeConfig = { ...config, client_id: 'acme0001' }
    const { url, pending } = await authorize(acmeOAuth, acmeConfig, { redirectUri })
    const challenge = createHash('sha256')
      .update(pending.code_verifier ?? '')
      .digest('base64url')
    expect(new URL(url).searchParams.get('code_challenge')).toBe(challenge)
    const server = tokenServer(tokens())
    const callback = `${redirectUri}?code=c-1&state=${pending.state}`
    expect((await exchangeCode(acmeOAuth, acmeConfig, callback, pending, server.options)).ok).toBe(true)
    expect(server.seen[0]?.body.code_verifier).toBe(pending.code_verifier)
  })

  test('a configuration without what is needed is a fault of the caller', async () => {
    await expect(authorize(linkedin, { client_id: '' }, { redirectUri })).rejects.toThrow(
      'the configuration lacks client_id',
    )
  })
})

describe('the code is exchanged', () => {
  test('by POST, with the secret in the form', async () => {
    const { pending } = await authorize(hubspot, config, { redirectUri })
    const server = tokenServer(tokens({ refresh_token: 'rt-1', hub_id: 1, scopes: ['oauth'] }))
    const result = await exchangeCode(
      hubspot,
      config,
      `${redirectUri}?code=c-1&state=${pending.state}`,
      pending,
      server.options,
    )
    expect(result).toEqual({
      ok: true,
      tokens: { access_token: 'at-2', refresh_token: 'rt-1', expires_at: '2026-11-24T00:30:00.000Z' },
    })
    expect(server.seen).toEqual([
      {
        method: 'POST',
        url: hubspot.token_url,
        body: {
          grant_type: 'authorization_code',
          code: 'c-1',
          redirect_uri: redirectUri,
          client_id: 'id-1',
          client_secret: SECRET,
        },
      },
    ])
  })

  test('LinkedIn may leave out the type, and adds an id token that is no concern of ours', async () => {
    const { pending } = await authorize(linkedin, config, { redirectUri })
    const server = tokenServer(() =>
      Response.json({
        access_token: 'at',
        expires_in: 5184000,
        refresh_token: 'rt',
        refresh_token_expires_in: 31536000,
        id_token: 'x.y.z',
      }),
    )
    const result = await exchangeCode(
      linkedin,
      config,
      `${redirectUri}?code=c&state=${pending.state}`,
      pending,
      server.options,
    )
    expect(result).toEqual({
      ok: true,
      tokens: {
        access_token: 'at',
        refresh_token: 'rt',
        expires_at: '2027-01-23T00:00:00.000Z',
        refresh_expires_at: '2027-11-24T00:00:00.000Z',
      },
    })
  })

  test('Meta is asked by GET, and a short token is exchanged for a long one', async () => {
    const { pending } = await authorize(meta, metaConfig, { redirectUri })
    const server = tokenServer(tokens({ expires_in: 5183944 }))
    const first = await exchangeCode(
      meta,
      metaConfig,
      `${redirectUri}?code=c&state=${pending.state}#_=_`,
      pending,
      server.options,
    )
    if (!first.ok) throw new Error(first.error.reason)
    const second = await exchangeToken(meta, metaConfig, first.tokens, server.options)
    expect(second).toEqual({ ok: true, tokens: { access_token: 'at-2', expires_at: '2027-01-22T23:59:04.000Z' } })
    expect(server.seen.map(({ method, body }) => [method, body])).toEqual([
      [
        'GET',
        {
          grant_type: 'authorization_code',
          code: 'c',
          redirect_uri: redirectUri,
          client_id: 'id-1',
          client_secret: SECRET,
        },
      ],
      ['GET', { grant_type: 'fb_exchange_token', fb_exchange_token: 'at-2', client_id: 'id-1', client_secret: SECRET }],
    ])
  })
})

describe('what goes wrong is a value', () => {
  const pending = { state: 'state-1', redirect_uri: redirectUri }
  const good = `${redirectUri}?code=c&state=state-1`

  test.each<[string, string, () => Response, object]>([
    [
      'the person said no',
      `${redirectUri}?error=access_denied&state=state-1`,
      tokens(),
      { reason: 'denied', code: 'access_denied' },
    ],
    [
      'the vendor said no',
      `${redirectUri}?error=invalid_scope&state=state-1`,
      tokens(),
      { reason: 'refused', code: 'invalid_scope' },
    ],
    ['another state', `${redirectUri}?code=c&state=state-2`, tokens(), { reason: 'invalid_state' }],
    ['no state', `${redirectUri}?code=c`, tokens(), { reason: 'invalid_state' }],
    [
      'a code that was used',
      good,
      () => Response.json({ error: 'invalid_grant', error_description: SECRET }, { status: 400 }),
      { reason: 'reconnect', code: 'invalid_grant', status: 400 },
    ],
    [
      "Meta's errors",
      good,
      () => Response.json({ error: { message: SECRET, code: 190 } }, { status: 400 }),
      { reason: 'refused', status: 400 },
    ],
    ['a broken server', good, () => new Response(SECRET, { status: 502 }), { reason: 'refused', status: 502 }],
    ['no JSON', good, () => new Response('<html>'), { reason: 'malformed_answer' }],
    ['no token', good, () => Response.json({ token_type: 'bearer' }), { reason: 'malformed_answer' }],
    [
      'a dead network',
      good,
      () => {
        throw new TypeError(SECRET)
      },
      { reason: 'unreachable' },
    ],
  ])('%s', async (_, callback, reply, error) => {
    expect(await exchangeCode(hubspot, config, callback, pending, tokenServer(reply).options)).toEqual({
      ok: false,
      error,
    })
  })
})

describe('tokens are renewed', () => {
  const old = { access_token: 'at-1', refresh_token: 'rt-1', expires_at: '2026-11-24T00:05:00.000Z' }

  test('as long before their end as the definition says', () => {
    expect(needsRefresh(hubspot, old, now - 1)).toBe(false)
    expect(needsRefresh(hubspot, old, now)).toBe(true)
    expect(needsRefresh(hubspot, { access_token: 'for ever' }, now)).toBe(false)
  })

  test('with the newest refresh token, kept where no new one comes', async () => {
    const same = tokenServer(tokens())
    expect(await refreshTokens(hubspot, config, old, same.options)).toMatchObject({
      tokens: { access_token: 'at-2', refresh_token: 'rt-1' },
    })
    expect(same.seen[0]?.body).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'rt-1',
      client_id: 'id-1',
      client_secret: SECRET,
    })
    const other = tokenServer(tokens({ refresh_token: 'rt-2' }))
    expect(await refreshTokens(hubspot, config, old, other.options)).toMatchObject({
      tokens: { refresh_token: 'rt-2' },
    })
  })

  test('or the person must connect again', async () => {
    const revoked = tokenServer(() =>
      Response.json({ error: 'invalid_grant', status: 'BAD_REFRESH_TOKEN' }, { status: 400 }),
    )
    expect(await refreshTokens(hubspot, config, old, revoked.options)).toEqual({
      ok: false,
      error: { reason: 'reconnect', code: 'invalid_grant', status: 400 },
    })
    expect(await refreshTokens(linkedin, config, { access_token: 'at' })).toEqual({
      ok: false,
      error: { reason: 'reconnect' },
    })
    expect(await exchangeToken(linkedin, config, { access_token: 'at' })).toEqual({
      ok: false,
      error: { reason: 'reconnect' },
    })
  })

  test("by Meta's exchange", async () => {
    const server = tokenServer(tokens({ expires_in: 5183944 }))
    expect(await refreshTokens(meta, metaConfig, { access_token: 'at-1' }, server.options)).toMatchObject({ ok: true })
    expect(server.seen[0]?.body.fb_exchange_token).toBe('at-1')
  })
})
