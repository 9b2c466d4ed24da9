import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { LineCounter, Parser } from 'yaml'
import { parseYaml } from '../generator/load/parse.ts'
import { plainTree } from '../generator/load/plain-tree.ts'
import type { Located } from '../generator/load/source-document.ts'
import { plainValue } from '../generator/load/value.ts'
import { fc } from './support/property.ts'

/** Every kind of value, and the gaps between values that are usual. */
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

function plain(text: string) {
  const lines = new LineCounter()
  return plainTree(text, [...new Parser(lines.addNewLine).parse(text)], lines)
}

/** What the library's own composer makes of a text, with everything that it finds wrong. */
function composed(text: string) {
  const lines = new LineCounter()
  const parsed = parseYaml(text, lines, { merge: false })
  if (parsed === undefined) throw new Error('too deep')
  const { document } = parsed
  const { value, root, anchors, aliases, diagnostics } = plainValue({ text, file: 'x.yaml', document, lines })
  const rest = [...document.errors, ...document.warnings, ...anchors, ...aliases, ...diagnostics]
  return { value, places: places(root), rest }
}

function places({ key, value, children = new Map() }: Located): unknown {
  return { key, value, children: [...children].map(([segment, located]) => [segment, places(located)]) }
}

function expectSame(text: string): void {
  const read = plain(text)
  if (read === undefined) return
  const want = composed(text)
  expect(want.rest, text).toEqual([])
  expect(JSON.stringify(read.value), text).toBe(JSON.stringify(want.value))
  expect({ value: read.value, places: places(read.root) }, text).toEqual({ value: want.value, places: want.places })
}

const definitions = readdirSync('definitions')
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(`definitions/${name}`, 'utf8'))

describe('a tree that is read directly gives what the composer gives', () => {
  test('for every kind of value', () => {
    expect(plain(KINDS)).toBeDefined()
    expectSame(KINDS)
  })

  test('for definitions as they are', () => {
    expect(definitions.map(plain).filter((read) => read !== undefined)).not.toEqual([])
    for (const text of definitions) expectSame(text)
  })

  test('for pieces of definitions, whole and broken', () => {
    const lines = [KINDS, ...definitions].map((text) => text.split('\n'))
    const pieces = fc.constantFrom(...lines).chain((of) =>
      fc.record({ from: fc.nat(of.length - 1), count: fc.integer({ min: 1, max: 15 }) }).map(({ from, count }) => {
        const piece = of.slice(from, from + count)
        const width = /^ */.exec(piece[0] ?? '')?.[0].length ?? 0
        return `${piece.map((line) => (/^ *$/.test(line.slice(0, width)) ? line.slice(width) : line)).join('\n')}\n`
      }),
    )
    const signs = fc.constantFrom(
      ...' \n\t:-#[]{},"\'|>&*!%@`?~0.\\a\r\u0000\ud800',
      ': ',
      '- ',
      ' #',
      '\n  ',
      '---\n',
      '__proto__',
    )
    const edits = fc.array(fc.record({ at: fc.nat(600), remove: fc.nat(2), insert: fc.option(signs, { nil: '' }) }), {
      maxLength: 3,
    })
    let read = 0
    fc.assert(
      fc.property(pieces, edits, (piece, changes) => {
        const text = changes.reduce((before, { at, remove, insert }) => {
          const place = at % (before.length + 1)
          return before.slice(0, place) + insert + before.slice(place + remove)
        }, piece)
        if (plain(text) !== undefined) read += 1
        expectSame(text)
      }),
      { numRuns: 3000 },
    )
    expect(read).toBeGreaterThan(500)
  })
})

test.each([
  ['a tag', 'a: !!str b\n'],
  ['an anchor', 'a: &b c\n'],
  ['an alias', 'a: *b\n'],
  ['a directive', '%YAML 1.2\n---\na: b\n'],
  ['two documents', 'a: b\n---\nc: d\n'],
  ['an empty value', 'a:\nb: c\n'],
  ['a key that is no text', '1: b\n'],
  ['a key twice', 'a: b\na: c\n'],
  ['a tab', 'a:\tb\n'],
  ['a comment that touches a value', 'a: "b"#c\n'],
  ['a bracket that is not closed', 'a: [b\n'],
  ['an inexact number', 'a: 12345678901234567890\n'],
  ['a control character', 'a: "\\b"\n'],
  ['a path that means something else', 'a: "C:\\temp"\n'],
  ['a list', '- a\n'],
  ['nothing', '\n'],
])('%s is left to the composer', (_, text) => {
  expect(plain(text)).toBeUndefined()
})

test('what nests too deeply, or holds too many values, is left to the composer', () => {
  expect(plain(`a: ${'['.repeat(64)}${']'.repeat(64)}\n`)).toBeDefined()
  expect(plain(`a: ${'['.repeat(65)}${']'.repeat(65)}\n`)).toBeUndefined()
  expect(plain(`a: ${'['.repeat(20_000)}\n`)).toBeUndefined()
  expect(plain(`a:\n${'- b\n'.repeat(99_998)}`)).toBeDefined()
  expect(plain(`a:\n${'- b\n'.repeat(99_999)}`)).toBeUndefined()
})
