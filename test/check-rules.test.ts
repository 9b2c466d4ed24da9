import { describe, expect, test } from 'vitest'
import { rules } from '../generator/check/rules/rules.ts'
import { renderText } from '../generator/diagnostics/render-text.ts'
import { breaches } from './fixtures/breaches.ts'
import { acme, findingsIn, zenith } from './support/acme.ts'
import { plain } from './support/plain-colors.ts'

test('the definition that the breaches start from has no finding', () => {
  expect(findingsIn({ 'acme-crm.yaml': acme, 'zenith-crm.yaml': zenith })).toEqual([])
})

describe('each rule is broken by its fixture, and no other rule is', () => {
  test.each(Object.entries(breaches))('%s', async (code, files) => {
    const findings = findingsIn(files)
    expect([...new Set(findings.map((finding) => finding.code))]).toEqual([code])
    const report = renderText(findings, { colors: plain, textOf: (file) => (files as Record<string, string>)[file] })
    await expect(report).toMatchFileSnapshot(`golden/findings/${code.replace('/', '.')}.txt`)
  })
})

describe('each rule says what holds and what to do', () => {
  test.each(Object.entries(rules))('%s', (_, { summary, help }) => {
    expect(summary).toMatch(/^[A-Z].*\.$/)
    expect(help).toMatch(/^[a-z`].*[^.]$/)
  })
})
