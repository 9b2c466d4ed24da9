import { describe, expect, test } from 'vitest'
import { acme, edit, findingsIn, inspectedFindingsIn } from '../../support/acme.ts'

type Edit = readonly [from: string, to: string]

/** The findings as code, the text that they point at, and message. */
async function findings(...edits: readonly Edit[]): Promise<readonly string[]> {
  const text = edit(acme, ...edits)
  return (await inspectedFindingsIn({ 'acme-crm.yaml': text })).map(({ code, span, message }) => {
    const pointed = text.slice(span.start.offset, span.end.offset).split('\n')[0]
    return `${code} ${pointed} | ${message}`
  })
}

const PROOF = 'proof: "{proof}"'
const KEEPS = 'keeps: { verify_token: "{key}" }'
const RESPONSE = '        status: 204\n        headers: { X-Acme-Hook-Secret: "{key}" }\n'
const WHEN = 'when: { header: { X-Acme-Hook-Secret: true } }'
const SAMPLE = `      description: Sent while a webhook is created.
      samples:
        - name: A key
          request: { method: POST, headers: { X-Acme-Hook-Secret: key-1 } }
          answer: { status: 204, headers: { X-Acme-Hook-Secret: key-1 } }
          keeps: { verify_token: key-1 }
`
const withSample: Edit = ['      description: Sent while a webhook is created.\n', SAMPLE]

describe('mistakes in handshakes are reported', () => {
  test.each<[string, readonly Edit[], string]>([
    [
      'a value that is not there, in JSON',
      [[PROOF, 'proof: "{prove}"']],
      'webhook/placeholder-unknown "{prove}" | unknown placeholder "{prove}"',
    ],
    [
      'a value that is not there, in what is stored',
      [[KEEPS, 'keeps: { verify_token: "{kye}" }']],
      'webhook/placeholder-unknown "{kye}" | unknown placeholder "{kye}"',
    ],
    [
      'a proof that is not computed',
      [['X-Acme-Hook-Secret: "{key}"', 'X-Acme-Hook-Secret: "{proof}"']],
      'webhook/placeholder-unknown "{proof}" | unknown placeholder "{proof}"',
    ],
    [
      'a stored field that is not there',
      [[KEEPS, 'keeps: { verify_tokn: "{key}" }']],
      'webhook/secret-unknown verify_tokn | no authentication field "verify_tokn"; did you mean "verify_token"?',
    ],
    [
      'a secret of a sample that is not there',
      [['secrets: { verify_token: made-up-token, ', 'secrets: { verify_token: made-up-token, client_secrt: x, ']],
      'webhook/secret-unknown client_secrt | no authentication field "client_secrt"; did you mean "client_secret"?',
    ],
    [
      'two bodies',
      [[RESPONSE, '        text: ok\n        json: ok\n']],
      'webhook/handshake-incomplete ok | the response has both `text` and `json`',
    ],
    [
      'a body with a status that has none',
      [[RESPONSE, '        status: 204\n        text: ok\n']],
      'webhook/handshake-incomplete 204 | a response with status 204 has no body',
    ],
    [
      'a value in XML',
      [[RESPONSE, '        content_type: text/xml\n        text: <a>{key}</a>\n']],
      'webhook/handshake-incomplete <a>{key}</a> | values of the request are repeated only in plain text and JSON',
    ],
    [
      'a header of the body',
      [['X-Acme-Hook-Secret: "{key}"', 'Content-Type: text/html']],
      'webhook/handshake-incomplete text/html | the header "Content-Type" is set by the kit',
    ],
    [
      'a header of two lines',
      [['X-Acme-Hook-Secret: "{key}"', 'X-Acme-Hook-Secret: "a\\r\\nb"']],
      'webhook/handshake-incomplete "a\\r\\nb" | the value contains what no header can',
    ],
    [
      'a member without a slash',
      [['values: { key: { in: header, at: X-Acme-Hook-Secret } }', 'values: { key: { in: body, at: a.key } }']],
      'webhook/handshake-incomplete a.key | "a.key" is not a JSON Pointer',
    ],
    [
      'a content type without text',
      [['  exact_numbers: true\n', '  response: { content_type: text/xml }\n  exact_numbers: true\n']],
      'webhook/handshake-incomplete text/xml | `content_type` describes `text`, which is missing',
    ],
    [
      'the same conditions as before',
      [[WHEN, 'when: { method: GET, query: { challenge: "1", mode: subscribe } }']],
      'webhook/handshake-unreachable { method: GET, query: { challenge: "1", mode: subscribe } } | handshake 1 matches every request that handshake 2 matches',
    ],
  ])('%s', async (_, edits, wanted) => {
    expect(await findings(...edits)).toEqual([wanted])
  })

  test.each<[string, Edit]>([
    ['another method', [WHEN, 'when: { method: POST, query: { challenge: "1" } }']],
    ['an empty value', [WHEN, 'when: { method: GET, query: { challenge: true } }']],
    ['no value', [WHEN, 'when: { method: GET, query: { challenge: false } }']],
    ['a condition less', [WHEN, 'when: { method: GET }']],
  ])('a handshake that can be reached: %s', async (_, change) => {
    expect(await findings(change)).toEqual([])
  })

  test('signed handshakes come after the others', async () => {
    const signed: Edit = ['    - when: { method: GET }\n', '    - when: { method: GET }\n      verified: true\n']
    const first: Edit = [WHEN, 'when: { method: GET, query: { challenge: "1", mode: subscribe } }']
    expect(await findings(signed, first)).toEqual([])
  })
})

describe('samples are run', () => {
  test('a sample that is right has no finding', async () => {
    expect(await findings(withSample)).toEqual([])
  })

  test.each<[string, Edit, string]>([
    [
      'another status',
      ['answer: { status: 204,', 'answer: { status: 200,'],
      '200 | the status of "A key" is 204; the sample expects 200',
    ],
    [
      'another header',
      [
        'answer: { status: 204, headers: { X-Acme-Hook-Secret: key-1',
        'answer: { status: 204, headers: { X-Acme-Hook-Secret: key-2',
      ],
      'key-2 | the header X-Acme-Hook-Secret of "A key" is key-1; the sample expects key-2',
    ],
    [
      'a body',
      ['answer: { status: 204, headers: { X-Acme-Hook-Secret: key-1 } }', 'answer: { status: 204, text: ok }'],
      'ok | the body of "A key" is empty; the sample expects ok',
    ],
    [
      'another key',
      ['keeps: { verify_token: key-1 }', 'keeps: { verify_token: key-2 }'],
      'key-2 | "A key" keeps key-1 as verify_token; the sample expects key-2',
    ],
    [
      'a request that matches nothing',
      ['request: { method: POST, headers: { X-Acme-Hook-Secret: key-1 } }', 'request: { method: POST }'],
      '{ method: POST } | no handshake matches the request of "A key"',
    ],
    [
      'a request of another handshake',
      [
        'request: { method: POST, headers: { X-Acme-Hook-Secret: key-1 } }',
        'request: { method: GET, query: challenge=1 }',
      ],
      '{ method: GET, query: challenge=1 } | handshake 1 answers the request of "A key"',
    ],
  ])('%s', async (_, change, wanted) => {
    expect(await findings(withSample, change)).toEqual([`webhook/handshake-sample-mismatch ${wanted}`])
  })

  test('a stored key is not replaced', async () => {
    const stored: Edit = [
      '          answer: { status: 204',
      '          secrets: { verify_token: key-0 }\n          answer: { status: 204',
    ]
    expect(await findings(withSample, stored)).toEqual([
      'webhook/handshake-sample-mismatch 204 | the status of "A key" is 403, with {"error":"secret_already_set"}; the sample expects 204',
    ])
  })
})

describe('a finding is at the place of its mistake', () => {
  const lineOf = (text: string) => acme.slice(0, acme.indexOf(text)).split('\n').length

  test.each([
    ['a secret', 'secret: client_secret\n      signed: "{timestamp}', 'secret: client\n      signed: "{timestamp}'],
    ['a placeholder', 'signed: "{timestamp}.{body}"', 'signed: "{time}.{body}"'],
    ['an expectation', '- { in: query, at: mode, equals: subscribe }', '- { in: query, at: mode }'],
  ])('%s', (_, good, bad) => {
    const found = findingsIn({ 'acme-crm.yaml': edit(acme, [good, bad]) })
    expect(found.map(({ span }) => span.start.line)).toEqual([lineOf(good)])
  })
})
