import { describe, expect, test } from 'vitest'
import { acme, edit, findingsIn } from '../../support/acme.ts'

type Edit = readonly [from: string, to: string]

const found = (...edits: readonly Edit[]) =>
  findingsIn({ 'acme-crm.yaml': edit(acme, ...edits) }).map(({ code, message }) => `${code} ${message}`)

describe('a mistake in a subscription is named', () => {
  test.each<[string, readonly Edit[], string]>([
    [
      'an endpoint',
      [['endpoint: unsubscribe', 'endpoint: unsubscribed']],
      'subscription/endpoint-unknown no endpoint "unsubscribed"; did you mean "unsubscribe"?',
    ],
    [
      'a call that changes nothing',
      [['endpoint: unsubscribe', 'endpoint: contacts']],
      'subscription/endpoint-unknown the method of "contacts" is GET',
    ],
    [
      'a placeholder',
      [['url: "{callback_url}"', 'url: "{callback-url}"']],
      'subscription/placeholder-unknown unknown placeholder "{callback-url}"; did you mean "callback_url"?',
    ],
    ['no lifetime', [['      lifetime_seconds: 604800\n', '']], 'subscription/incomplete nothing provides {expires}'],
    [
      'no names of events',
      [['      events: { names: [contact.created], as: comma }\n', '']],
      'subscription/incomplete nothing provides {events}',
    ],
    [
      'no id',
      [['        id: { in: body, at: /id }\n', '']],
      'subscription/incomplete nothing provides {subscription_id}',
    ],
    [
      'events that are not sent',
      [['events: "{events}", ', '']],
      'subscription/incomplete the call that creates it contains no {events}',
    ],
    [
      'a generated value that is not sent',
      [['      lifetime_seconds: 604800', '      generates: [verify_token]\n      lifetime_seconds: 604800']],
      'subscription/incomplete the call that creates it contains no {verify_token}',
    ],
    [
      'a renewal at once',
      [['renew_before_seconds: 86400', 'renew_before_seconds: 604800']],
      'subscription/incomplete the subscription would be renewed at once: it lives for 604800 seconds',
    ],
    [
      'a pointer',
      [['id: { in: body, at: /id }', 'id: { in: body, at: id }']],
      'subscription/incomplete "id" is not a JSON Pointer',
    ],
    [
      'a header',
      [['id: { in: body, at: /id }', 'id: { in: header, at: /id }']],
      'subscription/incomplete "/id" is not the name of a header',
    ],
    [
      'two bodies',
      [['        endpoint: subscribe\n', '        endpoint: subscribe\n        form: { url: "{callback_url}" }\n']],
      'subscription/incomplete the call has both `json` and `form`',
    ],
    [
      'a list in a string',
      [
        [', as: comma }', ' }'],
        ['events: "{events}"', 'events: "all {events}"'],
      ],
      'subscription/incomplete a list of events cannot be part of a longer text',
    ],
    [
      'a field that is not a secret',
      [['verify_token: { in: body, at: /token }', 'tenant_id: { in: body, at: /token }']],
      'webhook/keep-not-secret the field "tenant_id" has type text, but is stored as a secret',
    ],
    [
      'a field that is not there',
      [['verify_token: { in: body, at: /token }', 'hook_token: { in: body, at: /token }']],
      'webhook/secret-unknown no authentication field "hook_token"',
    ],
    [
      'a value of the answer that is configured',
      [
        [
          '        id: { in: body, at: /id }\n',
          '        id: { in: body, at: /id }\n        values: { tenant_id: { in: body, at: /tenant } }\n',
        ],
      ],
      'subscription/incomplete "tenant_id" has a value already, which the answer does not replace',
    ],
    [
      'a scope',
      [['scopes: [contacts.read]\n      description: One', 'scopes: [contacts.red]\n      description: One']],
      'endpoint/scope-unknown no scope "contacts.red"; did you mean "contacts.read"?',
    ],
  ])('%s', (_, edits, wanted) => {
    expect(found(...edits)).toEqual([wanted])
  })

  test('text in braces, as in GraphQL, is not a placeholder', () => {
    const query = 'query: "mutation { create(url: $url) { id } }", variables: { url: "{callback_url}" }'
    expect(found(['url: "{callback_url}"', query])).toEqual([])
  })

  test('a subscription that never expires is not renewed', () => {
    const endless: readonly Edit[] = [
      ['      lifetime_seconds: 604800\n', ''],
      ['        expires: { in: body, at: /ends, form: date-time }\n', ''],
      [', ends: "{expires}" }', ' }'],
      ['        json: { ends: "{expires}" }\n', ''],
    ]
    const renewed = 'subscription/incomplete the subscription is renewed, but never expires'
    expect(found(...endless)).toEqual([renewed, renewed])
  })
})

describe('the request of a sample', () => {
  const SAMPLE = '    - name: Two changes\n'
  test('has a method of the webhook', () => {
    expect(found([SAMPLE, `${SAMPLE}      method: PUT\n`])).toEqual([
      'delivery/sample-method "Two changes" is sent with PUT, but webhook.methods has POST',
    ])
    const put: Edit = [SAMPLE, `${SAMPLE}      method: PUT\n`]
    expect(found(put, ['  exact_numbers: true\n', '  methods: [PUT]\n  exact_numbers: true\n'])).toEqual([])
  })

  const query: Edit = [SAMPLE, `${SAMPLE}      query: topic=x&v=1\n`]
  test('has only parameters that something reads', () => {
    expect(found(query)).toEqual([
      'delivery/leaf-unread no rule reads $.request.query.topic of "Two changes"',
      'delivery/leaf-unread no rule reads $.request.query.v of "Two changes"',
    ])
  })

  test('a rule reads them, and others are ignored', () => {
    const when: Edit = [
      "$.delivery.changes[?@.type == 'contact.created']\n",
      "$.delivery.changes[?@.type == 'contact.created']\n      when: $.request.query.topic == 'x'\n",
    ]
    const ignored: Edit = [
      '  exact_numbers: true\n',
      '  exact_numbers: true\n  ignored: [{ at: $.request.query.v, reason: The version. }]\n',
    ]
    expect(edit(acme, query, when)).toContain('query: topic')
    expect(found(query, when, ignored)).toEqual([])
    const other: Edit = ['query: topic=x&v=1', 'query: topic=y&v=1']
    expect(found(query, when, ignored, other).join()).toContain('delivery/sample-mismatch')
  })

  test('an ignored parameter is read by no rule, and headers are not ignored', () => {
    const ignored = (at: string): Edit => [
      '  exact_numbers: true\n',
      `  exact_numbers: true\n  ignored: [{ at: ${at}, reason: None. }]\n`,
    ]
    expect(found(ignored('$.request.headers.host')).join()).toContain('is not a path of names and [*]')
  })
})

test('a proof is a keyed hash', () => {
  expect(
    found([
      'algorithm: hmac-sha256, encoding: hex, secret: client_secret, signed: "{challenge}"',
      'algorithm: rsa-sha256, encoding: hex, secret: client_secret, signed: "{challenge}"',
    ]),
  ).toEqual(['webhook/handshake-incomplete "rsa-sha256" is not a keyed hash, so its result is not a proof'])
})
