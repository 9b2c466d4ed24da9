import { generateKeyPairSync } from 'node:crypto'
import { importSPKI, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import type { OAuth, OAuthResult } from '../../generator/kit/oauth.ts'
import {
  authorize,
  deviceAuthorization,
  exchangeCode,
  pollDevice,
  refreshTokens,
  requestTokens,
} from '../../generator/kit/oauth.ts'
import type { Received, Reply } from '../support/authorization-server.ts'
import { authorizationServer } from '../support/authorization-server.ts'

const now = Date.UTC(2026, 10, 30)
const redirectUri = 'https://app.example.com/callback'
const configuration = { client_id: 'client-1', client_secret: 'secret-of-client' }
const base: OAuth = {
  connector: 'x',
  grant: 'authorization_code',
  authorization_url: 'https://vendor.example.com/authorize',
  token_url: 'https://vendor.example.com/token',
  client_id: 'client_id',
  client_secret: 'client_secret',
  client_authentication: 'client_secret_post',
  scopes: ['read', 'write'],
  scope_separator: ' ',
  pkce: false,
  token_method: 'POST',
  refresh: 'refresh_token',
  refresh_before_seconds: 300,
}

interface Habit {
  readonly description?: Partial<OAuth>
  readonly configuration?: Readonly<Record<string, string>>
  /** The answer of the vendor. */
  readonly reply: Reply
  /** Added to the address to which the vendor sends the person back. */
  readonly redirect?: string
  readonly want: object
  /** Checks the requests that the vendor received. */
  readonly sent?: (received: readonly Received[]) => void
}

const json =
  (body: object, status = 200) =>
  () =>
    Response.json(body, { status })
const bearer = { access_token: 'at-1', token_type: 'bearer' }
const tokens = (values: object) => ({ ok: true, tokens: { access_token: 'at-1', ...values } })
const basicOf = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

/** Providers are those of Nango's providers.yaml at 2f4c0af ("providers"), unless another source is named. */
const habits: readonly (readonly [provider: string, habit: string, source: string, Habit])[] = [
  [
    'Slack',
    'answers with `token_type: bot` and a user beside the token; scopes by commas',
    'providers: slack; @slack/bolt 5.1.0',
    {
      reply: json({
        ...{ ok: true, access_token: 'at-1', token_type: 'bot', scope: 'chat:write,users:read', bot_user_id: 'U1' },
        ...{ team: { id: 'T1', name: 'x' }, authed_user: { id: 'U2', access_token: 'xoxp' } },
      }),
      description: { keeps: { team_id: { in: 'token', at: '/team/id' } }, scope_separator: ',' },
      want: { ...tokens({ scope: 'chat:write,users:read' }), kept: { team_id: 'T1' } },
    },
  ],
  [
    'Slack',
    'reports errors with status 200',
    'providers: slack; vocabulary: defects',
    {
      reply: json({ ok: false, error: 'invalid_code' }),
      want: { ok: false, error: { reason: 'refused', code: 'invalid_code', status: 200 } },
    },
  ],
  [
    'Slack',
    'gives only a token of the user, if only scopes of the user were requested',
    'vocabulary: defects',
    {
      reply: json({ ok: true, authed_user: { id: 'U1', access_token: 'at-1', scope: 'search:read' } }),
      description: { response: { access_token: '/authed_user/access_token', scope: '/authed_user/scope' } },
      want: tokens({ scope: 'search:read' }),
    },
  ],
  [
    'GitHub',
    'reports errors with status 200, without ok',
    'providers: github',
    {
      reply: json({ error: 'bad_verification_code', error_description: 'The code is incorrect.' }),
      want: { ok: false, error: { reason: 'refused', code: 'bad_verification_code', status: 200 } },
    },
  ],
  [
    'GitHub',
    'answers with a form',
    'providers: github',
    {
      reply: () =>
        new Response('access_token=at-1&scope=repo%2Cgist&token_type=bearer', {
          headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        }),
      want: tokens({ scope: 'repo,gist' }),
    },
  ],
  [
    'Mailchimp',
    'has tokens that do not expire: `expires_in: 0`, `scope: null`',
    'vocabulary: defects',
    {
      reply: json({ ...bearer, expires_in: 0, scope: null, refresh_token: null }),
      want: tokens({}),
    },
  ],
  [
    'a vendor',
    'writes numbers as text',
    'vocabulary: defects',
    {
      reply: json({ ...bearer, expires_in: '3600', refresh_token_expires_in: '7200', refresh_token: 'rt-1' }),
      want: tokens({
        refresh_token: 'rt-1',
        expires_at: '2026-11-30T01:00:00.000Z',
        refresh_expires_at: '2026-11-30T02:00:00.000Z',
      }),
    },
  ],
  [
    'a vendor',
    'answers with a list of scopes',
    'vocabulary: defects',
    {
      reply: json({ ...bearer, scope: ['read', 'write'] }),
      want: tokens({ scope: 'read write' }),
    },
  ],
  [
    'a vendor',
    'answers with the moment of expiry, in seconds',
    'vocabulary: defects',
    {
      reply: json({ ...bearer, expires_at: now / 1000 + 60 }),
      want: tokens({ expires_at: '2026-11-30T00:01:00.000Z' }),
    },
  ],
  [
    'a vendor',
    'answers with the moment of expiry, in milliseconds',
    'vocabulary: defects',
    {
      reply: json({ ...bearer, expires_at: now + 60_000 }),
      want: tokens({ expires_at: '2026-11-30T00:01:00.000Z' }),
    },
  ],
  [
    'a vendor',
    'answers with the moment of expiry, as a date',
    'vocabulary: defects',
    {
      reply: json({ ...bearer, expires_at: '2026-11-30T00:01:00Z' }),
      want: tokens({ expires_at: '2026-11-30T00:01:00.000Z' }),
    },
  ],
  [
    'Notion',
    'expects JSON, Basic and a header; keeps the workspace',
    'providers: notion',
    {
      reply: json({ ...bearer, workspace_id: 'ws-1' }),
      description: {
        ...{
          client_authentication: 'client_secret_basic',
          token_body: 'json',
          token_headers: { 'Notion-Version': '2022-06-28' },
        },
        keeps: { workspace_id: { in: 'token', at: '/workspace_id' } },
      },
      want: { ...tokens({}), kept: { workspace_id: 'ws-1' } },
      sent: ([request]) => {
        expect(request?.headers.get('authorization')).toBe(basicOf('client-1:secret-of-client'))
        expect(request?.headers.get('notion-version')).toBe('2022-06-28')
        expect(request?.parameters).toEqual({
          grant_type: 'authorization_code',
          code: 'c-1',
          redirect_uri: redirectUri,
        })
      },
    },
  ],
  [
    'PayPal, Xero, Adyen, Klaviyo, DocuSign, Pipedrive',
    'expect client authentication by Basic',
    'providers',
    {
      reply: json(bearer),
      configuration: { client_secret: 'a:b c%' },
      description: { client_authentication: 'client_secret_basic' },
      want: tokens({}),
      sent: ([request]) => {
        expect(request?.headers.get('authorization')).toBe(basicOf('client-1:a%3Ab+c%25'))
        expect(request?.parameters).not.toHaveProperty('client_secret')
      },
    },
  ],
  [
    'PayPal, Xero, Microsoft',
    'give tokens for client credentials',
    'providers: xero-oauth2-cc, microsoft-oauth2-cc',
    {
      reply: json({ ...bearer, expires_in: 1800 }),
      description: {
        grant: 'client_credentials',
        token_url: 'https://login.microsoftonline.com/{tenant_id}/oauth2/v2.0/token',
      },
      configuration: { tenant_id: 'contoso' },
      want: tokens({ expires_at: '2026-11-30T00:30:00.000Z' }),
      sent: ([request]) => {
        expect(request?.url.href).toBe('https://login.microsoftonline.com/contoso/oauth2/v2.0/token')
        expect(request?.parameters).toEqual({ grant_type: 'client_credentials', scope: 'read write', ...configuration })
      },
    },
  ],
  [
    'a public client',
    'has no secret',
    'RFC 6749, 2.1',
    {
      reply: json(bearer),
      description: { client_authentication: 'none' },
      want: tokens({}),
      sent: ([request]) => {
        expect(request?.parameters).toMatchObject({ client_id: 'client-1' })
        expect(request?.parameters).not.toHaveProperty('client_secret')
      },
    },
  ],
  [
    'Meta',
    'takes token requests by GET',
    'Meta: access tokens',
    {
      reply: json(bearer),
      description: { token_method: 'GET' },
      want: tokens({}),
      sent: ([request]) => expect([request?.method, request?.parameters.code]).toEqual(['GET', 'c-1']),
    },
  ],
  [
    'Salesforce',
    'chooses the host of the API',
    'providers: salesforce',
    {
      reply: json({ ...bearer, instance_url: 'https://acme.my.salesforce.com' }),
      description: {
        keeps: { instance_url: { in: 'token', at: '/instance_url' } },
        fields: { instance_url: { type: 'url', hosts: ['salesforce.com', 'force.com'] } },
      },
      want: { ...tokens({}), kept: { instance_url: 'https://acme.my.salesforce.com' } },
    },
  ],
  [
    'an attacker',
    'sends another host instead',
    'vocabulary: keeps',
    {
      reply: json({ ...bearer, instance_url: 'https://salesforce.com.evil.example' }),
      description: {
        keeps: { instance_url: { in: 'token', at: '/instance_url' } },
        fields: { instance_url: { type: 'url', hosts: ['salesforce.com', 'force.com'] } },
      },
      want: { ok: false, error: { reason: 'malformed_answer', code: 'instance_url' } },
    },
  ],
  [
    'Slack',
    'connects another workspace than before, which the result shows',
    'vocabulary: keeps',
    {
      reply: json({ ok: true, access_token: 'at-1', team: { id: 'T2' }, app_id: 'A1' }),
      description: {
        keeps: { team_id: { in: 'token', at: '/team/id' }, app_id: { in: 'token', at: '/app_id' } },
      },
      configuration: { team_id: 'T1', app_id: 'A1' },
      want: { ...tokens({}), kept: { team_id: 'T2', app_id: 'A1' }, replaced: ['team_id'] },
    },
  ],
  [
    'PayPal',
    'has another token URL in its sandbox',
    'developer.paypal.com/api/rest/authentication',
    {
      reply: json(bearer),
      description: {
        grant: 'client_credentials',
        token_url: 'https://api-m.paypal.com/v1/oauth2/token',
        environments: {
          field: 'environment',
          urls: { sandbox: { token_url: 'https://api-m.sandbox.paypal.com/v1/oauth2/token' } },
        },
        fields: { environment: { options: ['live', 'sandbox'], default: 'live' } },
      },
      configuration: { environment: 'sandbox' },
      want: tokens({}),
      sent: ([request]) => expect(request?.url.host).toBe('api-m.sandbox.paypal.com'),
    },
  ],
  [
    'QuickBooks',
    'sends the company with the redirect, and has another name for the life of refresh tokens',
    'providers: quickbooks',
    {
      reply: json({ ...bearer, refresh_token: 'rt-1', expires_in: 3600, x_refresh_token_expires_in: 8_726_400 }),
      redirect: '&realmId=4620816365',
      description: {
        keeps: { realm_id: { in: 'redirect', at: 'realmId' } },
        fields: { realm_id: { pattern: '^[0-9]{1,20}$' } },
        response: { refresh_expires_in: '/x_refresh_token_expires_in' },
      },
      want: {
        ...tokens({
          refresh_token: 'rt-1',
          expires_at: '2026-11-30T01:00:00.000Z',
          refresh_expires_at: '2027-03-11T00:00:00.000Z',
        }),
        kept: { realm_id: '4620816365' },
      },
    },
  ],
  [
    'Mailchimp',
    'answers a further call with the data centre',
    'developer.mailchimp.com: How to use OAuth2',
    {
      reply: ({ url, headers }) =>
        url.pathname === '/token'
          ? Response.json(bearer)
          : Response.json(headers.get('authorization') === 'OAuth at-1' ? { dc: 'us6' } : {}),
      description: {
        keeps: { dc: { in: 'lookup', at: '/dc' } },
        lookup: { url: 'https://vendor.example.com/metadata', headers: { Authorization: 'OAuth {access_token}' } },
        fields: { dc: { pattern: '^[a-z]{2}[0-9]{1,3}$' } },
      },
      want: { ...tokens({}), kept: { dc: 'us6' } },
    },
  ],
  [
    'Jira, Xero',
    'answer a further call with a list',
    'providers: jira, xero',
    {
      reply: ({ url }) => Response.json(url.pathname === '/token' ? bearer : [{ id: 'cloud-1' }]),
      description: {
        keeps: { cloud_id: { in: 'lookup', at: '/0/id' } },
        lookup: { url: 'https://vendor.example.com/accessible-resources' },
      },
      want: { ...tokens({}), kept: { cloud_id: 'cloud-1' } },
    },
  ],
  [
    'a vendor',
    'fails at the further call, after the code has been used up',
    'vocabulary: keeps',
    {
      reply: ({ url }) => (url.pathname === '/token' ? Response.json(bearer) : new Response('', { status: 503 })),
      description: {
        keeps: { dc: { in: 'lookup', at: '/dc' } },
        lookup: { url: 'https://vendor.example.com/metadata' },
      },
      want: { ...tokens({}), kept: {}, lookup_error: { reason: 'refused', status: 503 } },
    },
  ],
  [
    'Zoom',
    'has a custom grant type',
    'providers: zoom',
    {
      reply: json({ ...bearer, expires_in: 3600 }),
      description: {
        ...{ grant: 'token_call', client_authentication: 'client_secret_basic' },
        parameters: { token: { grant_type: 'account_credentials', account_id: '{account_id}' } },
      },
      configuration: { account_id: 'acc-1' },
      want: tokens({ expires_at: '2026-11-30T01:00:00.000Z' }),
      sent: ([request]) =>
        expect(request?.parameters).toEqual({ grant_type: 'account_credentials', account_id: 'acc-1' }),
    },
  ],
  [
    'a vendor with two steps',
    'takes nested JSON, and answers with other names',
    'providers: 63 of kind TWO_STEP',
    {
      reply: json({ data: { token: 'at-1', ttl: 60 } }),
      description: {
        ...{ grant: 'token_call', client_authentication: 'none', token_body: 'json' },
        parameters: { token: { auth: { user: '{username}', tries: 1, optional: '{absent}' } } },
        response: { access_token: '/data/token', expires_in: '/data/ttl' },
      },
      configuration: { username: 'ada{client_secret}' },
      want: tokens({ expires_at: '2026-11-30T00:01:00.000Z' }),
      // A value is not read as a template.
      sent: ([request]) => expect(request?.parameters).toEqual({ auth: { user: 'ada{client_secret}', tries: 1 } }),
    },
  ],
  [
    'a vendor with two steps',
    'does not say how long the token lives',
    'providers: 63 of kind TWO_STEP',
    {
      reply: json(bearer),
      description: { grant: 'token_call', client_authentication: 'none', response: { lifetime_seconds: 3600 } },
      want: tokens({ expires_at: '2026-11-30T01:00:00.000Z' }),
    },
  ],
  [
    'a token service',
    'exchanges another token',
    'RFC 8693',
    {
      reply: json(bearer),
      description: {
        grant: 'token_exchange',
        parameters: {
          token: { subject_token: '{api_key}', subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' },
        },
      },
      configuration: { api_key: 'key-1' },
      want: tokens({}),
      sent: ([request]) =>
        expect(request?.parameters).toMatchObject({
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: 'key-1',
        }),
    },
  ],
]

async function connected(description: OAuth, config: Readonly<Record<string, string>>, options: object, redirect = '') {
  if (description.grant !== 'authorization_code') return requestTokens(description, config, options)
  const { pending } = await authorize(description, config, { redirectUri })
  const callback = `${redirectUri}?code=c-1&state=${pending.state}${redirect}`
  return exchangeCode(description, config, callback, pending, options)
}

describe('a vendor that', () => {
  test.each(habits)('%s: %s (%s)', async (_, __, ___, habit) => {
    const server = await authorizationServer(habit.reply)
    const config = { ...configuration, ...habit.configuration }
    const options = { fetch: server.fetch, now }
    try {
      expect(await connected({ ...base, ...habit.description }, config, options, habit.redirect)).toEqual(habit.want)
      habit.sent?.(server.received)
    } finally {
      await server.close()
    }
  })
})

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pkcs8 = { type: 'pkcs8', format: 'pem' } as const

describe('a signed token', () => {
  test.each([
    ['Google: PKCS #8', 'RS256', rsa, String(rsa.privateKey.export(pkcs8))],
    ['Google: copied from the JSON file', 'RS256', rsa, String(rsa.privateKey.export(pkcs8)).replaceAll('\n', '\\n')],
    ['DocuSign: PKCS #1', 'RS256', rsa, String(rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }))],
    ['with elliptic curves', 'ES256', ec, String(ec.privateKey.export(pkcs8))],
  ] as const)('%s', async (_, algorithm, { publicKey }, private_key) => {
    const server = await authorizationServer(json(bearer))
    const description: OAuth = {
      ...{ ...base, grant: 'jwt_bearer', client_authentication: 'none' },
      assertion: {
        ...{ algorithm, key: 'private_key', key_id: '{key_id}', lifetime_seconds: 3600 },
        claims: {
          iss: '{client_email}',
          sub: '{subject}',
          aud: 'https://oauth2.googleapis.com/token',
          scope: '{scope}',
        },
      },
    }
    const config = { ...configuration, private_key, client_email: 'a@b.example', key_id: 'k-1' }
    try {
      expect(await requestTokens(description, config, { fetch: server.fetch, now })).toEqual(tokens({}))
      const { grant_type, assertion } = server.received[0]?.parameters ?? {}
      expect(grant_type).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
      const key = await importSPKI(String(publicKey.export({ type: 'spki', format: 'pem' })), algorithm)
      const { payload, protectedHeader } = await jwtVerify(String(assertion), key, { currentDate: new Date(now) })
      expect(protectedHeader).toEqual({ alg: algorithm, typ: 'JWT', kid: 'k-1' })
      expect(payload).toEqual({
        ...{ iss: 'a@b.example', aud: 'https://oauth2.googleapis.com/token', scope: 'read write' },
        ...{ iat: now / 1000, exp: now / 1000 + 3600, jti: expect.any(String) },
      })
    } finally {
      await server.close()
    }
  })

  test.each(['', 'nonsense', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'])(
    'a malformed key, %j, is named without its value',
    async (private_key) => {
      const assertion = { algorithm: 'RS256', key: 'private_key', claims: {}, lifetime_seconds: 60 } as const
      const description: OAuth = { ...base, grant: 'jwt_bearer', assertion }
      await expect(requestTokens(description, { ...configuration, private_key })).rejects.toMatchObject({
        name: 'ConfigurationError',
        field: 'private_key',
      })
    },
  )
})

describe('the flow for devices', () => {
  test('waits for the person, and ends with the code', async () => {
    const answers = [
      json({
        device_code: 'd-1',
        user_code: 'AB-CD',
        verification_url: 'https://www.google.com/device',
        expires_in: 60,
      }),
      json({ error: 'authorization_pending' }, 428),
      json({ error: 'slow_down' }, 403),
      json(bearer),
    ]
    const server = await authorizationServer(async (received) => answers.shift()?.() ?? Response.json(received))
    const description: OAuth = {
      ...base,
      grant: 'device_code',
      device_authorization_url: 'https://vendor.example.com/device',
    }
    const options = { fetch: server.fetch, now }
    try {
      const begun = await deviceAuthorization(description, configuration, options)
      if (!begun.ok) throw new Error(begun.error.reason)
      expect(begun.device).toEqual({
        ...{ device_code: 'd-1', user_code: 'AB-CD', verification_uri: 'https://www.google.com/device' },
        ...{ expires_at: '2026-11-30T00:01:00.000Z', interval_seconds: 5 },
      })
      const poll = (time = now) => pollDevice(description, configuration, begun.device, { ...options, now: time })
      expect(await poll()).toEqual({
        ok: false,
        error: { reason: 'pending', code: 'authorization_pending', status: 428 },
      })
      expect(await poll()).toEqual({ ok: false, error: { reason: 'pending', code: 'slow_down', status: 403 } })
      expect(await poll()).toEqual(tokens({}))
      expect(await poll(now + 60_000)).toEqual({ ok: false, error: { reason: 'reconnect', code: 'expired_token' } })
      expect(server.received).toHaveLength(4)
    } finally {
      await server.close()
    }
  })
})

describe('renewal', () => {
  const old = { access_token: 'at-0', refresh_token: 'rt-0', scope: 'read' }

  test('can have another address and other parameters, and rotates', async () => {
    const server = await authorizationServer(json({ ...bearer, refresh_token: 'rt-1' }))
    const description: OAuth = {
      ...{ ...base, refresh_url: 'https://vendor.example.com/refresh' },
      parameters: { token: { first: '1' }, refresh: { scope: '{scope}' } },
    }
    try {
      expect(await refreshTokens(description, configuration, old, { fetch: server.fetch, now })).toEqual(
        tokens({ refresh_token: 'rt-1', scope: 'read' }),
      )
      expect(server.received[0]?.url.pathname).toBe('/refresh')
      expect(server.received[0]?.parameters).toEqual({
        ...{ grant_type: 'refresh_token', refresh_token: 'rt-0', scope: 'read write' },
        ...configuration,
      })
    } finally {
      await server.close()
    }
  })

  test.each<[string, Partial<OAuth>, object, OAuthResult]>([
    [
      "a vendor's own word for a token that has ended (Slack, GitHub)",
      { reconnect_on: ['bad_refresh_token'] },
      { error: 'bad_refresh_token' },
      { ok: false, error: { reason: 'reconnect', code: 'bad_refresh_token', status: 200 } },
    ],
    [
      'a grant without a person is repeated',
      { grant: 'client_credentials', refresh: 'none' },
      bearer,
      { ok: true, tokens: { access_token: 'at-1' } },
    ],
  ])('%s', async (_, description, answer, want) => {
    const server = await authorizationServer(json(answer))
    try {
      expect(
        await refreshTokens({ ...base, ...description }, configuration, old, { fetch: server.fetch, now }),
      ).toEqual(want)
    } finally {
      await server.close()
    }
  })
})

test('an answer that is too large, or no answer in time, is an error without secrets', async () => {
  const server = await authorizationServer(() => new Response('x'.repeat(2 * 1024 * 1024)))
  try {
    const result = await requestTokens({ ...base, grant: 'client_credentials' }, configuration, { fetch: server.fetch })
    expect(result).toEqual({ ok: false, error: { reason: 'unreachable' } })
    const late = await requestTokens({ ...base, grant: 'client_credentials' }, configuration, {
      ...{ fetch: server.fetch, signal: AbortSignal.abort() },
    })
    expect(late).toEqual({ ok: false, error: { reason: 'unreachable' } })
  } finally {
    await server.close()
  }
})

test('an error that repeats a secret is printed without it', async () => {
  const server = await authorizationServer(json({ error: `bad secret-of-client and ${'x'.repeat(500)}` }, 400))
  try {
    const result = await requestTokens({ ...base, grant: 'client_credentials' }, configuration, { fetch: server.fetch })
    expect(JSON.stringify(result)).not.toContain('secret-of-client')
    expect(JSON.stringify(result).length).toBeLessThan(200)
  } finally {
    await server.close()
  }
})
