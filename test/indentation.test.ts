import fc from 'fast-check'
import { expect, test } from 'vitest'
import { acme, findingsIn } from './support/acme.ts'
import { shiftedAt } from './support/shifts.ts'

const lineCount = acme.split('\n').length

const shifts = fc
  .record({ line: fc.integer({ min: 2, max: lineCount }), by: fc.integer({ min: -4, max: 4 }), isWhole: fc.boolean() })
  .map((shift) => shiftedAt(acme, shift))
  .filter((shift) => shift !== undefined)

test('a line, or a line and all that belongs to it, that is moved is the one finding', () => {
  const broken = fc
    .sample(shifts, { numRuns: 200, seed: 7 })
    .map(({ text, line }) => ({
      line,
      lines: findingsIn({ 'acme-crm.yaml': text }).map(({ span }) => span.start.line),
    }))
    .filter(({ lines }) => lines.length > 0)
  const share = (good: number) => good / broken.length
  expect(broken.length).toBeGreaterThan(150)
  expect(share(broken.filter(({ line, lines }) => lines.includes(line)).length)).toBeGreaterThan(0.9)
  expect(share(broken.filter(({ lines }) => lines.length === 1).length)).toBeGreaterThan(0.9)
}, 120_000)
