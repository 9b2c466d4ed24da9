import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { check } from '../../generator/check/check.ts'
import { personalDataIn } from '../../generator/check/sensitive-data/personal-data.ts'
import { scanForSensitiveData } from '../../generator/check/sensitive-data/scan.ts'
import { scannedTextsOf } from '../../generator/check/sensitive-data/scanned-texts.ts'
import { secretsIn } from '../../generator/check/sensitive-data/secrets.ts'
import type { Diagnostic } from '../../generator/diagnostics/diagnostic.ts'
import { renderGithub } from '../../generator/diagnostics/render-github.ts'
import { renderSarif } from '../../generator/diagnostics/render-sarif.ts'
import { renderText } from '../../generator/diagnostics/render-text.ts'
import { parse } from '../../generator/load/parse.ts'
import { noColors } from '../../generator/terminal.ts'
import { writeDefinitions } from '../bench/definitions.ts'
import { acme, edit, inspectedFindingsIn } from '../support/acme.ts'
import { runCommand } from '../support/command.ts'
import { load } from '../support/load.ts'

/** Credentials are written in two parts, so that nobody's scanner takes this file for a leak. */
const secret = (beginning: string, rest: string) => beginning + rest
const LETTERS = 'aB3dE5gH7jK9mN1pQ4sT6vW8yZ0cF2hJ'
const GITHUB = secret('gh', `p_${LETTERS}aB3d`)
const PERSON = secret('ada.lovelace', '@hubspot.com')

const found = async (text: string) =>
  [...(await secretsIn(text)), ...(await personalDataIn(text))].map(({ what, from, to }) => [
    what,
    text.slice(from, to),
  ])

describe('what looks like a real credential is found', () => {
  test.each([
    ['a Meta access token', secret('EA', `A${LETTERS}`)],
    ['a Stripe key', secret('sk_', `live_${LETTERS}`)],
    ['a webhook signing secret', secret('whsec', `_${LETTERS}`)],
    ['a Google API key', secret('AI', `za${LETTERS}_-x`)],
    ['a Google client secret', secret('GOC', `SPX-${LETTERS}`)],
    ['a HubSpot private app token', secret('pat-', 'na1-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9')],
    ['a LinkedIn client secret', secret('WPL', `_AP1.${LETTERS}`)],
    ['a signed token (JWT)', secret('eyJ', `${LETTERS}.eyJ${LETTERS}.${LETTERS}`)],
    ['a Supabase key', secret('sb_', `secret_${LETTERS}`)],
    ['a secret (GitHub Token)', GITHUB],
    ['a secret (slack token)', secret('xo', 'xb-123456789012-1234567890123-aB3dE5gH7jK9mN1pQ4sT6vW8')],
    ['a secret (AWS Access Key ID)', secret('AK', 'IAIOSFODNN7REALKEY')],
    ['a secret (npm access token)', secret('np', `m_${LETTERS}aB3d`)],
    ['a secret (Shopify api key)', secret('shp', 'at_0123456789abcdef0123456789abcdef')],
    [
      'a secret (Anthropic Claude API key)',
      secret('sk-', `ant-api03-${LETTERS}${LETTERS}aB3dE5gH7jK9mN1pQ4sT6vW8yZ0-cF2hJA-AA`),
    ],
  ])('%s', async (what, text) => {
    expect(await found(`value: ${text} and more`)).toEqual([[what, text]])
  })

  test('also a private key, and a password in an address', async () => {
    const key = ['-----BEGIN PRIVATE KEY-----', `${LETTERS}${LETTERS}`.repeat(4), '-----END PRIVATE KEY-----'].join(
      '\n',
    )
    expect((await found(key)).map(([what]) => what)).toEqual(['a private key'])
    const text = edit(acme, [
      'Your account at Acme.',
      'Your account at postgres://admin:hunter22pw@db.acme.io:5432/crm.',
    ])
    expect((await inspectedFindingsIn({ 'acme-crm.yaml': text })).map(({ message }) => message)).toEqual([
      'this looks like a secret (PostgreSQL connection string)',
    ])
  })
})

// Numbers that companies publish for themselves, and numbers of no account that pass the check.
describe('what looks like data of a real person is found', () => {
  test.each([
    ['an e-mail address', PERSON],
    ['a telephone number', '+1 650 543 4800'],
    ['a telephone number', '+1-888-482-7768'],
    ['a telephone number', 'wa_id": "16505434800'],
    ['a telephone number', 'phone_number: 16502530000'],
    ['a payment card number', '4539 1488 0343 6467'],
    ['a payment card number', '4539148803436467'],
    ['a bank account number (IBAN)', 'DE75512108001245126199'],
    ['a bank account number (IBAN)', 'DE75 5121 0800 1245 1261 99'],
  ])('%s: %s', async (what, text) => {
    expect(await found(`"${text}"`)).toEqual([[what, text]])
  })
})

describe('what is plainly made up, or about nobody, passes', () => {
  test.each([
    ['addresses of nobody', 'ada@example.com, ada@mail.example.org, ada@acme.example, ada@acme.test, ada@localhost'],
    ['mailboxes of companies', 'support@hubspot.com, privacy@meta.com, no-reply@linkedin.com, git@github.com'],
    ['what ends in no public suffix', 'ada@host.yaml, actions/checkout@v4, name@1.2.3'],
    ['paths with a condition', "$.delivery.changes[?@.type == 'contact.created']"],
    ['American numbers with 555', '+1 650 555 0100, "wa_id": "16505551234", display_phone_number: 15550783881'],
    ['British and Australian numbers for drama', '+44 7700 900123, +44 20 7946 0018, +61 491 570 156, +61 2 5550 1234'],
    ['numbers that are typed along the keyboard', '+1234567890, +49 170 1234567, +4915100000000'],
    ['offsets and times', '2026-11-23T09:30:00+0100, +00:00, 1603059201000, +20261123'],
    ['ids of accounts', 'phone_number_id: "16502530000", "id": "4539148803436467", account_id: 153125381133'],
    ['test cards', '4242424242424242, 4111 1111 1111 1111, 5555555555554444, 378282246310005'],
    ['numbers with a wrong check digit', '4539148803436468, DE75512108001245126198'],
    ['placeholders', 'EAAG…, ghp_…, xoxb-…, sk_live_…, {access_token}, Bearer <token>'],
    ['message ids', 'wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3N0EBNEYxRjBGNUY5MDAA'],
  ])('%s', async (_, text) => {
    expect(await found(text)).toEqual([])
  })
})

describe('the definitions and their published samples', () => {
  let texts: readonly { readonly text: string; readonly sample?: string }[] = []
  let sensitiveData: readonly unknown[] = []
  beforeAll(async () => {
    const { documents } = await load(join(import.meta.dirname, '..', '..', 'definitions'))
    texts = documents.flatMap(scannedTextsOf)
    sensitiveData = (await scanForSensitiveData(documents)).flatMap((document) => document.sensitiveData ?? [])
  })

  test('are read as a whole', () => {
    expect(texts.length).toBeGreaterThan(4000)
    expect(new Set(texts.flatMap(({ sample }) => sample ?? [])).size).toBeGreaterThan(70)
  })

  test('hold nothing suspicious', () => {
    expect(sensitiveData).toEqual([])
  })
})

async function findingsWith(text: string, samples: Readonly<Record<string, string>> = {}) {
  const { document } = parse({ file: 'acme-crm.yaml', stem: 'acme-crm', text })
  if (document === undefined) throw new Error('the text is no YAML')
  return check(await scanForSensitiveData([{ ...document, samples: new Map(Object.entries(samples)) }])).diagnostics
}

const inSample = edit(acme, [
  '    - name: Two changes\n',
  '    - name: From a file\n      file: samples/acme-crm/one.json\n    - name: Two changes\n',
])
const sampleWith = (value: string) => ({ 'samples/acme-crm/one.json': `{\n  "note":\n    "${value}"\n}\n` })

describe('it is found wherever it stands', () => {
  test.each<[string, string, Readonly<Record<string, string>>, string, string]>([
    [
      'a value',
      edit(acme, ['Your account at Acme.', `Your account, ${GITHUB}.`]),
      {},
      '',
      '/auth/fields/tenant_id/description',
    ],
    ['a comment', edit(acme, ['auth:\n', `auth:\n  # the token is ${GITHUB}\n`]), {}, '', '/auth'],
    ['a comment at the end of a line', edit(acme, ['status: active', `status: active # ${GITHUB}`]), {}, '', '/status'],
    ['a comment at the top', edit(acme, ['code: acme-crm', `# ${GITHUB}\ncode: acme-crm`]), {}, '', '/code'],
    [
      'an escaped value',
      edit(acme, ['Your account at Acme.', JSON.stringify(`"${GITHUB}`).replace('gh', '\\x67h')]),
      {},
      '',
      '/auth/fields/tenant_id/description',
    ],
    [
      'a body',
      edit(acme, ['"contact":{"id":"c_1"', `"contact":{"id":"c_1","note":"${GITHUB}"`]),
      {},
      '',
      '/webhook/samples/0',
    ],
    ['a sample file', inSample, sampleWith(GITHUB), ', on line 3 of samples/acme-crm/one.json', '/webhook/samples/0'],
    [
      'an escaped sample file',
      inSample,
      sampleWith(GITHUB.replace('_', '\\u005f')),
      ', on line 3 of samples/acme-crm/one.json',
      '/webhook/samples/0',
    ],
  ])('%s', async (_, text, samples, where, at) => {
    const [finding, ...others] = (await findingsWith(text, samples)).filter(({ code }) => code === 'text/secret')
    expect(others).toEqual([])
    expect(finding?.message).toBe(`this looks like a secret (GitHub Token)${where}`)
    expect(finding?.help).toContain(`{ rule: text/secret, at: ${at}, reason: … }`)
    const pointedAt = text.slice(finding?.span.start.offset, finding?.span.end.offset)
    expect(pointedAt).toMatch(samples === undefined || where === '' ? /gh?p_|\\x67h/ : /samples\/acme-crm\/one\.json/)
  })
})

describe('a harmless look-alike', () => {
  const text = edit(acme, ['Your account at Acme.', `Your account, such as ${PERSON}.`])

  test('is marked with the waiver that the finding names', async () => {
    const [finding] = await inspectedFindingsIn({ 'acme-crm.yaml': text })
    const [, written = ''] = /under `waivers`: (\{.*\})$/.exec(finding?.help ?? '') ?? []
    const waiver = parseYaml(written.replace('…', "The example of the vendor's own documentation."))
    const waived = `${text}waivers:\n  - ${JSON.stringify(waiver)}\n`
    expect(await inspectedFindingsIn({ 'acme-crm.yaml': waived })).toEqual([])
    const unneeded = edit(waived, [PERSON, 'a name'])
    expect((await inspectedFindingsIn({ 'acme-crm.yaml': unneeded })).map(({ code }) => code)).toEqual([
      'waiver/unneeded',
    ])
  })
})

test('no report repeats what was found', async () => {
  const text = edit(acme, ['Your account at Acme.', `Your account, ${GITHUB} of ${PERSON}.`])
  const findings: readonly Diagnostic[] = await inspectedFindingsIn({ 'acme-crm.yaml': text })
  expect(findings.map(({ code }) => code)).toEqual(['text/personal-data', 'text/secret'])
  const reports = [
    renderText(findings, { colors: noColors, textOf: () => text }),
    renderGithub(findings),
    renderSarif(findings, { version: '0.0.0', summaryOf: () => undefined }),
    JSON.stringify(findings),
  ].join('\n')
  expect(reports).toContain('text/secret')
  expect(reports).not.toContain(GITHUB)
  expect(reports).not.toContain(PERSON)
})

test('text that is made to hold it up does not', async () => {
  const before = performance.now()
  for (const part of [
    'a@',
    'a.',
    '+1',
    '41',
    'AB12',
    'phone',
    'id: ',
    'eyJ',
    'EAA',
    '# ',
    '\\u0041',
    'xoxb-',
    'https://a:',
  ])
    await found(part.repeat(Math.ceil(200_000 / part.length)))
  // What takes more than linear time would take minutes.
  expect(performance.now() - before).toBeLessThan(20_000)
})

describe('the built command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hera-inspection-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('leaves nothing of its inspections in the performance timeline', async () => {
    await writeDefinitions(join(folder, 'definitions'), 5)
    const traces = join(import.meta.dirname, '..', 'support', 'performance-traces.cjs')
    const env = { NODE_OPTIONS: `--require ${JSON.stringify(traces)}` }
    expect(runCommand(['validate', '--no-cache'], { cwd: folder, env })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('5 definitions'),
      stderr: '0 entries, 0 observers\n',
    })
  })
})
