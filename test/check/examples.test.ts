import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findingKinds } from '../../generator/check/finding-kinds.ts'
import { rules } from '../../generator/check/rules/rules.ts'
import { schemaDiagnostics } from '../../generator/check/schema-diagnostics.ts'
import { waiverRules } from '../../generator/check/waivers.ts'
import type { Explanation } from '../../generator/diagnostics/explanation.ts'
import { snippet } from '../../generator/diagnostics/explanation.ts'
import { renderText } from '../../generator/diagnostics/render-text.ts'
import { loadDiagnostics, syntaxDiagnostics } from '../../generator/load/diagnostics.ts'
import { parse } from '../../generator/load/parse.ts'
import { noColors } from '../../generator/terminal.ts'
import { acme, findingsIn, inspectedFindingsIn } from '../support/acme.ts'

type Files = Readonly<Record<string, string>>

/** Three definitions without a finding; together they contain the good example of every rule. */
const base: Files = {
  'acme-crm.yaml': acme,
  'orbit-crm.yaml': readFileSync(join(import.meta.dirname, '..', 'fixtures', 'orbit-crm.yaml'), 'utf8'),
  'beacon-pay.yaml': readFileSync(join(import.meta.dirname, '..', 'fixtures', 'beacon-pay.yaml'), 'utf8'),
}

/** The base with the bad example in the place of the good one. */
function broken({ bad, good }: Explanation): Files {
  for (const [file, text] of Object.entries(base)) {
    const spliced = splice(text, { bad, good })
    if (spliced !== undefined) return { ...base, [file]: spliced }
  }
  throw new Error(`the base definitions do not contain:\n${good}`)
}

/** Puts the lines of the bad example where those of the good one are, part by part between the lines with `…`. */
function splice(text: string, { bad, good }: Pick<Explanation, 'bad' | 'good'>): string | undefined {
  const [from, to] = [good, bad].map((example) => example.split(/\n *…\n/))
  if (from?.length !== to?.length) throw new Error(`both examples need the same lines with "…":\n${bad}`)
  let before = ''
  let rest: string | undefined = text
  for (const [index, part] of (from ?? []).entries()) {
    const found: { readonly at: number; readonly text: string; readonly indent: string } | undefined = find(rest, part)
    if (found === undefined) return undefined
    before += rest.slice(0, found.at) + indented(to?.[index] ?? '', found.indent)
    rest = rest.slice(found.at + found.text.length)
  }
  return before + rest
}

function find(text: string, part: string) {
  const indents = new Set([...text.matchAll(/^ *(?:- )?/gm)].map(([indent]) => indent.replace('- ', '')))
  for (const indent of indents) {
    const wanted = indented(part, indent)
    const at = `\n${text}`.indexOf(`\n${wanted}\n`)
    if (at !== -1) return { at, text: wanted, indent }
  }
  return undefined
}

function indented(text: string, indent: string): string {
  return text.replace(/^(?=.)/gm, indent)
}

const inDefinition: readonly (readonly [string, Explanation])[] = Object.entries({
  ...schemaDiagnostics,
  ...rules,
  ...waiverRules,
}).filter(([code]) => code !== 'schema/no-definition')

test('the definitions around the examples have no finding', async () => {
  expect(await inspectedFindingsIn(base)).toEqual([])
})

describe('the bad example in the place of the good one gives this one finding', () => {
  test.each(inDefinition)('%s', async (code, explanation) => {
    const files = broken(explanation)
    const findings = await inspectedFindingsIn(files)
    expect(findings.map((finding) => finding.code)).toEqual([code])
    const report = renderText(findings, { colors: noColors, textOf: (file) => files[file] })
    if (!code.startsWith('schema/'))
      await expect(report).toMatchFileSnapshot(`../golden/findings/${code.replace('/', '.')}.txt`)
  })
})

const inText: readonly (readonly [string, Explanation])[] = Object.entries({
  ...loadDiagnostics,
  ...syntaxDiagnostics,
}).filter(([, { describesFile }]: readonly [string, Explanation]) => describesFile !== true)

describe('a file that consists of the bad example has this one finding, and of the good one none', () => {
  test.each(inText)('%s', (code, { good, bad }) => {
    const codesIn = (text: string) => parse({ file: 'x.yaml', stem: 'x', text }).diagnostics.map((one) => one.code)
    expect(codesIn(`${bad}\n`)).toEqual([code])
    expect(codesIn(`${good}\n`)).toEqual([])
  })
})

test('a file of something else has the one finding schema/no-definition', () => {
  const { bad } = schemaDiagnostics['schema/no-definition']
  expect(findingsIn({ 'acme-crm.yaml': bad }).map(({ code }) => code)).toEqual(['schema/no-definition'])
})

describe('each explanation is a sentence with two different examples', () => {
  test.each(findingKinds.map((kind) => [kind.code, kind] as const))('%s', (_, { why, good, bad }) => {
    expect(why).toMatch(/^[A-Z].*\.$/s)
    expect(bad).not.toBe(good)
  })
})

describe('each rule has a summary and a remedy', () => {
  test.each(Object.entries({ ...rules, ...waiverRules }))('%s', (_, { summary, help }) => {
    expect(summary).toMatch(/^[A-Z].*\.$/)
    expect(help).toMatch(/^[a-z`].*[^.]$/)
  })
})

test('a snippet loses the indentation that its lines share, and keeps backslashes', () => {
  expect(snippet`
    pattern: "\b"

      deeper
  `).toBe('pattern: "\\b"\n\n  deeper')
})
