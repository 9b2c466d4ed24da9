import https from 'node:https'
import { PassThrough } from 'node:stream'
import { describe, expect, test, vi } from 'vitest'
import { generateKeys, sign } from '../../generator/kit/sign.ts'
import type { Verification } from '../../generator/kit/verify.ts'
import { verify } from '../../generator/kit/verify.ts'
import { fc } from '../support/property.ts'
import { signedWebhookOf, type Vendor, vendors } from '../support/vendors.ts'

/** Random parts of a request: another secret, body and time in each round. */
interface Drawn {
  readonly secret: string
  readonly body: string
  /** In whole seconds since 1970. */
  readonly time: number
  readonly id: string
  readonly url: string
}

/** A request that an SDK signed. */
interface Signed {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly url?: string
}

/** A request that the kit signed, as an SDK receives it. */
interface Received extends Drawn {
  readonly headers: Readonly<Record<string, string>>
}

interface Agreement {
  /** The vendor's own library, or the one that the vendor recommends. */
  readonly sdk: string
  readonly secret: fc.Arbitrary<string>
  readonly body?: fc.Arbitrary<string>
  readonly content_type?: string
  /** The body with another value that is signed, where not every byte is. */
  readonly tampered?: (body: string) => string
  /** Signs a request as the vendor does. */
  readonly signs?: (drawn: Drawn) => Promise<Signed>
  /** Whether the library accepts a request, where it only verifies. */
  readonly accepts?: (received: Received) => Promise<boolean>
}

const ROUNDS = 25
const text = fc.stringMatching(/^[A-Za-z0-9_-]{16,64}$/)
const hex = fc.stringMatching(/^[0-9A-F]{64}$/)
const base64 = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('base64'))
const whsec = base64.map((key) => `whsec_${key}`)
const anything = fc.string({ unit: 'binary', maxLength: 40 })
const json = fc.record({ id: fc.uuid(), text: anything, value: fc.jsonValue() }).map((value) => JSON.stringify(value))
const form = fc
  .dictionary(fc.stringMatching(/^[A-Za-z]{1,12}$/), anything, { minKeys: 1, noNullPrototype: true })
  .map((fields) => new URLSearchParams(fields).toString())
const adyenItem = fc.record({
  pspReference: fc.uuid(),
  originalReference: anything,
  merchantAccountCode: anything,
  merchantReference: anything,
  amount: fc.record({ value: fc.nat(), currency: fc.constantFrom('EUR', 'JPY') }),
  eventCode: fc.constantFrom('AUTHORISATION', 'REFUND'),
  success: fc.constantFrom('true', 'false'),
})
const adyenItems = fc
  .array(adyenItem, { minLength: 1, maxLength: 4 })
  .map((items) => JSON.stringify({ live: 'false', notificationItems: items.map(asItem) }))
const asItem = (NotificationRequestItem: object) => ({ NotificationRequestItem })
const snsMessage = fc
  .record({
    Message: anything,
    Subject: fc.option(anything, { nil: undefined }),
    SignatureVersion: fc.constantFrom('1', '2'),
  })
  .map(({ Message, Subject, SignatureVersion }) =>
    JSON.stringify({
      ...{ Type: 'Notification', MessageId: 'm-1', TopicArn: 'arn:aws:sns:eu-west-1:1:t', Message, Subject },
      ...{ Timestamp: '2026-11-23T10:00:00.000Z', SignatureVersion, Signature: 'none' },
      SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/key.pem',
    }),
  )

/** Every vendor with requests in `vectors/vendors`: its library, or why there is none that signs or verifies. */
const libraries: Readonly<Record<string, Agreement | string>> = {
  'adyen-items': {
    ...{ sdk: '@adyen/api-library', secret: hex, body: adyenItems },
    tampered: (body) => body.replace('"success":"', '"success":"un'),
    async signs({ secret, body }) {
      const { hmacValidator } = await import('@adyen/api-library')
      const { notificationItems, ...rest } = JSON.parse(body)
      const items = notificationItems.map(({ NotificationRequestItem: item }: { NotificationRequestItem: never }) =>
        asItem({
          ...(item as object),
          additionalData: { hmacSignature: new hmacValidator().calculateHmac(item, secret) },
        }),
      )
      return { body: JSON.stringify({ ...rest, notificationItems: items }) }
    },
  },
  'adyen-platform': {
    ...{ sdk: '@adyen/api-library', secret: hex },
    async signs({ secret, body }) {
      const { hmacValidator } = await import('@adyen/api-library')
      return { headers: { HmacSignature: new hmacValidator().calculateHmac(body, secret) } }
    },
  },
  airtable: 'airtable calls the API only',
  asana: 'asana calls the API only',
  'aws-sns': {
    ...{ sdk: 'sns-validator', secret: text, body: snsMessage, content_type: 'text/plain' },
    async accepts({ body, secret }) {
      const { default: MessageValidator } = await import('sns-validator')
      // The library fetches the certificate, and takes a public key as well.
      const get = vi.spyOn(https, 'get').mockImplementation(((_: string, answer: (response: object) => void) => {
        const response = Object.assign(new PassThrough(), { statusCode: 200 })
        answer(response)
        response.end(secret)
        return response
      }) as never)
      // It keeps certificates by address.
      const message = {
        ...JSON.parse(body),
        SigningCertURL: `https://sns.eu-west-1.amazonaws.com/${Math.random()}.pem`,
      }
      const error = await new Promise((resolve) => new MessageValidator().validate(message, resolve))
      get.mockRestore()
      return error === null
    },
  },
  calendly: 'there is no library',
  cloudinary: 'cloudinary made the requests in `vectors`, and is not installed for one vendor',
  contentful: '@contentful/node-apps-toolkit made the requests in `vectors`, and is not installed for one vendor',
  discord: {
    ...{ sdk: 'discord-interactions', secret: text },
    async accepts({ headers, body, secret }) {
      const { verifyKey } = await import('discord-interactions')
      return verifyKey(body, headers['x-signature-ed25519'] ?? '', headers['x-signature-timestamp'] ?? '', secret)
    },
  },
  dropbox: 'dropbox calls the API only',
  github: {
    ...{ sdk: '@octokit/webhooks-methods', secret: text },
    async signs({ secret, body }) {
      const { sign: signature } = await import('@octokit/webhooks-methods')
      return { headers: { 'X-Hub-Signature-256': await signature(secret, body) } }
    },
  },
  gitlab: {
    ...{ sdk: 'standardwebhooks', secret: whsec },
    async signs({ secret, body, id, time }) {
      const { Webhook } = await import('standardwebhooks')
      const signature = new Webhook(secret).sign(id, new Date(time * 1000), body)
      return { headers: { 'webhook-id': id, 'webhook-timestamp': String(time), 'webhook-signature': signature } }
    },
  },
  intercom: 'intercom-client calls the API only',
  'jira-admin': 'atlassian-jwt is for the tokens of Connect apps only',
  'mollie-next': '@mollie/api-client calls the API only',
  monday: '@mondaycom/apps-sdk does not verify; the documentation uses any library for JWT',
  notion: {
    ...{ sdk: '@notionhq/client', secret: text },
    async signs({ secret, body }) {
      const { signWebhookPayload } = await import('@notionhq/client')
      return { headers: { 'X-Notion-Signature': await signWebhookPayload({ body, verificationToken: secret }) } }
    },
  },
  paddle: {
    ...{ sdk: '@paddle/paddle-node-sdk', secret: text },
    async accepts({ headers, body, secret }) {
      const { Paddle } = await import('@paddle/paddle-node-sdk')
      return new Paddle('key').webhooks.isSignatureValid(body, secret, headers['paddle-signature'] ?? '')
    },
  },
  paypal: '@paypal/paypal-server-sdk does not verify; PayPal does, in a call of its API',
  plaid: 'plaid fetches the key only; the documentation uses any library for JWT',
  sendgrid: {
    ...{ sdk: '@sendgrid/eventwebhook', secret: text },
    async accepts({ headers, body, secret }) {
      const { EventWebhook, EventWebhookHeader } = await import('@sendgrid/eventwebhook')
      const library = new EventWebhook()
      const of = (name: string) => headers[name.toLowerCase()] ?? ''
      const [signature, timestamp] = [of(EventWebhookHeader.SIGNATURE()), of(EventWebhookHeader.TIMESTAMP())]
      return library.verifySignature(library.convertPublicKeyToECDSA(secret), body, signature, timestamp)
    },
  },
  shopify: {
    ...{ sdk: '@shopify/shopify-api', secret: text },
    async accepts({ headers, body, secret }) {
      await import('@shopify/shopify-api/adapters/web-api')
      const { ApiVersion, LogSeverity, shopifyApi } = await import('@shopify/shopify-api')
      const shopify = shopifyApi({
        ...{ apiKey: 'key', apiSecretKey: secret, hostName: 'hera.example', isEmbeddedApp: false },
        ...{ apiVersion: ApiVersion.October25, logger: { level: LogSeverity.Error } },
      })
      const facts = {
        topic: 'orders/create',
        'shop-domain': 'a.myshopify.com',
        'api-version': '2025-10',
        'webhook-id': 'w',
      }
      const rawRequest = new Request('https://hera.example', { method: 'POST', headers })
      for (const [name, value] of Object.entries(facts)) rawRequest.headers.set(`x-shopify-${name}`, value)
      return (await shopify.webhooks.validate({ rawBody: body, rawRequest })).valid
    },
  },
  slack: {
    ...{ sdk: '@slack/bolt', secret: text },
    async accepts({ headers, body, secret }) {
      const { verifySlackRequest } = await import('@slack/bolt')
      const time = Number(headers['x-slack-request-timestamp'])
      try {
        verifySlackRequest({
          ...{ signingSecret: secret, body },
          headers: { 'x-slack-signature': headers['x-slack-signature'] ?? '', 'x-slack-request-timestamp': time },
        })
        return true
      } catch {
        return false
      }
    },
  },
  square: {
    ...{ sdk: 'square', secret: text },
    async accepts({ headers, body, secret, url }) {
      const { WebhooksHelper } = await import('square')
      return WebhooksHelper.isValidWebhookEventSignature(
        body,
        headers['x-square-hmacsha256-signature'] ?? '',
        secret,
        url,
      )
    },
  },
  stripe: {
    ...{ sdk: 'stripe', secret: text.map((key) => `whsec_${key}`) },
    async signs({ secret, body, time }) {
      const { default: Stripe } = await import('stripe')
      const { webhooks } = new Stripe('sk_test_x')
      return {
        headers: { 'Stripe-Signature': webhooks.generateTestHeaderString({ payload: body, secret, timestamp: time }) },
      }
    },
  },
  svix: {
    ...{ sdk: 'svix', secret: whsec },
    async signs({ secret, body, id, time }) {
      const { Webhook } = await import('svix')
      const signature = new Webhook(secret).sign(id, new Date(time * 1000), body)
      return { headers: { 'svix-id': id, 'svix-timestamp': String(time), 'svix-signature': signature } }
    },
  },
  telegram: 'Telegram has no library, and signs nothing: it repeats a token',
  twilio: {
    ...{ sdk: 'twilio', secret: text, body: form, content_type: 'application/x-www-form-urlencoded' },
    async signs({ secret, body, url }) {
      const { getExpectedTwilioSignature } = (await import('twilio')).default
      const fields = Object.fromEntries(new URLSearchParams(body))
      return { headers: { 'X-Twilio-Signature': getExpectedTwilioSignature(secret, url, fields) } }
    },
  },
  typeform: '@typeform/api-client calls the API only',
  xero: 'xero-node calls the API only',
  zendesk: 'Zendesk has no library for Node.js',
  zoom: '@zoom/rivet verifies, but is not under a free licence',
}

const drawn = ({ secret, body = json }: Agreement) =>
  fc.sample(
    fc.record({
      ...{ secret, body, id: fc.uuid() },
      time: fc.integer({ min: 1_500_000_000, max: 2_500_000_000 }),
      url: fc.webUrl({ validSchemes: ['https'], withQueryParameters: true }),
    }),
    ROUNDS,
  )

test('each vendor with requests has a library, or the reason why it has none', () => {
  expect(Object.keys(libraries)).toEqual(Object.keys(vendors))
})

const entries = Object.entries(libraries)
test.each(entries.filter(([, library]) => typeof library === 'string'))('%s: no library, since %s', (name) => {
  expect(vendors).toHaveProperty(name)
})

describe.each(entries.flatMap(([name, library]) => (typeof library === 'string' ? [] : [{ name, ...library }])))(
  '$name with $sdk',
  (library) => {
    const vendor = vendors[library.name] as Vendor
    const webhook = signedWebhookOf(vendor)
    const { tampered = changedText } = library

    function verified(request: Required<Signed>, { secret }: Drawn, now: number): Promise<Verification> {
      const { url, body } = request
      const headers = new Headers({ 'content-type': library.content_type ?? 'application/json', ...request.headers })
      const delivery = { method: 'POST', url, headers, body: new TextEncoder().encode(body) }
      return verify(webhook, delivery, { ...vendor.fields, secret }, { url, now, fetchKey: async () => secret })
    }

    test.runIf(library.signs !== undefined)('what the library signs, the kit verifies', async () => {
      for (const one of drawn(library)) {
        const request = { headers: {}, body: one.body, url: one.url, ...(await library.signs?.(one)) }
        const now = one.time * 1000
        expect([one, await verified(request, one, now)]).toMatchObject([one, { verified: true }])
        const changed = { ...request, body: tampered(request.body) }
        expect([changed, await verified(changed, one, now)]).toMatchObject([changed, { verified: false }])
        const other = { ...one, secret: changedText(one.secret) }
        expect([other, await verified(request, other, now)]).toMatchObject([other, { verified: false }])
      }
    })

    test.runIf(library.accepts !== undefined)('what the kit signs, the library accepts', async () => {
      const keys = await Promise.all(
        webhook.signatures.map(async (scheme) => [scheme.name, await generateKeys(scheme)] as const),
      )
      const pairs = new Map(keys)
      for (const one of drawn(library)) {
        const { url, body } = one
        // Libraries compare the time with the clock.
        const now = Math.floor(Date.now() / 1000) * 1000
        const unsigned = {
          method: 'POST',
          url,
          body,
          headers: { 'content-type': library.content_type ?? 'application/json' },
        }
        const privateKey = async ({ name }: { readonly name: string }) => pairs.get(name)?.privateKey
        const signing = await sign(webhook, unsigned, { secret: one.secret }, { now, privateKey })
        if (!signing.signed) throw new Error(signing.reason)
        const secret = pairs.get(signing.scheme)?.publicKey ?? one.secret
        const received = { ...one, secret, headers: signing.headers, body: new TextDecoder().decode(signing.body) }
        expect([received, await library.accepts?.(received)]).toEqual([received, true])
        expect([received, await verified(received, received, now)]).toMatchObject([received, { verified: true }])
        const changed = { ...received, body: tampered(received.body) }
        expect([changed, await library.accepts?.(changed)]).toEqual([changed, false])
        expect(await verified(changed, changed, now)).toMatchObject({ verified: false })
      }
    })
  },
)

/** The same text with another digit in its second half. */
function changedText(text: string): string {
  const from = Math.floor(text.length / 2)
  const at = from + Math.max(0, text.slice(from).search(/[A-Za-z0-9]/))
  return text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1)
}
