import { describe, expect, test } from 'vitest'
import { acme, edit, findingsIn } from '../support/acme.ts'

function codesOf(...edits: Parameters<typeof edit>[1][]): readonly string[] {
  return findingsIn({ 'acme-crm.yaml': edit(acme, ...edits) }).map(({ code }) => code)
}

const FORMAT = '      format: t={timestamp},v1={signature}'
const SIGNED = '      signed: "{timestamp}.{body}"'

describe('text that becomes the value of a header', () => {
  const values: readonly (readonly [field: string, good: string, bad: (end: string) => string])[] = [
    ['a header of every call', '    Acme-Version: "2026-01"', (end) => `    Acme-Version: "2026-01${end}"`],
    ['the format of a signature', FORMAT, (end) => `      format: "t={timestamp},v1={signature}${end}"`],
    ['the prefix of a secret', SIGNED, (end) => `      secret_prefix: "whsec_${end}"\n${SIGNED}`],
  ]

  test.each(values)('can be %s', (_, good, bad) => {
    expect(codesOf([good, bad('; a b')])).toEqual([])
  })

  describe.each(values)('%s', (_, good, bad) => {
    test.each(['\\r\\nX: y', '\\nX: y', '\\r', '\\t', '\\u2028', 'ä', ' '])('cannot end in "%s"', (end) => {
      expect(codesOf([good, bad(end)])).toEqual(['schema/pattern'])
    })
  })

  test('is not empty', () => {
    expect(codesOf(['Acme-Version: "2026-01"', 'Acme-Version: ""'])).toEqual(['schema/pattern'])
  })

  test('has a message without the control characters', () => {
    const [finding] = findingsIn({
      'acme-crm.yaml': edit(acme, ['Acme-Version: "2026-01"', 'Acme-Version: "1\\r\\nX: y"']),
    })
    expect(finding?.message).toMatch(/^"1\\r\\nX: y" \w+ "\\r" and "\\n"$/)
  })
})

describe('the name of a header is a token', () => {
  test.each([
    ['of every call', '    Acme-Version: "2026-01"', 'schema/name', (name: string) => `    ${name}: "2026-01"`],
    ['of a response', '    X-Acme-Remaining:\n', 'schema/name', (name: string) => `    ${name}:\n`],
    ['of a rate limit', 'headers: [X-Acme-Remaining]', 'schema/pattern', (name: string) => `headers: [${name}]`],
  ])('%s', (_, good, code, bad) => {
    for (const name of ['"X\\r\\nY"', '"X Y"', '"X:"', '"Ü"', '""']) expect(codesOf([good, bad(name)])).toContain(code)
  })
})
