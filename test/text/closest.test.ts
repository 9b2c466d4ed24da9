import { expect, test } from 'vitest'
import { closest, suggestion } from '../../generator/text/closest.ts'

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
