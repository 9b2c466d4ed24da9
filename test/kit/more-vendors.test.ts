import { createHash, createHmac, createSign, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Signature } from '../../generator/compiled/definition.ts'
import { verify } from '../../generator/kit/verify.ts'
import { signatureGaps } from '../../generator/vocabulary/signatures.ts'
import { signedWebhookOf } from '../support/vendors.ts'

/** A request that is signed here as the vendor documents it, by other code than the kit's. */
interface Signed {
  readonly url?: string
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

interface Case {
  readonly scheme: string
  readonly fields: Readonly<Record<string, string>>
  readonly content_types?: readonly string[]
  readonly sign: (body: string) => Signed
  readonly body?: string
}

const now = Date.UTC(2026, 10, 30, 12)
const seconds = String(now / 1000)
const iso = new Date(now).toISOString()
const url = 'https://hooks.example.com/in?tenant=1'
const form = 'application/x-www-form-urlencoded'
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = String(publicKey.export({ type: 'spki', format: 'pem' }))

const hmac = (algorithm: string, encoding: 'hex' | 'base64' | 'base64url', key: string, text: string) =>
  createHmac(algorithm, key).update(text).digest(encoding)
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const rs256 = (text: string) => createSign('sha256').update(text).sign(privateKey)

/** Schemes that were written with the format reference alone. */
const cases: Readonly<Record<string, Case>> = {
  Mailgun: {
    scheme: `
      algorithm: hmac-sha256
      encoding: hex
      secret: signing_key
      signature: { in: body, at: /signature/signature }
      signed: "{timestamp}{body:/signature/token}"
      timestamp: { in: body, at: /signature/timestamp, form: unix-seconds, tolerance_seconds: 300 }`,
    fields: { signing_key: 'k' },
    sign: () => {
      const signature = { timestamp: seconds, token: 't', signature: hmac('sha256', 'hex', 'k', `${seconds}t`) }
      return { headers: {}, body: JSON.stringify({ signature }) }
    },
  },
  Mandrill: {
    scheme: `
      algorithm: hmac-sha1
      encoding: base64
      secret: webhook_key
      signature: { in: header, at: X-Mandrill-Signature }
      signed: "{url}{form}"`,
    fields: { webhook_key: 'k' },
    content_types: [form],
    sign: () => {
      const signature = hmac('sha1', 'base64', 'k', `${url}mandrill_events[]`)
      return { headers: { 'x-mandrill-signature': signature, 'content-type': form }, body: 'mandrill_events=%5B%5D' }
    },
  },
  DocuSign: {
    scheme: `
      algorithm: hmac-sha256
      encoding: base64
      secret: connect_key
      signature: { in: header, at: [X-DocuSign-Signature-1, X-DocuSign-Signature-2] }
      signed: "{body}"`,
    fields: { connect_key: 'k' },
    sign: (body) => ({
      headers: {
        'x-docusign-signature-1': hmac('sha256', 'base64', 'another', body),
        'x-docusign-signature-2': hmac('sha256', 'base64', 'k', body),
      },
      body,
    }),
  },
  PagerDuty: {
    scheme: `
      algorithm: hmac-sha256
      encoding: hex
      secret: secret
      signature: { in: header, at: X-PagerDuty-Signature, format: "v1={signature}", multiple: true }
      signed: "{body}"`,
    fields: { secret: 'k' },
    sign: (body) => {
      const [other, own] = ['another', 'k'].map((key) => `v1=${hmac('sha256', 'hex', key, body)}`)
      return { headers: { 'x-pagerduty-signature': `${other},${own}` }, body }
    },
  },
  Trello: {
    scheme: `
      algorithm: hmac-sha1
      encoding: base64
      secret: api_secret
      signature: { in: header, at: X-Trello-Webhook }
      signed: "{body}{url}"`,
    fields: { api_secret: 'k' },
    sign: (body) => ({ headers: { 'x-trello-webhook': hmac('sha1', 'base64', 'k', `${body}${url}`) }, body }),
  },
  Webflow: {
    scheme: `
      algorithm: hmac-sha256
      encoding: hex
      secret: client_secret
      signature: { in: header, at: x-webflow-signature }
      signed: "{timestamp}:{body}"
      timestamp: { in: header, at: x-webflow-timestamp, form: unix-milliseconds, tolerance_seconds: 300 }`,
    fields: { client_secret: 'k' },
    sign: (body) => ({
      headers: {
        'x-webflow-timestamp': String(now),
        'x-webflow-signature': hmac('sha256', 'hex', 'k', `${now}:${body}`),
      },
      body,
    }),
  },
  'Authorize.Net': {
    scheme: `
      algorithm: hmac-sha512
      encoding: hex
      secret: signature_key
      signature: { in: header, at: X-ANET-Signature, format: "sha512={signature}" }
      signed: "{body}"`,
    fields: { signature_key: 'k' },
    sign: (body) => ({
      headers: { 'x-anet-signature': `sha512=${hmac('sha512', 'hex', 'k', body).toUpperCase()}` },
      body,
    }),
  },
  Box: {
    scheme: `
      algorithm: hmac-sha256
      encoding: base64
      secret: signature_key
      signature: { in: header, at: [BOX-SIGNATURE-PRIMARY, BOX-SIGNATURE-SECONDARY] }
      signed: "{body}{timestamp}"
      timestamp: { in: header, at: BOX-DELIVERY-TIMESTAMP, form: date-time, tolerance_seconds: 600 }`,
    fields: { signature_key: 'k' },
    sign: (body) => ({
      headers: {
        'box-delivery-timestamp': iso,
        'box-signature-primary': hmac('sha256', 'base64', 'another', body + iso),
        'box-signature-secondary': hmac('sha256', 'base64', 'k', body + iso),
      },
      body,
    }),
  },
  Twitch: {
    scheme: `
      algorithm: hmac-sha256
      encoding: hex
      secret: secret
      signature: { in: header, at: Twitch-Eventsub-Message-Signature, format: "sha256={signature}" }
      signed: "{header:twitch-eventsub-message-id}{timestamp}{body}"
      timestamp: { in: header, at: Twitch-Eventsub-Message-Timestamp, form: date-time, tolerance_seconds: 600 }`,
    fields: { secret: 'k' },
    sign: (body) => ({
      headers: {
        'twitch-eventsub-message-id': 'm-1',
        'twitch-eventsub-message-timestamp': iso,
        'twitch-eventsub-message-signature': `sha256=${hmac('sha256', 'hex', 'k', `m-1${iso}${body}`)}`,
      },
      body,
    }),
  },
  Sanity: {
    scheme: `
      algorithm: hmac-sha256
      encoding: base64url
      secret: secret
      signature: { in: header, at: sanity-webhook-signature, format: "t={timestamp},v1={signature}" }
      signed: "{timestamp}.{body}"
      timestamp: { form: unix-milliseconds, tolerance_seconds: 300 }`,
    fields: { secret: 'k' },
    sign: (body) => ({
      headers: { 'sanity-webhook-signature': `t=${now},v1=${hmac('sha256', 'base64url', 'k', `${now}.${body}`)}` },
      body,
    }),
  },
  WorkOS: {
    scheme: `
      algorithm: hmac-sha256
      encoding: hex
      secret: secret
      signature: { in: header, at: WorkOS-Signature, format: "t={timestamp}, v1={signature}" }
      signed: "{timestamp}.{body}"
      timestamp: { form: unix-milliseconds, tolerance_seconds: 180 }`,
    fields: { secret: 'k' },
    sign: (body) => ({
      headers: { 'workos-signature': `t=${now}, v1=${hmac('sha256', 'hex', 'k', `${now}.${body}`)}` },
      body,
    }),
  },
  HighLevel: {
    scheme: `
      algorithm: rsa-sha256
      encoding: base64
      secret: public_key
      signature: { in: header, at: x-wh-signature }
      signed: "{body}"`,
    fields: { public_key: pem },
    sign: (body) => ({ headers: { 'x-wh-signature': rs256(body).toString('base64') }, body }),
  },
  Pipedrive: {
    scheme: `
      algorithm: token
      secret: http_auth
      signature: { in: basic, at: credentials }`,
    fields: { http_auth: 'hera:made-up' },
    sign: (body) => ({ headers: { authorization: `Basic ${Buffer.from('hera:made-up').toString('base64')}` }, body }),
  },
  Mailchimp: {
    scheme: `
      algorithm: token
      secret: url_secret
      signature: { in: query, at: tenant }`,
    fields: { url_secret: '1' },
    sign: (body) => ({ headers: { 'content-type': form }, body }),
    content_types: [form],
  },
  'Google Pub/Sub': {
    scheme: `
      algorithm: jwt
      signature: { in: header, at: Authorization, format: "Bearer {signature}" }
      key: { jwks: https://www.googleapis.com/oauth2/v3/certs }
      jwt: { algorithms: [RS256], issuer: [https://accounts.google.com, accounts.google.com], audience: "{url}", equal: { email_verified: true } }`,
    fields: {},
    sign: (body) => {
      const claims = { iss: 'https://accounts.google.com', aud: url, email_verified: true, iat: now / 1000 }
      const text = `${base64({ alg: 'RS256', kid: 'k1' })}.${base64({ ...claims, exp: now / 1000 + 60 })}`
      return { headers: { authorization: `Bearer ${text}.${rs256(text).toString('base64url')}` }, body }
    },
  },
  'Jira Connect': {
    scheme: `
      algorithm: jwt
      secret: shared_secret
      signature: { in: header, at: Authorization, format: "JWT {signature}" }
      jwt: { algorithms: [HS256], query_sha256: qsh }`,
    fields: { shared_secret: 'k'.repeat(32) },
    sign: (body) => {
      const qsh = createHash('sha256').update('POST&/in&tenant=1').digest('hex')
      const text = `${base64({ alg: 'HS256' })}.${base64({ iss: 'c', qsh, iat: now / 1000, exp: now / 1000 + 60 })}`
      return {
        headers: { authorization: `JWT ${text}.${hmac('sha256', 'base64url', 'k'.repeat(32), text)}` },
        body,
      }
    },
  },
}

function verified({ scheme, fields, content_types }: Case, { method = 'POST', headers, body }: Signed) {
  const signature = { name: 'scheme', description: 'As the vendor documents it.', ...parse(scheme) } as Signature
  expect(signatureGaps(signature)).toEqual([])
  const webhook = signedWebhookOf({ signatures: [signature], ...(content_types && { content_types }) })
  const request = { method, url, headers: new Headers(headers), body: new TextEncoder().encode(body) }
  return verify(webhook, request, fields, {
    ...{ url: url.replace(/\?.*/, ''), now },
    fetchKey: async () =>
      JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256' }] }),
  })
}

test.each(Object.entries(cases))('%s is verified, and a changed request is not', async (_, given) => {
  const signed = given.sign(given.body ?? '{"a":"ä"}')
  expect(await verified(given, signed)).toMatchObject({ verified: true })
  const wrong = Object.fromEntries(Object.keys(given.fields).map((name) => [name, `${given.fields[name]}x`]))
  if (Object.keys(wrong).length > 0 && given.fields.public_key === undefined)
    expect(await verified({ ...given, fields: wrong }, signed)).toMatchObject({ verified: false })
  const isBodySigned = /\{body\}/.test(given.scheme)
  if (isBodySigned)
    expect(await verified(given, { ...signed, body: `${signed.body} ` })).toMatchObject({ verified: false })
  const changed = Object.fromEntries(
    Object.entries(signed.headers).map(([name, value]) => [
      name,
      name === 'content-type' ? value : value.replace(/.(?=.$)/, (one) => (one === 'A' ? 'B' : 'A')),
    ]),
  )
  if (Object.keys(changed).some((name) => name !== 'content-type'))
    expect(await verified(given, { ...signed, headers: changed })).toMatchObject({ verified: false })
})
