import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import Ajv from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { generateKeys, sign } from '../../generator/kit/sign.ts'
import { verify } from '../../generator/kit/verify.ts'
import { signatureGaps } from '../../generator/vocabulary/signatures.ts'
import { signedWebhookOf, type Vendor, vectors, vendors } from '../support/vendors.ts'

interface Vector {
  readonly made_by: string
  readonly secret: string
  readonly url?: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly now_ms: number
  readonly expected: 'verified' | 'refused'
  readonly note?: string
}

const vectorsOf = (name: string) =>
  JSON.parse(readFileSync(join(vectors, 'vendors', `${name}.json`), 'utf8')) as readonly Vector[]

function checked(name: string, vector: Vector, keyText?: string) {
  const vendor = vendors[name] as Vendor
  const { method, headers, body, url, now_ms } = vector
  // A request without a secret is a changed copy of the first one.
  const secret = vector.secret || (vectorsOf(name)[0]?.secret ?? '')
  const request = {
    ...{ method, headers: new Headers(headers), body: new TextEncoder().encode(body) },
    ...(url === undefined ? {} : { url }),
  }
  return verify(
    signedWebhookOf(vendor),
    request,
    { ...vendor.fields, secret },
    {
      ...{ url, now: now_ms, allowWeak: ['X-Gitlab-Token'] },
      fetchKey: async () => keyText ?? secret,
    },
  )
}

/** A token proves who sends, and covers nothing of the request. */
const isUncovered = (vector: Vector) => vector.headers['x-gitlab-token'] !== undefined

test('each vendor with requests has a scheme, and each scheme is complete', () => {
  const names = readdirSync(join(vectors, 'vendors')).map((file) => basename(file, '.json'))
  expect(names.filter((name) => name !== 'zoom-handshake').sort()).toEqual(Object.keys(vendors).sort())
  for (const [name, { signatures }] of Object.entries(vendors))
    for (const signature of signatures) expect([name, signatureGaps(signature)]).toEqual([name, []])
})

test('the schemes are valid by the definition format', () => {
  const schema = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../schema/connector.schema.json'), 'utf8'),
  ) as object
  const ajv = addFormats.default(new Ajv.default({ strict: false, allErrors: true }))
  ajv.addSchema(schema, 'format')
  for (const [name, { signatures }] of Object.entries(vendors)) {
    for (const signature of signatures) {
      ajv.validate('format#/$defs/signature', signature)
      expect([name, ajv.errors ?? []]).toEqual([name, []])
    }
  }
})

describe.each(Object.keys(vendors))('%s', (name) => {
  const requests = vectorsOf(name)
  test.each(requests.map((vector) => [vector.expected, vector.made_by, vector] as const))(
    '%s: %s',
    async (_, __, vector) => {
      const { verified } = await checked(name, vector)
      expect(verified).toBe(vector.expected === 'verified' || isUncovered(vector))
    },
  )

  test('no change of a single byte is accepted', async () => {
    const vector = requests.find(({ expected }) => expected === 'verified') as Vector
    const hasSignedBody = !['adyen-items', 'aws-sns', 'monday', 'telegram', 'twilio'].includes(name)
    const accepted: string[] = []
    if (hasSignedBody) {
      for (let index = 0; index < vector.body.length; index += 1) {
        const body =
          vector.body.slice(0, index) + (vector.body[index] === 'x' ? 'y' : 'x') + vector.body.slice(index + 1)
        if ((await checked(name, { ...vector, body })).verified) accepted.push(`body at ${index}`)
      }
    }
    for (const [header, value] of Object.entries(vector.headers)) {
      if (!isSigning(name, header)) continue
      for (let index = 0; index < value.length; index += 1) {
        const changed = value.slice(0, index) + (value[index] === '0' ? '1' : '0') + value.slice(index + 1)
        if ((await checked(name, { ...vector, headers: { ...vector.headers, [header]: changed } })).verified)
          accepted.push(`${header} at ${index}`)
      }
    }
    expect(accepted).toEqual([])
  })

  test('a request that the kit signs verifies; with a wrong signature it does not', async () => {
    const vendor = vendors[name] as Vendor
    const webhook = signedWebhookOf(vendor)
    for (const [index, scheme] of webhook.signatures.entries()) {
      const vector = requests[0] as Vector
      const isPublic = scheme.key !== undefined || scheme.secret_encoding === 'text'
      const keys = await generateKeys(scheme)
      const secret = keys?.publicKey ?? vector.secret
      const headers = Object.fromEntries(
        Object.entries(vector.headers).filter(([header]) => header === 'content-type' || header === 'paypal-cert-url'),
      )
      const unsigned = { method: 'POST', url: vector.url ?? 'https://hooks.example.com/in', body: vector.body, headers }
      for (const isWrong of [false, true]) {
        const options = { scheme: scheme.name, now: vector.now_ms, isWrong, privateKey: keys?.privateKey }
        const signing = await sign(webhook, unsigned, { ...vendor.fields, secret }, options)
        expect([name, index, isPublic, signing.signed]).toEqual([name, index, isPublic, true])
        if (!signing.signed) return
        const request = { ...signing, method: 'POST', headers: new Headers(signing.headers) }
        const only = { ...webhook, signatures: [{ ...scheme, when: {}, weak: false }] }
        const result = await verify(
          only,
          request,
          { ...vendor.fields, secret },
          {
            ...{ url: signing.url, now: vector.now_ms },
            fetchKey: async () => secret,
          },
        )
        expect([scheme.name, result.verified]).toEqual([scheme.name, !isWrong])
      }
    }
  })
})

/** Whether a header contains the signature, or something that is signed. */
function isSigning(name: string, header: string): boolean {
  const schemes = JSON.stringify(vendors[name]?.signatures).toLowerCase()
  // Another certificate of the same host is another key, which a test cannot fetch.
  if (header === 'paypal-cert-url') return false
  return schemes.includes(`"${header}"`) || schemes.includes(`{header:${header}}`)
}
