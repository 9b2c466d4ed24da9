import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { applyFixes, withVerifiedFixes } from '../../generator/check/apply-fixes.ts'
import { validateAndFix } from '../../generator/commands/validate.ts'
import { fixDefinitions } from '../../generator/commands/validate-fix.ts'
import { replaceFile } from '../../generator/files/replace.ts'
import { noColors } from '../../generator/terminal.ts'
import { brokenDefinitions } from '../fixtures/broken-definitions.ts'
import { acme, edit, findingsIn } from '../support/acme.ts'
import { fc } from '../support/property.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function folderWith(text: string): { readonly folder: string; readonly path: string } {
  const folder = join(mkdtempSync(join(tmpdir(), 'fix-')), 'definitions')
  mkdirSync(folder)
  folders.push(folder)
  const path = join(folder, 'acme-crm.yaml')
  writeFileSync(path, text)
  return { folder, path }
}

async function fixed(
  text: string,
): Promise<{ readonly text: string; readonly codes: readonly string[]; readonly left: readonly string[] }> {
  const { folder, path } = folderWith(text)
  const { fixed: done, reading } = await fixDefinitions([folder])
  return {
    text: readFileSync(path, 'utf8'),
    codes: done.map(({ finding }) => finding.code),
    left: reading.diagnostics.map(({ code }) => code),
  }
}

type Edit = readonly [from: string, to: string]
const commented = edit(
  acme,
  ['vendor: Acme\n', 'vendor: Acme # the company\n'],
  ['    limit: 110\n', '    # counted since 2024\n    limit: 110 # per window\n'],
)

describe('what has one right answer is fixed, and not a byte more', () => {
  test.each<[string, Edit]>([
    ['a misspelled field', ['purpose: Keep', 'purpos: Keep']],
    ['a misspelled field deep inside', ['      access: Needs a review', '      acess: Needs a review']],
    ['a misspelled field in one line', ['form: unix-seconds, tol', 'from: unix-seconds, tol']],
    ['a value in capitals', ['status: active', 'status: Active']],
    ['a value with a hyphen', ['  type: oauth2', '  type: OAuth-2']],
    ['a quoted number', ['limit: 110', 'limit: "110"']],
    ['a quoted flag', ['  ordered: false', '  ordered: "false"']],
    ['yes for true', ['  duplicates: true', '  duplicates: yes']],
    ['a misspelled field beside another slip in it', ['    limit: 110', '    limitt: "110"']],
    ['an arrow for a colon', ['vendor: Acme # the', 'vendor => Acme # the']],
    ['two equal signs for a colon', ['vendor: Acme # the', 'vendor == Acme # the']],
    ['a semicolon for a colon', ['vendor: Acme # the', 'vendor; Acme # the']],
    ['no-break spaces in a row', ['      label: Client ID\n', '    \u00a0\u00a0label:\u00a0Client ID\n']],
    ['two commas', ['[/email, /address/street]', '[/email,, /address/street]']],
    ['a bracket closed by a brace', ['[/email, /address/street]', '[/email, /address/street}']],
    ['entries in parentheses', ['[/email, /address/street]', '(/email, /address/street)']],
    ['entries without brackets', ['[/email, /address/street]', '/email, /address/street']],
    ['a list in quotes', ['[/email, /address/street]', '"[/email, /address/street]"']],
    ['a dash that is none', ['      - The verify token differs.', '      – The verify token differs.']],
    ['a field at the column of its owner', ['      used_for: [oauth]\n', '    used_for: [oauth]\n']],
    ['a field too deep', ['    example: { contact_id: c_3 }', '      example: { contact_id: c_3 }']],
    [
      'a field that stands once more around its own',
      [
        'links:\n  documentation: https://developers.acme.example/docs\n  support: https://developers.acme.example/support\n',
        'links:\n  links:\n    documentation: https://developers.acme.example/docs\n    support: https://developers.acme.example/support\n',
      ],
    ],
    [
      'one text for a list',
      ['    idempotency_key: [/contact_id]\n    cites', '    idempotency_key: /contact_id\n    cites'],
    ],
    [
      'fields in another order',
      ['vendor: Acme # the company\nicon: users\n', 'icon: users\nvendor: Acme # the company\n'],
    ],
    [
      'fields of a list entry in another order',
      [
        '  - name: searches\n    scope: user\n    formula: 5 × seats an hour\n',
        '  - scope: user\n    formula: 5 × seats an hour\n    name: searches\n',
      ],
    ],
    [
      'fields of one line in another order',
      ['{ in: query, at: mode, equals: subscribe }', '{ equals: subscribe, in: query, at: mode }'],
    ],
    [
      'fields with comments in another order',
      [
        '    # counted since 2024\n    limit: 110 # per window\n    per: second\n',
        '    per: second\n    # counted since 2024\n    limit: 110 # per window\n',
      ],
    ],
  ])('%s', async (_, [right, wrong]) => {
    const result = await fixed(edit(commented, [right, wrong]))
    expect(result.left).toEqual([])
    expect(result.codes.length).toBeGreaterThan(0)
    expect(result.text).toBe(commented)
  })

  test('a number where text is wanted', async () => {
    const result = await fixed(edit(commented, ['  version: v2\n', '  version: 2.0\n']))
    expect(result.left).toEqual([])
    expect(result.text).toBe(edit(commented, ['  version: v2\n', '  version: "2.0"\n']))
  })

  test.each<[string, Edit, Edit]>([
    ['null without quotes', ['          type: number\n', '          type: [number, null]\n'], ['null]', '"null"]']],
    ['a pattern in double quotes', ['"^c_[0-9]+$"', '"^c_\\d+\\w*$"'], ['\\d+\\w', '\\\\d+\\\\w']],
    ['text that begins with a number sign', ['Acme terms of use.', '#1 terms'], ['#1 terms', '"#1 terms"']],
    ['text that begins with a dash', ['Acme terms of use.', '- terms'], ['- terms', '"- terms"']],
    [
      'curly quotes around a colon',
      ['Acme terms of use.', '“The terms: all”'],
      ['“The terms: all”', '"The terms: all"'],
    ],
    [
      'two list entries with a reserved sign',
      ['- The verify token differs.', '- @one\n      - @two'],
      ['- @one\n      - @two', '- "@one"\n      - "@two"'],
    ],
    [
      'entries of which some lack the space',
      ['- The verify token differs.', '-One.\n      -Two.\n      - Three.'],
      ['-One.\n      -Two.', '- One.\n      - Two.'],
    ],
  ])('%s', async (_, slip, fixing) => {
    const broken = edit(commented, slip)
    const result = await fixed(broken)
    expect(result.text).toBe(edit(broken, fixing))
    expect(result.left.filter((code) => /^(?:yaml|schema)\//.test(code))).toEqual([])
  })

  test('a file without a last line end, whose last fields changed places, under Windows too', async () => {
    const swapped = edit(acme, [
      '    causes:\n      - The verify token differs.\n    fix: Set the same token in both places.\n',
      '    fix: Set the same token in both places.\n    causes:\n      - The verify token differs.',
    ])
    expect((await fixed(swapped)).text).toBe(acme.trimEnd())
    expect((await fixed(swapped.replaceAll('\n', '\r\n'))).text).toBe(acme.trimEnd().replaceAll('\n', '\r\n'))
  })

  test('fields beside a text that holds signs of anchors are put in order', async () => {
    const right = edit(acme, ['legal: Acme terms of use.', 'legal: Read *this* && that.'])
    const result = await fixed(edit(right, ['vendor: Acme\nicon: users\n', 'icon: users\nvendor: Acme\n']))
    expect(result.text).toBe(right)
  })

  test('no modeline', async () => {
    const [first = ''] = commented.split('\n')
    const result = await fixed(commented.slice(first.length + 1))
    expect(result.left).toEqual([])
    expect(result.text).toBe(commented.replace('../../schema', '../schema'))
  })

  test('text with a colon and text with a reserved sign get quotes', async () => {
    const broken = edit(
      commented,
      ['vendor: Acme # the company', 'vendor: Acme: the first # the company'],
      ['legal: Acme terms of use.', 'legal: @acme terms of use.'],
    )
    const result = await fixed(broken)
    expect(result.left).toEqual([])
    expect(result.text).toBe(
      edit(
        commented,
        ['vendor: Acme # the company', 'vendor: "Acme: the first" # the company'],
        ['legal: Acme terms of use.', 'legal: "@acme terms of use."'],
      ),
    )
  })
})

describe('what only the author can decide stays as it is', () => {
  test.each<[string, Edit, string]>([
    ['a field that is like none', ['purpose: Keep', 'xyzzy: Keep'], 'schema/unknown-field'],
    [
      'a misspelled field beside the right one',
      ['purpose: Keep', 'purpos: Keep\npurpose: Keep'],
      'schema/unknown-field',
    ],
    ['a value that is like none', ['status: active', 'status: running'], 'schema/enum'],
    ['an empty field', ['vendor: Acme\n', 'vendor:\n'], 'schema/type'],
    ['a note in place of a value', ['legal: Acme terms of use.', 'legal: #TODO ask'], 'schema/type'],
    ['a text that goes on with a number sign', ['legal: Acme terms of use.', 'legal: Terms: see #3'], 'yaml/quotes'],
    ['two fields on one line', ['type: secret\n      required: true', 'type: secret, required: true'], 'yaml/colon'],
    ['a Markdown link', ['url: https://developers.acme.example/docs', 'url: [docs](https://x.example)'], 'yaml/syntax'],
    ['two misspellings of one field', ['vendor: Acme\n', 'vendr: A\nvendo: B\n'], 'schema/unknown-field'],
    ['a version of one number', ['version: 1.2.3', 'version: 1.2'], 'schema/type'],
    ['a number that is no date', ['read: "2026-11-20"', 'read: 2026'], 'schema/type'],
    ['a flag for a status', ['status: active', 'status: true'], 'schema/enum'],
    [
      'a text for a list of something else',
      ['  exact_numbers: true\n', '  content_types: json\n  exact_numbers: true\n'],
      'schema/type',
    ],
    ['a half-written file', ['capabilities:\n', 'capabilities: {\n'], 'yaml/'],
    [
      'a merge conflict',
      ['vendor: Acme\n', '<<<<<<< HEAD\nvendor: Acme\n=======\nvendor: Acne\n>>>>>>> main\n'],
      'load/',
    ],
  ])('%s', async (_, change, code) => {
    const broken = edit(acme, change)
    const result = await fixed(broken)
    expect(result.text).toBe(broken)
    expect(result.codes).toEqual([])
    expect(result.left.some((left) => left.startsWith(code))).toBe(true)
  })

  test('fields are not moved across an anchor', async () => {
    const broken = edit(acme, ['vendor: Acme\nicon: users\n', 'icon: &icon users\nvendor: Acme\n'])
    expect((await fixed(broken)).text).toBe(broken)
  })

  test('fields are not moved where a comment would have to follow a dash', async () => {
    const broken = edit(acme, [
      '  - name: searches\n    scope: user\n',
      '  - scope: user\n    # for people\n    name: searches\n',
    ])
    const result = await fixed(broken)
    expect(result.text).toBe(broken)
    expect(result.left).toEqual([])
  })
})

test('whatever the order of fields, fixing changes neither their values nor a line', async () => {
  const lines = commented.split('\n')
  const tops = lines.flatMap((line, index) => (/^[a-z]/.test(line) ? [index] : []))
  const blocks = tops.map((start, index) => lines.slice(start, tops[index + 1] ?? lines.length - 1).join('\n'))
  const head = lines.slice(0, tops[0]).join('\n')
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(blocks, { minLength: blocks.length }), async (shuffled) => {
      const broken = `${head}\n${shuffled.join('\n')}\n`
      const result = await fixed(broken)
      expect(result.left).toEqual([])
      expect(parseYaml(result.text)).toEqual(parseYaml(commented))
      expect(result.text.split('\n').toSorted()).toEqual(broken.split('\n').toSorted())
    }),
    { numRuns: 25 },
  )
})

test('line ends of Windows and a byte order mark stay', async () => {
  const windows = `\ufeff${acme.replaceAll('\n', '\r\n')}`
  const result = await fixed(windows.replace('status: active', 'status: Active'))
  expect(result.text).toBe(windows)
})

test.each([0o640, 0o666])('a file keeps its permissions (%i)', async (permissions) => {
  const { folder, path } = folderWith(acme.replace('status: active', 'status: Active'))
  chmodSync(path, permissions)
  await fixDefinitions([folder])
  expect(statSync(path).mode & 0o777).toBe(permissions)
  expect(readFileSync(path, 'utf8')).toBe(acme)
})

test('a file that was changed meanwhile is left alone', async () => {
  const { path } = folderWith(acme)
  expect(await replaceFile({ path, before: 'something else', after: 'x' })).toBe(false)
  expect(readFileSync(path, 'utf8')).toBe(acme)
})

describe('what a report promises, fixing does', () => {
  test.each(brokenDefinitions.map(({ name, text }) => [name, text] as const))('%s', async (_, text) => {
    const promised = findingsIn({ 'acme-crm.yaml': text }).filter(({ fix }) => fix !== undefined)
    const { fixed } = applyFixes({ file: 'acme-crm.yaml', stem: 'acme-crm', text })
    const done = fixed.map(({ finding }) => finding.fix?.summary)
    expect(promised.map(({ fix }) => fix?.summary).filter((summary) => !done.includes(summary))).toEqual([])
  })
})

describe('a fix is promised only where', () => {
  const from = acme.indexOf('query, at: challenge')
  const position = { line: 1, column: 1, offset: from }
  const promisedWith = (text: string) => {
    const finding = {
      ...{ code: 'some/finding', file: 'acme-crm.yaml', message: 'wrong', help: 'fix it' },
      span: { start: position, end: { ...position, offset: from + 'query'.length } },
      fix: { summary: 'fix it', edits: [{ from, to: from + 'query'.length, text }] },
    }
    const [checked] = withVerifiedFixes({ file: 'acme-crm.yaml', stem: 'acme-crm', text: acme }, [finding])
    return checked?.fix !== undefined
  }

  test.each([
    ['all else keeps its value', { given: 'body', want: true }],
    ['no other value goes away', { given: 'query } #', want: false }],
    ['the format takes what it writes', { given: 'cookie-jar', want: false }],
    ['the file can still be read', { given: '"query', want: false }],
  ])('%s', (_, { given, want }) => {
    expect(promisedWith(given)).toBe(want)
  })
})

test('what could not be fixed is not promised again', async () => {
  const { folder } = folderWith(edit(acme, ['status: active', 'status: Active'], ['version: 1.2.3', 'version: 1.2']))
  const { reading } = await fixDefinitions([folder])
  expect(reading.diagnostics.map(({ code, fix }) => [code, fix])).toEqual([['schema/type', undefined]])
})

test('the report says what was fixed and what is left', async () => {
  const { folder } = folderWith(edit(acme, ['status: active', 'status: Active'], ['stage: lead\n', 'stage: leed\n']))
  const outcome = await validateAndFix({ definitions: [folder] })
  expect(outcome.exitCode).toBe(1)
  expect(outcome.text(noColors)).toContain(
    `fixed ${folder}/acme-crm.yaml:5:9 write active [schema/enum]\n  status: Active → status: active\n`,
  )
  expect(outcome.text(noColors)).toContain('1 finding in 1 of 1 definition; 1 more fixed')
  expect(outcome.json).toMatchObject({
    ok: false,
    fixed: [{ code: 'schema/enum' }],
    findings: [{ code: 'event/example-mismatch' }],
  })
})

test('a second run has nothing to do', async () => {
  const { folder, path } = folderWith(edit(acme, ['status: active', 'status: Active']))
  await fixDefinitions([folder])
  const before = readFileSync(path, 'utf8')
  expect((await fixDefinitions([folder])).fixed).toEqual([])
  expect(readFileSync(path, 'utf8')).toBe(before)
})
