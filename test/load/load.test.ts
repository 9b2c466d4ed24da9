import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parse as parseWithLibrary } from 'yaml'
import type { Span } from '../../generator/diagnostics/diagnostic.ts'
import { parse } from '../../generator/load/parse.ts'
import { type Located, locateKey, locateValue, type PathSegment } from '../../generator/load/source-document.ts'
import { load } from '../support/load.ts'
import { fc } from '../support/property.ts'

const folder = mkdtempSync(join(tmpdir(), 'hera-load-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Writes one file into a folder of its own, loads it, and gives its findings as `line:column code`. */
async function findings(name: string, content: string | Uint8Array): Promise<readonly string[]> {
  const own = mkdtempSync(join(folder, 'case-'))
  writeFileSync(join(own, name), content)
  const { diagnostics, documents } = await load(own)
  expect(documents.length === 0).toBe(diagnostics.length > 0)
  return diagnostics.map(({ span, code }) => `${span.start.line}:${span.start.column} ${code}`)
}

function parsed(text: string) {
  return parse({ file: 'x.yaml', stem: 'x', text })
}

/** 99,902 values and as many more: the mapping, 998 in `a`, 99 times 999 and the list in `b`, and the list in `c`. */
function withAliases(more: number): string {
  const list = (item: string, length: number) => `[${Array(length).fill(item).join(',')}]`
  return `a: &a ${list('x', 997)}\nb: ${list('*a', 99)}\nc: ${list('x', more)}\n`
}

describe('hostile and broken files get a diagnosis, with its place', () => {
  test.each<[string, { readonly given: string | Uint8Array | (() => string); readonly want: readonly string[] }]>([
    ['an empty file', { given: '# nothing\n', want: ['1:1 load/empty'] }],
    ['more than 1 MiB', { given: () => `a: ${'x'.repeat(1024 * 1024)}`, want: ['1:1 load/too-large'] }],
    ['a NUL byte', { given: 'a: 1\nb: x\0', want: ['2:5 load/nul'] }],
    [
      'bytes that are not UTF-8',
      { given: Buffer.from([0x61, 0x3a, 0x20, 0x0a, 0x62, 0x3a, 0x20, 0xff]), want: ['2:4 load/encoding'] },
    ],
    [
      'UTF-8 cut off in a character',
      { given: Buffer.from([0x61, 0x3a, 0x20, 0xe2, 0x82]), want: ['1:4 load/encoding'] },
    ],
    ['a duplicate key', { given: 'a: 1\nb: 2\na: 3\n', want: ['3:1 load/duplicate-key'] }],
    ['a duplicate key deep inside', { given: 'a:\n  - b: 1\n    b: 2\n', want: ['3:5 load/duplicate-key'] }],
    ['a custom tag', { given: 'a: !secret x\n', want: ['1:4 yaml/tag'] }],
    ['a language tag', { given: 'a: !!js/function x\n', want: ['1:4 yaml/tag'] }],
    ['a tab as indentation', { given: 'a:\n\tb: 1\n', want: ['2:1 yaml/tab'] }],
    ['two documents', { given: 'a: 1\n---\nb: 2\n', want: ['2:1 yaml/documents'] }],
    ['an older YAML', { given: '%YAML 1.1\n---\na: yes\n', want: ['1:1 load/yaml-version'] }],
    ['an unfinished bracket', { given: 'a: [1, 2\n', want: ['1:4 yaml/brackets'] }],
    [
      'a merge conflict',
      { given: 'a: 0\n<<<<<<< ours\na: 1\n=======\na: 2\n>>>>>>> theirs\n', want: ['2:1 load/merge-conflict'] },
    ],
    ['an alias to nothing', { given: 'a: *b\n', want: ['1:4 load/unknown-alias'] }],
    ['an alias to what contains it', { given: 'a: &a [*a]\n', want: ['1:8 load/endless-alias'] }],
    ['a number beyond 2^53', { given: 'a: 12345678901234567890\n', want: ['1:4 load/inexact-number'] }],
    ['infinity', { given: 'a: .inf\n', want: ['1:4 load/inexact-number'] }],
    ['half a surrogate pair', { given: 'a: "\\ud800"\n', want: ['1:4 load/lone-surrogate'] }],
    ['an escaped NUL', { given: 'a: "x\\0y"\n', want: ['1:4 load/nul'] }],
    ['an escaped control character', { given: 'a: "\\b"\n', want: ['1:4 load/control-character'] }],
    ['a path whose backslash means a tab', { given: 'a: "C:\\temp"\n', want: ['1:4 load/control-character'] }],
    ['a key that is a number', { given: 'a: 1\n2: b\n', want: ['2:1 load/key-not-text'] }],
    ['a key that is a list', { given: '? [a]\n: b\n', want: ['1:3 load/key-not-text'] }],
    ['the key __proto__', { given: '__proto__: { polluted: true }\n', want: ['1:1 load/forbidden-key'] }],
    ['64 levels of nesting', { given: () => `a: ${'['.repeat(64)}${']'.repeat(64)}\n`, want: [] }],
    ['65 levels of nesting', { given: () => `a: ${'['.repeat(65)}${']'.repeat(65)}\n`, want: ['1:68 load/too-deep'] }],
    ['100,000 values once aliases are written out', { given: () => withAliases(98), want: [] }],
    [
      '100,001 values once aliases are written out',
      { given: () => withAliases(99), want: ['3:201 load/too-many-values'] },
    ],
    ['nesting beyond the limit', { given: () => `${'['.repeat(100)}${']'.repeat(100)}`, want: ['1:66 load/too-deep'] }],
    ['brackets that would exhaust the stack', { given: () => '['.repeat(200_000), want: ['1:1 load/too-deep'] }],
    ['braces that would exhaust the stack', { given: () => '{a: '.repeat(100_000), want: ['1:1 load/too-deep'] }],
    ['dashes that would exhaust the stack', { given: () => '- '.repeat(200_000), want: ['1:1 load/too-deep'] }],
    ['dashes that end all at once', { given: () => `${'- '.repeat(20_000)}\na: b\n`, want: ['1:1 load/too-deep'] }],
    [
      'keys of keys that end all at once',
      { given: () => `${'? '.repeat(20_000)}\n? a\n`, want: ['1:1 load/too-deep'] },
    ],
    ['keys of keys that would exhaust the stack', { given: () => '? '.repeat(200_000), want: ['1:1 load/too-deep'] }],
  ])('%s', async (_, { given, want }) => {
    expect(await findings('x.yaml', typeof given === 'function' ? given() : given)).toEqual(want)
  })

  test('a list of more than 5,000 entries is refused, since entries are compared with each other', () => {
    const listOf = (amount: number) => parsed(`a: [${'x, '.repeat(amount)}]\n`).diagnostics.map(({ code }) => code)
    expect([listOf(5000), listOf(5001)]).toEqual([[], ['load/too-many-values']])
  })

  test('aliases of aliases', async () => {
    const lines = ['a: &a [x,x,x,x,x,x,x,x,x]']
    for (const [above, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh'].map((pair) => [...pair])) {
      lines.push(`${name}: &${name} [${Array(9).fill(`*${above}`).join(',')}]`)
    }
    expect(await findings('x.yaml', lines.join('\n'))).toEqual([expect.stringContaining('load/too-many-values')])
  })

  test.each([
    ['keys', (amount: number) => Array.from({ length: amount }, (_, index) => `k${index}: 1`).join('\n')],
    ['aliases', (amount: number) => `a: &a x\nb:\n${`- [${'*a, '.repeat(1000)}]\n`.repeat(amount / 2000)}`],
  ])('ten times as many %s take about ten times as long', (_, textOf) => {
    const timeOf = (amount: number): number => {
      const before = process.cpuUsage()
      expect(parsed(textOf(amount)).diagnostics).toEqual([])
      return process.cpuUsage(before).user
    }
    // What is compared with every other takes a hundred times as long.
    expect(timeOf(60_000) / timeOf(6_000)).toBeLessThan(25)
  })
})

/** Every kind of value, and every usual gap between values. */
const KINDS = `a: [1, 2.50, 0x1f, 0o17, -1e3, ~, null, True, nothing, "x\\ty", 'it''s', -x, +1, .5, 1_000]
b: { c: d, "e": { f: [ ] }, g: {}, h: [ [a], { b: c }, ] }
# about i
i:
- j
# between
- - k   # behind
  - l
- m: n
  o: |
   block
    more

  # rest
p: >-
  fold
  ed

  further
q: plain
  in some
  lines # behind
r: "quoted
  line\\
  \\u00e9 \\\\d"
s:
  t: |+

u: [
  v, # inside
  w
]
# end
`

const definitions = readdirSync('definitions')
  .filter((name) => name.endsWith('.yaml') && name !== 'registry.yaml')
  .map((name) => readFileSync(`definitions/${name}`, 'utf8'))

describe('a document has the values that the library reads', () => {
  test('for every kind of value', () => {
    expect(parsed(KINDS).document?.value).toEqual(parseWithLibrary(KINDS))
    expect(parsed(KINDS).document?.value).toMatchObject({
      p: 'fold ed\nfurther',
      r: 'quoted lineé \\d',
      s: { t: '\n' },
    })
  })

  test('for definitions', () => {
    for (const text of definitions) expect(parsed(text).document?.value).toEqual(parseWithLibrary(text))
  })

  test('for pieces of definitions that still are YAML after a few edits', () => {
    let read = 0
    fc.assert(
      fc.property(pieces, edits, (piece, changes) => {
        const text = changes.reduce((before, { at, remove, insert }) => {
          const place = at % (before.length + 1)
          return before.slice(0, place) + insert + before.slice(place + remove)
        }, piece)
        const { document, diagnostics } = parsed(text)
        if (document === undefined || diagnostics.length > 0) return
        read += 1
        expect(JSON.stringify(document.value), text).toBe(JSON.stringify(parseWithLibrary(text)))
      }),
      { numRuns: 1000 },
    )
    expect(read).toBeGreaterThan(200)
  })
})

/** Some lines of a definition, moved to the left margin. */
const pieces = fc.constantFrom(...[KINDS, ...definitions].map((text) => text.split('\n'))).chain((lines) =>
  fc.record({ from: fc.nat(lines.length - 1), count: fc.integer({ min: 1, max: 15 }) }).map(({ from, count }) => {
    const piece = lines.slice(from, from + count)
    const width = /^ */.exec(piece[0] ?? '')?.[0].length ?? 0
    return `${piece.map((line) => (/^ *$/.test(line.slice(0, width)) ? line.slice(width) : line)).join('\n')}\n`
  }),
)

const signs = fc.constantFrom(
  ...' \n\t:-#[]{},"\'|>&*!%@`?~0.\\a\r\u0000\ud800',
  ...[': ', '- ', ' #', '\n  ', '---\n', '__proto__'],
)

const edits = fc.array(fc.record({ at: fc.nat(600), remove: fc.nat(2), insert: fc.option(signs, { nil: '' }) }), {
  maxLength: 3,
})

interface Leaf {
  readonly span: Span
  readonly value: unknown
}

/** Every key, and every value that contains no others. */
function leavesOf({ key, value: span, children }: Located, value: unknown, name: PathSegment = ''): readonly Leaf[] {
  const inside = [...(children ?? [])].flatMap(([segment, child]) =>
    leavesOf(child, (value as Readonly<Record<PathSegment, unknown>>)[segment], segment),
  )
  return [
    ...(key === undefined ? [] : [{ span: key, value: name }]),
    ...(children === undefined ? [{ span, value }] : inside),
  ]
}

test('the span of every key and of every value contains exactly what is written', () => {
  for (const text of [KINDS, ...definitions]) {
    const { document } = parsed(text)
    if (document === undefined) throw new Error('not parsed')
    const leaves = leavesOf(document.root, document.value)
    expect(leaves.length).toBeGreaterThan(40)
    for (const { span, value } of leaves)
      expect(parseWithLibrary(text.slice(span.start.offset, span.end.offset))).toEqual(value)
  }
})

describe('what is no definition file', () => {
  test('a folder, a symbolic link and a wrong extension get a diagnosis; hidden files and other kinds are left alone', async () => {
    const own = mkdtempSync(join(folder, 'kinds-'))
    mkdirSync(join(own, 'folder.yaml'))
    symlinkSync('/etc/passwd', join(own, 'link.yaml'))
    writeFileSync(join(own, 'short.yml'), 'a: 1')
    writeFileSync(join(own, '.hidden.yaml'), 'a: [')
    writeFileSync(join(own, 'README.md'), 'text')
    const { diagnostics, documents } = await load(own)
    expect(documents).toEqual([])
    expect(diagnostics.map(({ code, file }) => `${file.slice(own.length + 1)} ${code}`)).toEqual([
      'folder.yaml load/not-a-file',
      'link.yaml load/symlink',
      'short.yml load/extension',
    ])
  })
})

test('sample files are read beside the definition, and nowhere else', async () => {
  const own = mkdtempSync(join(folder, 'samples-'))
  const outside = mkdtempSync(join(folder, 'outside-'))
  writeFileSync(join(outside, 'secret.json'), '{}')
  mkdirSync(join(own, 'samples', 'acme'), { recursive: true })
  mkdirSync(join(own, 'samples', 'acme', 'folder.json'))
  symlinkSync(outside, join(own, 'samples', 'linked'))
  symlinkSync(join(outside, 'secret.json'), join(own, 'samples', 'acme', 'link.json'))
  writeFileSync(join(own, 'samples', 'acme', 'good.json'), '{"id":16361294300268011}')
  writeFileSync(join(own, 'samples', 'acme', 'latin.json'), Buffer.from('"\xe4"', 'latin1'))
  writeFileSync(join(own, 'samples', 'acme', 'large.json'), 'x'.repeat(2 ** 20 + 1))
  const load1 = async (file: string) => {
    writeFileSync(join(own, 'x.yaml'), `webhook:\n  samples:\n    - name: a\n      file: ${file}\n`)
    const { documents, diagnostics } = await load(own)
    return (
      documents[0]?.samples?.get(file) ??
      diagnostics.map(({ code, span, message }) => `${span.start.line} ${code} ${message.replaceAll(own, '')}`)
    )
  }
  expect(await load1('samples/acme/good.json')).toBe('{"id":16361294300268011}')
  expect(await load1('samples/acme/none.json')).toEqual([
    '4 load/sample the sample cannot be read: /samples/acme/none.json (ENOENT)',
  ])
  expect(await load1('samples/acme/link.json')).toEqual([
    '4 load/sample the sample is reached by a symbolic link: /samples/acme/link.json',
  ])
  expect(await load1('samples/linked/secret.json')).toEqual([
    '4 load/sample the sample is reached by a symbolic link: /samples/linked/secret.json',
  ])
  expect(await load1('samples/acme/folder.json')).toEqual([
    '4 load/sample the sample cannot be read: /samples/acme/folder.json (EISDIR)',
  ])
  expect(await load1('samples/acme/large.json')).toEqual([
    '4 load/sample the sample has 1048577 bytes; at most 1048576 are read',
  ])
  expect(await load1('samples/acme/latin.json')).toEqual([expect.stringContaining('is not UTF-8')])
  // The format refuses these; nothing is read for them.
  expect(await load1('../outside/secret.json')).toEqual([])
  expect(await load1('samples/../../secret.json')).toEqual([])
})

test('a byte order mark and CRLF are accepted, and positions stay true', () => {
  const { document, diagnostics } = parsed('a: b\r\nc:\r\n  - d\r\n')
  expect(diagnostics).toEqual([])
  expect(document?.value).toEqual({ a: 'b', c: ['d'] })
  expect(document && locateValue(document, ['c', 0]).start).toEqual({ line: 3, column: 5, offset: 14 })
})

test('YAML 1.2 core: yes, dates and octal-looking numbers are what they look like', () => {
  const { document } = parsed('a: yes\nb: 2026-11-23\nc: 010\nd: 0o10\ne: null\nf: ~\n')
  expect(document?.value).toEqual({ a: 'yes', b: '2026-11-23', c: 10, d: 8, e: null, f: null })
})

test('keys named like members of Object.prototype are plain keys', () => {
  const { document } = parsed('constructor: 1\ntoString: 2\nhasOwnProperty: 3\n')
  expect(Object.entries(document?.value ?? {})).toEqual([
    ['constructor', 1],
    ['toString', 2],
    ['hasOwnProperty', 3],
  ])
})

test('a missing value is located at the nearest key around it', () => {
  const { document } = parsed('events:\n  lead_generated:\n    data: {}\n')
  if (document === undefined) throw new Error('not parsed')
  expect(locateValue(document, ['events', 'lead_generated', 'idempotency_key', 0]).start).toMatchObject({
    line: 2,
    column: 3,
  })
  expect(locateKey(document, ['events', 'lead_generated', 'data']).start).toMatchObject({ line: 3, column: 5 })
})

test('a broken text that begins with empty lines is answered', () => {
  expect(parsed('\n "\'\n,').diagnostics[0]?.span.start.line).toBe(2)
  expect(parsed('\n\n  - "a\n').diagnostics).toHaveLength(1)
})

test('whatever text comes, parse answers with a document or findings that lie inside the text', () => {
  const noise = fc.string({ unit: fc.constantFrom(...'ab:-[]{}"\'|>&*!%#?\n\t ,\\0~<='), maxLength: 60 })
  fc.assert(
    fc.property(noise, (text) => {
      const { document, diagnostics } = parsed(text)
      expect(document !== undefined || diagnostics.length > 0).toBe(true)
      for (const { span } of diagnostics) {
        expect(span.start.offset).toBeLessThanOrEqual(text.length + 1)
        expect(span.start.line).toBeGreaterThan(0)
      }
    }),
    { numRuns: 2000 },
  )
})
