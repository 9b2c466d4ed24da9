import { describe, expect, test } from 'vitest'
import { acme, edit, findingsIn } from '../../support/acme.ts'

type Edit = readonly [from: string, to: string]

const found = (...edits: readonly Edit[]) =>
  findingsIn({ 'acme-crm.yaml': edit(acme, ...edits) }).map(({ code, message }) => `${code} ${message}`)

const BASE_URL = '  base_url: https://api.acme.example/v2\n'
const EUROPE =
  '    europe: { base_url: https://eu.acme.example/v2, description: In Europe., cites: acme-docs }\n    sandbox:\n'
const environments = acme.slice(acme.indexOf('  environments:\n'), acme.indexOf('  version: v2\n'))

describe('an installation can choose each environment by one field', () => {
  const code = 'api/environment-choice'
  test.each<[string, readonly Edit[], readonly string[]]>([
    [
      'no field',
      [['used_for: [environment]', 'used_for: [calls]']],
      [`${code} no authentication field chooses one of them`],
    ],
    ['no environments', [[environments, '']], [`${code} the API has no environments`]],
    [
      'two fields',
      [['used_for: [handshake]', 'used_for: [handshake, environment]']],
      [
        `${code} "verify_token" chooses the environment already`,
        `${code} "sandbox" is not one of the options of "verify_token"`,
      ],
    ],
    [
      'no option',
      [['options: [production, sandbox]', 'options: [production, testing]']],
      [`${code} "testing" is not an environment`, `${code} "sandbox" is not one of the options of "environment"`],
    ],
    [
      'two options without an environment',
      [['options: [production, sandbox]', 'options: [production, sandbox, sandbx]']],
      [`${code} "sandbx" is not an environment; did you mean "sandbox"?`],
    ],
    ['an option for a base URL that is not there', [[BASE_URL, '']], [`${code} "production" is not an environment`]],
    [
      'no choice, and no base URL',
      [
        [BASE_URL, ''],
        ['options: [production, sandbox]\n      default: production', 'options: [europe, sandbox]'],
        ['    sandbox:\n', EUROPE],
      ],
      [`${code} without a choice there is no base URL`],
    ],
  ])('%s', (_, edits, wanted) => {
    expect(found(...edits)).toEqual(wanted)
  })

  test('a placeholder in the addresses of an environment is checked as elsewhere', () => {
    const wrong: Edit = [
      'token_url: https://auth.sandbox.acme.example/token',
      'token_url: https://auth.{tenant}.example/token',
    ]
    expect(found(wrong)).toEqual([expect.stringMatching(/^auth\/placeholder-unknown \{tenant\} is not/)])
  })
})

describe('a field that is the whole host of an address', () => {
  const whole = (...edits: readonly Edit[]) =>
    found(
      [
        '      type: text\n      required: false\n      used_for: [routing]',
        '      type: text\n      required: true\n      used_for: [routing]',
      ],
      [BASE_URL, '  base_url: https://{tenant_id}\n'],
      ...edits,
    )

  test('lists its domains or its values', () => {
    expect(whole()).toEqual(['url/host-unlimited {tenant_id} can be any public host'])
    expect(whole(['used_for: [routing]', 'hosts: [acme.example]\n      used_for: [routing]'])).toEqual([])
    expect(whole(['used_for: [routing]', 'options: ["4711", "4712"]\n      used_for: [routing]'])).toEqual([])
  })

  test('can be any host if the definition gives a reason', () => {
    const waiver =
      'waivers:\n  - { rule: url/host-unlimited, at: /api/base_url, reason: Customers install Acme on their hosts. }\n\nauth:\n'
    expect(whole(['auth:\n', waiver])).toEqual([])
  })
})
