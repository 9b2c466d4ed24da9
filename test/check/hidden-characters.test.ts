import { describe, expect, test } from 'vitest'
import { acme, findingsIn } from '../support/acme.ts'

function codesOf(good: string, bad: string): readonly string[] {
  expect(acme).toContain(good)
  return findingsIn({ 'acme-crm.yaml': acme.replace(good, bad) }).map(({ code }) => code)
}

describe('a string that differs from its looks', () => {
  const controls = [...'\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069']

  test.each(controls)('is refused with the control %j, as it is, as an escape, and in a comment', (control) => {
    const written = `\\u${control.charCodeAt(0).toString(16)}`
    expect(codesOf('vendor: Acme', `vendor: A${control}cme`)).toEqual(['style/hidden-character'])
    expect(codesOf('vendor: Acme', `vendor: "A${written}cme"`)).toEqual(['style/hidden-character'])
    expect(codesOf('vendor: Acme', `vendor: Acme # ${control}`)).toEqual(['style/hidden-character'])
  })

  test.each([...'\u00ad\u200b\u200e\u2060\ufeff'])('is refused with %j in a name', (character) => {
    expect(codesOf('name: Acme CRM', `name: Ac${character}me CRM`)).toEqual(['style/hidden-character'])
  })

  test('may join characters in a sentence', () => {
    expect(codesOf('summary: A contact was seen while polling', 'summary: A 👨‍👩‍👧 was seen, نمی‌خواهم')).toEqual([])
  })
})

describe('a name that Windows reserves', () => {
  test.each(['con', 'prn', 'aux', 'nul', 'com1', 'lpt9'])('%s is not a code', (code) => {
    expect(codesOf('code: acme-crm', `code: ${code}`)).toEqual(['file/reserved-name'])
  })

  test.each(['console', 'com10', 'auxiliary', 'null'])('%s is one', (code) => {
    expect(codesOf('code: acme-crm', `code: ${code}`)).not.toContain('file/reserved-name')
  })
})
