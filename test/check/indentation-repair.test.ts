import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { acme, edit, findingsIn } from '../support/acme.ts'
import { fc } from '../support/property.ts'
import { shiftedAt } from '../support/shifts.ts'

const lineCount = acme.split('\n').length

const shifts = fc
  .record({ line: fc.integer({ min: 2, max: lineCount }), by: fc.integer({ min: -4, max: 4 }), isWhole: fc.boolean() })
  .map((shift) => shiftedAt(acme, shift))
  .filter((shift) => shift !== undefined)

test('a line, or a line and all that belongs to it, that is moved is the one finding', () => {
  const broken = fc
    .sample(shifts, { numRuns: 50 })
    .map(({ text, line }) => ({
      line,
      lines: findingsIn({ 'acme-crm.yaml': text }).map(({ span }) => span.start.line),
    }))
    .filter(({ lines }) => lines.length > 0)
  const share = (good: number) => good / broken.length
  expect(broken.length).toBeGreaterThan(35)
  expect(share(broken.filter(({ line, lines }) => lines.includes(line)).length)).toBeGreaterThan(0.9)
  expect(share(broken.filter(({ lines }) => lines.length === 1).length)).toBeGreaterThan(0.9)
}, 180_000)

test('a moved line is found beside a slip of syntax elsewhere', () => {
  const text = edit(
    acme,
    ['vendor: Acme\n', 'vendor => Acme\n'],
    ['      required: true\n      used_for: [oauth]\n', '    required: true\n      used_for: [oauth]\n'],
  )
  const findings = findingsIn({ 'acme-crm.yaml': text })
  expect(findings.map(({ code, span }) => [code, span.start.line])).toEqual([
    ['yaml/colon', 7],
    ['yaml/indentation', 37],
  ])
})

test.each([['definitions/zapier-webhook.yaml'], ['definitions/hubspot-crm.yaml']])(
  'in %s a field at the column of its owner is the line that is named',
  (file) => {
    const text = readFileSync(file, 'utf8')
    const line = text.slice(0, text.indexOf('\n      required: true')).split('\n').length + 1
    const shifted = shiftedAt(text, { line, by: -2, isWhole: false })
    const name = file.replace('definitions/', '')
    expect(findingsIn({ [name]: shifted?.text ?? '' }).map(({ span }) => span.start.line)).toEqual([line])
  },
)
