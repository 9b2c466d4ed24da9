import type { FindingKind } from '../../../check/finding-kinds.ts'
import type { OutputFile } from '../../../model/connector.ts'
import { code, fence, join, text } from '../markdown.ts'
import { prose } from './prose.ts'
import { referencePage } from './reference-page.ts'

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
  ['subscription', 'Subscriptions'],
  ['delivery', 'Deliveries'],
  ['routing', 'Routing'],
  ['event', 'Events'],
  ['poll', 'Polls'],
  ['shared-schema', 'Shared schemas'],
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
  return referencePage(
    {
      name: 'rules',
      source: 'the rules under generator/check',
      title: 'Findings and rules',
      description: 'Every finding that validate can report: why it exists, a bad and a good example.',
    },
    { groups },
  )
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
