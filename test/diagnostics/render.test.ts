import type { Log } from 'sarif'
import { describe, expect, test } from 'vitest'
import { summaryOf } from '../../generator/check/rules/rules.ts'
import { checkOutput } from '../../generator/commands/check.ts'
import type { Diagnostic } from '../../generator/diagnostics/diagnostic.ts'
import { renderGithub } from '../../generator/diagnostics/render-github.ts'
import { renderSarif } from '../../generator/diagnostics/render-sarif.ts'
import { acme, edit, findingsIn } from '../support/acme.ts'

const findings = findingsIn({
  'acme-crm.yaml': edit(acme, ['type: oauth2', 'type: oauth3'], ['[/contact_id]', '[/contactId]']),
})

const hostile: Diagnostic = {
  code: 'a/b',
  file: 'definitions/ä b,c:d.yaml',
  span: { start: { line: 2, column: 3, offset: 10 }, end: { line: 4, column: 1, offset: 30 } },
  message: 'first\n::error::second 100%',
  help: 'do\r\nthis',
}

describe('as workflow commands', () => {
  test('every finding is one line, at its place', () => {
    const lines = renderGithub(findings).split('\n')
    expect(lines).toHaveLength(findings.length)
    expect(lines[0]).toMatch(
      /^::error file=acme-crm\.yaml,line=31,endLine=31,col=9,endColumn=15,title=schema\/enum::"oauth3" is not one of .*%0Awrite oauth2/,
    )
  })

  test('no text ends a command or begins another', () => {
    expect(renderGithub([hostile])).toBe(
      '::error file=definitions/ä b%2Cc%3Ad.yaml,line=2,endLine=4,title=a/b::first%0A::error::second 100%25%0Ado%0D%0Athis',
    )
  })
})

describe('as SARIF', () => {
  const logOf = (list: readonly Diagnostic[]): Log => JSON.parse(renderSarif(list, { version: '1.2.3', summaryOf }))

  test('every finding is a result of a rule that the log describes', () => {
    const log = logOf(findings)
    const [run] = log.runs
    const rules = run?.tool.driver.rules ?? []
    expect(log.version).toBe('2.1.0')
    expect(run?.results).toHaveLength(findings.length)
    for (const result of run?.results ?? []) expect(rules[result.ruleIndex ?? -1]?.id).toBe(result.ruleId)
    expect(rules.find(({ id }) => id.startsWith('event/'))?.shortDescription?.text).toMatch(/^[A-Z].*\.$/)
    const region = run?.results?.[0]?.locations?.[0]?.physicalLocation?.region
    expect(acme.replace('type: oauth2', 'type: oauth3').slice(region?.charOffset).slice(0, region?.charLength)).toBe(
      'oauth3',
    )
  })

  test('the place is an address, and the text is as it was', () => {
    const [result] = logOf([hostile]).runs[0]?.results ?? []
    expect(result?.locations?.[0]?.physicalLocation?.artifactLocation?.uri).toBe('definitions/%C3%A4%20b,c:d.yaml')
    expect(result?.message.text).toBe('first\n::error::second 100%; do\r\nthis')
  })

  test('no finding is an empty list, which says that all was looked at', () => {
    expect(logOf([]).runs[0]?.results).toEqual([])
  })
})

test('a file that is not up to date is a finding about that file', async () => {
  const { findings: stale = [], exitCode } = await checkOutput({
    definitions: ['test/fixtures'],
    out: 'generated',
    targets: ['json'],
    onlyConnectors: false,
  })
  expect(exitCode).toBe(1)
  expect(stale.map(({ code, file }) => `${code} ${file}`)).toContain(
    'output/missing generated/json/installations/acme-crm.schema.json',
  )
  expect(stale.map(({ code, file }) => `${code} ${file}`)).toContain('output/stale generated/json/registry.json')
})
