import type { FindingKind } from '../../../check/catalogue.ts'
import { render } from '../../../compiled/templates.js'
import type { OutputFile } from '../../../model/connector.ts'
import { code, fence, join, text, yamlString } from '../markdown.ts'
import { prose, referenceHeader } from './prose.ts'

/** What the first word of a code stands for, in the order in which findings arise. */
const GROUPS: readonly (readonly [prefix: string, title: string])[] = [
  ['load', 'Files'],
  ['yaml', 'YAML'],
  ['schema', 'The format'],
  ['style', 'How it is written'],
  ['waiver', 'Waivers'],
  ['file', 'The definition as a whole'],
  ['url', 'Addresses'],
  ['source', 'Sources'],
  ['status', 'Status'],
  ['changes', 'Changes'],
  ['capability', 'Capabilities'],
  ['privacy', 'Privacy'],
  ['text', 'Text'],
  ['auth', 'Authentication'],
  ['field', 'Authentication fields'],
  ['scope', 'Scopes'],
  ['api', 'The API'],
  ['endpoint', 'Endpoints'],
  ['parameter', 'Parameters'],
  ['rate-limit', 'Rate limits'],
  ['webhook', 'Webhooks'],
  ['delivery', 'Deliveries'],
  ['event', 'Events'],
  ['registry', 'Across definitions'],
]

/** Every kind of finding: why it exists, a bad and a good example, and whether it can be waived. */
export function rulesPage(kinds: readonly FindingKind[]): OutputFile {
  const groups = GROUPS.map(([prefix, title]) => ({
    title,
    rules: kinds.filter((kind) => kind.code.startsWith(`${prefix}/`)).map(ruleView),
  }))
  const shown = groups.reduce((sum, { rules }) => sum + rules.length, 0)
  if (shown !== kinds.length) throw new Error('a kind of finding belongs to no group of the rules page')
  const title = 'Findings and rules'
  const description = 'Every finding that validate can report: why it exists, a bad and a good example.'
  const front = { title: yamlString(title), description: yamlString(description) }
  const header = referenceHeader('the rules under generator/check')
  return {
    path: 'docs/reference/rules.md',
    text: `${render('markdown/rules', { header, ...front, groups }).trimEnd()}\n`,
  }
}

function ruleView({ code: name, summary, why, bad, good, help, waivable }: FindingKind) {
  return {
    heading: name,
    summary: prose(summary ?? ''),
    why: prose(why),
    bad: fence('yaml', bad),
    good: fence('yaml', good),
    help: help === undefined ? '' : join([text('What to do:'), prose(`${help}.`)], ' '),
    waiver: waivable ? join([text('It can be waived, with a reason:'), code(`rule: ${name}`)], ' ') : '',
  }
}

/** The anchor that renderers make of a code which is a heading. */
export function anchorOf(name: string): string {
  return name.replaceAll('/', '')
}
