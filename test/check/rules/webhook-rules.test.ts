import { describe, expect, test } from 'vitest'
import { acme, edit, findingsIn } from '../../support/acme.ts'

const ANSWER = '      content_type: application/json\n      json: { challenge: "{challenge}", proof: "{proof}" }\n'

function findingsFor(...edits: Parameters<typeof edit>[1][]) {
  return findingsIn({ 'acme-crm.yaml': edit(acme, ...edits) }).map(({ code, message, span }) => ({
    code,
    message,
    line: span.start.line,
  }))
}

const lineOf = (text: string) => acme.slice(0, acme.indexOf(text)).split('\n').length

describe('the answer of a handshake has one form', () => {
  test.each([
    ['application/json', 'text and json', '      json: { proof: "{proof}" }\n      text: "{challenge}"\n'],
    ['application/json', 'text alone', '      text: "{challenge}"\n'],
    ['application/json', 'neither', ''],
    ['text/plain', 'text and json', '      json: { proof: "{proof}" }\n      text: "{challenge}"\n'],
    ['text/plain', 'json alone', '      json: { proof: "{proof}" }\n'],
    ['text/plain', 'neither', ''],
  ])('not %s with %s', (type, _, form) => {
    const found = findingsFor([ANSWER, `      content_type: ${type}\n${form}`])
    const name = type === 'text/plain' ? 'text' : 'json'
    expect(found.filter(({ code }) => code === 'webhook/handshake-incomplete')).toEqual([
      {
        code: 'webhook/handshake-incomplete',
        message: `a ${type} answer has \`${name}\` and nothing else`,
        line: lineOf('      content_type: application/json\n'),
      },
    ])
  })

  test('text alone is one', () => {
    expect(findingsFor([ANSWER, '      content_type: text/plain\n      text: "{challenge}"\n'])).toEqual([])
  })
})

describe('a finding is at the place of its mistake', () => {
  test.each([
    ['a secret', 'secret: client_secret\n      signed: "{timestamp}', 'secret: client\n      signed: "{timestamp}'],
    ['a placeholder', 'signed: "{timestamp}.{body}"', 'signed: "{time}.{body}"'],
    ['an expectation', '- { in: query, name: mode, equals: subscribe }', '- { in: query, name: mode }'],
  ])('%s', (_, good, bad) => {
    expect(findingsFor([good, bad]).map(({ line }) => line)).toEqual([lineOf(good)])
  })
})
