import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Api } from '../../generator/kit/api.ts'
import { authorizedFetch } from '../../generator/kit/authorized-fetch.ts'
import { configurationProblems } from '../../generator/kit/installation.ts'
import type { OAuth } from '../../generator/kit/oauth.ts'
import { authorize, exchangeCode, requestTokens } from '../../generator/kit/oauth.ts'
import type { Tokens } from '../../generator/kit/token-request.ts'
import type { Connector } from '../../generator/model/connector.ts'
import { connectorConfig } from '../../generator/targets/sql/connector-config.ts'
import { apiConfig } from '../../generator/targets/typescript/api-config.ts'
import { installable, oauthDescription } from '../../generator/targets/typescript/installation-file.ts'
import { connectorOf } from '../support/acme.ts'
import { authorizationServer } from '../support/authorization-server.ts'

const server = await authorizationServer(({ url }) => {
  if (url.pathname.endsWith('/metadata')) return Response.json({ dc: 'us6', login: {} })
  return Response.json({ access_token: 'at-1', token_type: 'bearer', expires_in: 0 })
})
afterAll(() => server.close())

const redirectUri = 'https://app.example.com/callback'

/** Connects with one of the five definitions, and returns the first call of its API. */
async function connected(code: string, configuration: Readonly<Record<string, string>>) {
  const path = join(import.meta.dirname, '..', 'fixtures', 'authentication', `${code}.yaml`)
  const connector = connectorOf(readFileSync(path, 'utf8'))
  expect(configurationProblems(installable(connector), configuration)).toEqual([])
  const oauth = oauthDescription(connector) as OAuth
  server.received.length = 0
  const result = await tokensBy(oauth, configuration)
  if (!result.ok) throw new Error(result.error.reason)
  const sent = [...server.received]
  return {
    connector,
    result,
    sent,
    request: await called(connector, { ...configuration, ...result.kept }, result.tokens),
  }
}

async function tokensBy(oauth: OAuth, configuration: Readonly<Record<string, string>>) {
  const options = { fetch: server.fetch }
  if (oauth.grant !== 'authorization_code') return requestTokens(oauth, configuration, options)
  const { url, pending } = await authorize(oauth, configuration, { redirectUri })
  const callback = `${redirectUri}?code=c-1&state=${pending.state}`
  const result = await exchangeCode(oauth, configuration, callback, pending, options)
  return { ...result, url }
}

/** The calls of an installation with tokens. */
function callsOf(connector: Connector, configuration: Readonly<Record<string, string>>, tokens?: Tokens) {
  const store = { load: async () => tokens, save: async () => undefined }
  return authorizedFetch(apiConfig(connector) as Api, { configuration, tokens: store }, { fetch: server.fetch })
}

/** The first request of its API. */
async function called(connector: Connector, configuration: Readonly<Record<string, string>>, tokens?: Tokens) {
  const { call } = callsOf(connector, configuration, tokens)
  expect(await call(connector.api.endpoints[0]?.name ?? '')).toMatchObject({ ok: true })
  return server.received.at(-1)
}

const client = { client_id: 'id-1', client_secret: 'secret-1' }

test('Shopify: the shop is in every address, and the token in a custom header', async () => {
  const { request, sent, connector } = await connected('shopify-admin', { ...client, shop: 'acme-store.myshopify.com' })
  expect(sent[0]?.url.href).toBe('https://acme-store.myshopify.com/admin/oauth/access_token')
  expect(request?.url.href).toBe('https://acme-store.myshopify.com/admin/api/2024-10/orders.json')
  expect(request?.headers.get('x-shopify-access-token')).toBe('at-1')
  expect(request?.headers.has('authorization')).toBe(false)
  expect(connectorConfig(connector)).toMatchObject({
    auth_type: 'oauth2',
    authentication: { credentials: [{ in: 'header', name: 'X-Shopify-Access-Token', value: '{access_token}' }] },
    api_endpoints: { base_url: 'https://{shop}.myshopify.com' },
  })
  for (const shop of ['evil.com/', 'a@b', 'x#', '..'])
    await expect(connected('shopify-admin', { ...client, shop })).rejects.toThrow()
})

test('PayPal: client credentials by HTTP Basic', async () => {
  const { request, sent } = await connected('paypal-rest', client)
  expect(sent[0]?.parameters).toEqual({ grant_type: 'client_credentials' })
  expect(sent[0]?.headers.get('authorization')).toBe(`Basic ${btoa('id-1:secret-1')}`)
  expect(request?.headers.get('authorization')).toBe('Bearer at-1')
})

test('Google: a service account signs for its scopes', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const private_key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const { sent } = await connected('google-service-account', { client_email: 'a@b.example', private_key })
  const [, claims = ''] = String(sent[0]?.parameters.assertion).split('.')
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
    iss: 'a@b.example',
    scope: 'https://www.googleapis.com/auth/calendar.readonly',
  })
  expect(sent[0]?.parameters).not.toHaveProperty('client_id')
})

test('Zendesk: OAuth, or an API token by HTTP Basic', async () => {
  const { request, connector } = await connected('zendesk-support', { ...client, subdomain: 'acme' })
  expect(request?.headers.get('authorization')).toBe('Bearer at-1')
  const configuration = { subdomain: 'acme', email: 'ada@example.com', api_token: 't-1' }
  const basic = await called(connector, configuration)
  expect(basic?.headers.get('authorization')).toBe(`Basic ${btoa('ada@example.com/token:t-1')}`)
  expect(await callsOf(connector, configuration).verify()).toEqual({ ok: true })
})

test('Mailchimp: a call after connecting returns the data centre', async () => {
  const { request, result, sent } = await connected('mailchimp-marketing', client)
  expect(sent[1]?.headers.get('authorization')).toBe('OAuth at-1')
  expect(result).toMatchObject({ tokens: { access_token: 'at-1' }, kept: { dc: 'us6' } })
  expect(request?.url.href).toBe('https://us6.api.mailchimp.com/3.0/lists')
})
