import { describe, expect, test } from 'vitest'
import type { Connector } from '../../generator/model/connector.ts'
import { maskingOf } from '../../generator/sandbox/masking.ts'

const connector = {
  auth: {
    fields: [
      { name: 'client_id', type: 'text', sensitive: false },
      { name: 'client_secret', type: 'secret', sensitive: true },
      { name: 'webhook_url', type: 'url', sensitive: true },
    ],
  },
  webhook: { signatures: [{ header: 'X-Shop-Token' }, { header: 'X-Shop-Signature' }] },
} as unknown as Connector

const secret = 'a "b" & é/c+d'
const masking = maskingOf(connector, { client_id: 'my-client', client_secret: secret, other: 12345 })

describe('masking', () => {
  test.each([
    ['as it is', `x ${secret} y`],
    ['in JSON', JSON.stringify({ a: secret })],
    ['in a form', new URLSearchParams({ a: secret }).toString()],
    ['in a URL', `https://a.example/?a=${encodeURIComponent(secret)}`],
    ['of a field that the definition does not declare', 'other 12345'],
  ])('hides a secret %s', (_, text) => {
    const masked = masking.text(text)
    expect(masked).toContain('•••')
    expect(masked).not.toContain('12345')
    for (const part of ['a "b"', 'a \\"b', 'a+%22', 'a%20%22']) expect(masked).not.toContain(part)
  })

  test('hides the headers of credentials and of signature schemes', () => {
    const headers = new Headers({
      authorization: 'Basic YTpi',
      cookie: 'a=b',
      'x-shop-token': 'guessed',
      'X-SHOP-SIGNATURE': '00',
      'user-agent': 'my-client',
    })
    expect(masking.headers(headers)).toEqual({
      authorization: '********',
      cookie: '********',
      'x-shop-token': '********',
      'x-shop-signature': '********',
      'user-agent': 'my-client',
    })
  })

  test('shows the values of public fields only', () => {
    const values = { client_id: 'my-client', client_secret: 'b', webhook_url: 'https://a.example', unknown: 'c' }
    expect(masking.configuration(values)).toEqual({
      client_id: 'my-client',
      client_secret: '********',
      webhook_url: '********',
      unknown: '********',
    })
  })

  test('takes every value for a secret where the connector is unknown', () => {
    expect(maskingOf(undefined, { client_id: 'my-client', list: [{ a: 'nested' }] }).text('my-client nested')).toBe(
      '••• •••',
    )
  })
})
