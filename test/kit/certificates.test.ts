import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Signature } from '../../generator/compiled/definition.ts'
import type { FetchKey } from '../../generator/kit/key-source.ts'
import { isOnHost } from '../../generator/kit/key-source.ts'
import { cachedKeys, publicKeys } from '../../generator/kit/public-keys.ts'
import { verify } from '../../generator/kit/verify.ts'
import { schemeOf } from '../../generator/model/webhook-config.ts'

const vectors = join(import.meta.dirname, '..', 'fixtures', 'vectors')
const vendors = parse(readFileSync(join(vectors, 'vendors.yaml'), 'utf8')) as Readonly<
  Record<string, { readonly signatures: readonly Signature[] }>
>
// Made with a self-signed certificate whose private key was deleted.
const { certificate, requests } = JSON.parse(readFileSync(join(vectors, 'certificates', 'sns.json'), 'utf8')) as {
  readonly certificate: string
  readonly requests: readonly { readonly name: string; readonly body: string }[]
}
const webhook = {
  signatures: (vendors['aws-sns']?.signatures ?? []).map(schemeOf),
  content_types: ['text/plain'],
  max_bytes: 100_000,
  publicKeys,
}

async function outcome(body: string, fetchKey: FetchKey = async () => certificate): Promise<string> {
  const headers = new Headers({ 'content-type': 'text/plain; charset=UTF-8' })
  const request = { method: 'POST', headers, body: new TextEncoder().encode(body) }
  const result = await verify(webhook, request, {}, { fetchKey })
  return result.verified ? 'verified' : result.reason
}

describe('a signature by the key of a certificate', () => {
  test.each(requests.map(({ name, body }) => [name, body] as const))('%s', async (_, body) => {
    expect(await outcome(body)).toBe('verified')
    expect(await outcome(body.replace('00000000-0000-4000', '00000000-0000-4001'))).toBe('signature_mismatch')
  })

  const [first] = requests
  const body = first?.body ?? ''

  test('a subject that is not signed is not accepted', async () => {
    const plain = requests[1]?.body ?? ''
    expect(await outcome(plain.replace('"Message"', '"Subject":"x","Message"'))).toBe('signature_mismatch')
  })

  test.each([
    ['another host', 'https://sns.eu-west-1.amazonaws.com.example.com/a.pem'],
    ['a host with more labels', 'https://a.sns.eu-west-1.amazonaws.com/a.pem'],
    ['http', 'http://sns.eu-west-1.amazonaws.com/a.pem'],
    ['a port', 'https://sns.eu-west-1.amazonaws.com:8443/a.pem'],
    ['user info', 'https://x@sns.eu-west-1.amazonaws.com/a.pem'],
    ['no address', 'sns.eu-west-1.amazonaws.com'],
  ])('a certificate from %s is not fetched', async (_, url) => {
    const fetched: string[] = []
    const changed = body.replace(/https:\/\/sns\.eu-west-1\.amazonaws\.com\/Simple[^"]+/, url)
    const result = await outcome(changed, async (request) => {
      fetched.push(JSON.stringify(request))
      return certificate
    })
    expect([result, fetched]).toEqual(['unavailable_key', []])
  })

  test('a certificate that cannot be fetched or read has its own reason', async () => {
    expect(await outcome(body, () => Promise.reject(new Error('offline')))).toBe('unavailable_key')
    expect(await outcome(body, async () => '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).toBe(
      'unavailable_key',
    )
  })
})

describe('fetched keys', () => {
  test('are kept for an hour, and failures for half a minute', async () => {
    let now = 0
    const asked: string[] = []
    const keys = cachedKeys(
      async (request) => {
        asked.push(JSON.stringify(request))
        if ('endpoint' in request) throw new Error('refused')
        return certificate
      },
      () => now,
    )
    const good = { url: 'https://keys.example.com/1' }
    const bad = { endpoint: 'get_key', id: 'k1' }
    for (const time of [0, 3_599_999, 3_600_000]) {
      now = time
      await keys(good)
    }
    expect(asked).toHaveLength(2)
    for (const time of [3_600_000, 3_629_999, 3_630_000]) {
      now = time
      await expect(keys(bad)).rejects.toThrow('refused')
    }
    expect(asked).toHaveLength(4)
  })

  test('are at most twenty new ones in a minute', async () => {
    let now = 0
    let asked = 0
    const keys = cachedKeys(
      async () => {
        asked += 1
        return certificate
      },
      () => now,
    )
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, index) => keys({ url: `https://keys.example.com/${index}` })),
    )
    expect([asked, results.filter(({ status }) => status === 'rejected').length]).toEqual([20, 80])
    now = 60_000
    await keys({ url: 'https://keys.example.com/99' })
    expect(asked).toBe(21)
  })

  test('are from the hosts of the definition', () => {
    expect(isOnHost('https://api.paypal.com/v1/certs/1', ['api.paypal.com'])).toBe(true)
    expect(isOnHost('https://api.paypal.com.example.com/v1', ['api.paypal.com'])).toBe(false)
    expect(isOnHost('https://SNS.eu-west-1.amazonaws.com/a', ['sns.*.amazonaws.com'])).toBe(true)
  })
})
