import { expect, test } from 'vitest'
import { closest, suggestion, withLimitedSuggestions } from '../../generator/text/closest.ts'

test.each([
  ['cmr', ['crm', 'hr', 'social'], 'crm'],
  ['CRM', ['crm'], 'crm'],
  ['oauth3', ['api_key', 'oauth2', 'webhook'], 'oauth2'],
  ['contact_craeted', ['contact_created', 'contact_updated'], 'contact_created'],
  ['banana', ['crm', 'hr'], undefined],
  ['ab', ['xy'], undefined],
  ['', ['a'], 'a'],
  ['💥a', ['a💥'], undefined],
])('for %j among %j is meant %j', (written, candidates, want) => {
  expect(closest(written, candidates)).toBe(want)
})

test('a suggestion is part of a sentence, or nothing', () => {
  expect(suggestion('cmr', ['crm'])).toBe('; did you mean "crm"?')
  expect(suggestion('banana', ['crm'])).toBe('')
})

test('for a name that no definition can have there is no suggestion', () => {
  expect(closest('a'.repeat(200), [`${'a'.repeat(199)}b`])).toBeDefined()
  expect(closest('a'.repeat(201), [`${'a'.repeat(200)}b`])).toBeUndefined()
})

test('suggestions about one definition end after so many steps, and the next definition has them again', () => {
  const candidates = Array.from(
    { length: 1000 },
    (_, index) => `name_${String(index).padStart(4, '0')}_${'x'.repeat(190)}`,
  )
  const written = `nome_0007_${'x'.repeat(190)}`
  const suggested = () => Array.from({ length: 10 }, () => closest(written, candidates) !== undefined)
  // One suggestion takes about 1,000 × 200 × 200 steps.
  const want = [true, true, ...Array.from({ length: 8 }, () => false)]
  for (let definition = 0; definition < 2; definition += 1) expect(withLimitedSuggestions(suggested)).toEqual(want)
  expect(suggested()).not.toContain(false)
})
