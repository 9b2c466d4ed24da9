import { describe, expect, test } from 'vitest'
import { formatAllowList, parseAllowList, problemsIn, readAllowList, shrink } from './allow-list.ts'
import { occurrencesIn, occurrencesInFile, proseFiles } from './occurrences.ts'

const HOW_TO_FIX =
  'Rewrite these places as shown. Where an old text moved, or an entry allows more than it needs: npm run prose:shrink'

test('prose uses plain wording, except where the allow-list has an older text', () => {
  expect(problemsIn(proseFiles().flatMap(occurrencesInFile), readAllowList()), HOW_TO_FIX).toEqual([])
})

test('README, CONTRIBUTING and CHANGELOG need no exception', () => {
  const documents = ['README.md ', 'CONTRIBUTING.md ', 'CHANGELOG.md ']
  const entries = [...readAllowList().keys()]
  expect(entries.filter((entry) => documents.some((path) => entry.startsWith(path)))).toEqual([])
})

test('the check reads templates, sources, tests, the schema, definitions and documents', () => {
  expect(proseFiles()).toEqual(
    expect.arrayContaining([
      'README.md',
      'definitions/hubspot-crm.yaml',
      'generator/cli.ts',
      'generator/targets/markdown/templates/glossary.hbs',
      'schema/connector.schema.json',
      'test/cli.test.ts',
    ]),
  )
})

describe('a wording is found', () => {
  test.each([
    ['in Markdown', 'a.md', 'One file.\n\nIt is the only truth about it.\n', ['3 only-truth']],
    ['over a line break in a comment', 'a.ts', '/**\n * Each file is\n * no definition.\n */\n', ['2 is-no']],
    ['in a string', 'a.ts', "report('mends the file')\n", ['1 mend']],
    ['in a template string', 'a.ts', 'const a = 1\nreport(`it is no file`)\n', ['2 is-no']],
    ['after a regular expression with a quote', 'a.ts', "text.replace(/'/g, '')\n// begins anew\n", ['2 anew']],
    ['in the name of a test', 'a.ts', "test('what is saved is validated', () => {})\n", ['1 clause-as-name']],
    ['in a template', 'a.hbs', '{{#if mend}}Whom it concerns{{/if}}\n', ['1 whom']],
    ['in a schema', 'a.json', '{ "description": "A text of the vendor." }\n', ['1 text']],
    ['in a definition', 'a.yaml', 'purpose: >\n  Sends a\n  text.\n', ['2 text']],
    ['once, by the more specific pattern', 'a.md', 'Hold it against the schema.\n', ['1 hold-against']],
    ['as a clause in place of a subject', 'a.md', 'What is registered, the database lists.\n', ['1 clause-as-subject']],
    ['where "per" is meant', 'a.md', 'It writes one JSON Schema an event.\n', ['1 per']],
  ])('%s', (_, path, text, want) => {
    expect(occurrencesIn(path, text).map(({ line, pattern }) => `${line} ${pattern.name}`)).toEqual(want)
  })

  test.each([
    ['an identifier', 'a.ts', 'const stands = mend(texts)\n'],
    ['the name of a module', 'a.ts', "import { mend } from './mend.ts'\n"],
    ['a question', 'a.md', 'What is a connector?\n'],
    ['"there is no"', 'a.md', 'There is no limit.\n'],
    ['"no longer"', 'a.md', 'It is no longer used.\n'],
    ['a lock', 'a.md', 'The process holds a lock.\n'],
    ['a text file', 'a.md', 'Reads a text file.\n'],
  ])('but not in %s', (_, path, text) => {
    expect(occurrencesIn(path, text)).toEqual([])
  })
})

describe('the allow-list', () => {
  const one = occurrencesIn('a.md', 'It begins anew.\n')
  const two = occurrencesIn('a.md', 'It begins anew.\n\nIt ends anew.\n')
  const moved = occurrencesIn('b.md', 'It begins anew.\n')
  const allowed = parseAllowList('a.md anew 1\n')

  test('accepts as many occurrences as it lists', () => {
    expect(problemsIn(one, allowed)).toEqual([])
  })

  test('reports every place of a file with more occurrences', () => {
    expect(problemsIn(two, allowed)).toEqual(['a.md:1 "anew": write again [anew]', 'a.md:3 "anew": write again [anew]'])
  })

  test('reports an entry that allows more than it needs', () => {
    expect(problemsIn([], allowed)).toEqual(['a.md anew: allows 1, found 0'])
  })

  test('shrinks to what the files contain, and follows a text to another file', () => {
    expect(shrink([], allowed)).toEqual({ allowed: new Map() })
    expect(shrink(moved, allowed)).toEqual({ allowed: new Map([['b.md anew', 1]]) })
  })

  test('never grows', () => {
    expect(shrink(two, allowed)).toEqual({ risen: ['anew'] })
  })

  test('takes the lowest count when a merge kept the lines of both sides', () => {
    expect(parseAllowList('a.md anew 3\na.md anew 2\n')).toEqual(new Map([['a.md anew', 2]]))
    expect(formatAllowList(parseAllowList('b.md anew 1\na.md anew 3\na.md anew 2\n'))).toMatch(
      /\na.md anew 2\nb.md anew 1\n$/,
    )
  })
})
