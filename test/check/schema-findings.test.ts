import { describe, expect, test } from 'vitest'
import { renderText } from '../../generator/diagnostics/render-text.ts'
import { noColors } from '../../generator/terminal.ts'
import { brokenDefinitions } from '../fixtures/broken-definitions.ts'
import { acme, edit, findingsIn } from '../support/acme.ts'

test('the corpus is large', () => {
  expect(brokenDefinitions.length).toBeGreaterThanOrEqual(90)
})

describe('a mistake gives a report that says what to do', () => {
  test.each(brokenDefinitions)('$name', async ({ name, text, want }) => {
    const findings = findingsIn({ 'acme-crm.yaml': text })
    const report = renderText(findings, { colors: noColors, textOf: () => text })
    await expect(report).toMatchFileSnapshot(`../golden/broken-definitions/${name}.txt`)
    expect([...new Set(findings.map(({ code }) => code))]).toEqual(want)
    for (const { help, message } of findings) {
      expect(help).not.toBe('')
      expect(`${message} ${help}`).not.toMatch(/undefined|\[object|must NOT|invalid/)
    }
  })
})

test.each([['text\n'], ['- a list\n'], ['42\n'], ['null\n']])(
  'a file that holds only %j is no definition, and says so',
  (text) => {
    expect(findingsIn({ 'acme-crm.yaml': text }).map(({ code }) => code)).toEqual(['schema/type'])
  },
)

test('an error in one part hides no finding in another', () => {
  const text = edit(
    acme,
    ['vendor: Acme\n', ''],
    ['stage: lead\n', 'stage: leed\n'],
    ['cites: [acme-docs, acme-blog]', 'cites: [acme-doc, acme-blog]'],
    ['limit: 110', 'limit: many'],
  )
  const codes = findingsIn({ 'acme-crm.yaml': text }).map(({ code }) => code)
  expect(codes).toEqual(['schema/missing-field', 'schema/type', 'event/example-mismatch'])
})

test('findings of all files come sorted by file and position', () => {
  const broken = edit(acme, ['stage: lead\n', 'stage: leed\n'], ['    limit: 110', '    limit: 0'])
  const lineOf = (text: string) => broken.slice(0, broken.indexOf(text)).split('\n').length
  const findings = findingsIn({ 'b.yaml': 'a: [', 'acme-crm.yaml': broken })
  expect(findings.map(({ file, span }) => `${file}:${span.start.line}`)).toEqual([
    `acme-crm.yaml:${lineOf('    limit: 0')}`,
    `acme-crm.yaml:${lineOf('stage: leed')}`,
    'b.yaml:1',
  ])
})
