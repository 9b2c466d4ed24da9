import { OperationalError } from '../diagnostics/operational-error.ts'
import type { Colors } from '../diagnostics/render-text.ts'
import type { Answers, Given } from '../scaffold/answers.ts'
import { buildDefinition } from '../scaffold/build-definition.ts'
import type { ConversionNote } from '../scaffold/conversion-report.ts'
import type { Draft } from '../scaffold/draft.ts'
import { few } from '../scaffold/names.ts'
import { cut } from '../scaffold/plain-text.ts'
import { selectByName } from '../scaffold/select-by-name.ts'
import { count } from '../text/count.ts'

/** What became of a published document. */
export interface FromReport {
  readonly from: { readonly kind: string; readonly files: readonly string[] }
  readonly events: Fate
  readonly endpoints: Fate
  readonly notImported: readonly ConversionNote[]
}

interface Fate {
  readonly taken: readonly string[]
  /** What is in the document and was not asked for. */
  readonly left: readonly string[]
}

/** Events and endpoints that are taken where nobody has said which. */
const MOST_UNASKED = 20

interface FromInput {
  readonly answers: Answers
  readonly draft: Draft
  readonly given: Given
}

interface FromOutput {
  readonly text: string
  readonly samples: readonly { readonly path: string; readonly text: string }[]
  readonly report: FromReport
}

/** Answers that follow from a document, for whoever gives no others. */
export function usualFrom({ title, documentation, files, kind, auth }: Draft): Partial<Answers> {
  const stem = (files[0]?.split(/[\\/]/).at(-1) ?? '').replace(/(?:\.schema)?\.\w+$/, '')
  const said = title ?? (kind === 'JSON Schema' ? stem : undefined)
  const code = said === undefined ? undefined : codeOf(said)
  return {
    ...(code === undefined ? {} : { code }),
    ...(title === undefined ? {} : { name: cut(title.replace(/\s+/g, ' '), 80) }),
    ...(documentation === undefined ? {} : { documentation }),
    ...(auth === undefined ? {} : { auth: auth.type }),
  }
}

/** As many words of a title as a code has room for; undefined where none of them can stand in one. */
function codeOf(title: string): string | undefined {
  const words = title
    .replace(/['’]/g, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
  let code = ''
  for (const word of words) {
    const longer = code === '' ? word.slice(0, 30) : `${code}-${word}`
    if (longer.length > 30) break
    code = longer
  }
  return /^[a-z][a-z0-9-]+$/.test(code) ? code : undefined
}

/** Picks from a document, and makes a definition of what was picked. */
export async function fromPublished({ answers, draft, given }: FromInput): Promise<FromOutput> {
  if (given.events !== undefined && given.events.length > 0 && draft.events.length === 0)
    throw new OperationalError('the document has no events', {
      help: 'leave out --events; add events to the definition once it is written',
    })
  const isNamed = given.events !== undefined && draft.events.length > 0
  const events = selectByName(draft.events, {
    names: isNamed ? given.events : undefined,
    most: MOST_UNASKED,
    noun: 'event',
  })
  const endpoints = selectByName(draft.endpoints, { names: given.endpoints, most: MOST_UNASKED, noun: 'endpoint' })
  if (draft.events.length === 0)
    draft.report.add('events', 'the document describes none', { file: draft.files[0] ?? '', pointer: '' })
  const made = await buildDefinition(answers, draft, { events: events.taken, endpoints: endpoints.taken, isNamed })
  return {
    text: made.text,
    samples: made.samples,
    report: {
      from: { kind: draft.label, files: draft.files },
      events: { taken: made.events, left: [...made.left, ...events.left.map(({ name }) => name)] },
      endpoints: { taken: endpoints.taken.map(({ name }) => name), left: endpoints.left.map(({ name }) => name) },
      notImported: draft.report.all(),
    },
  }
}

/** Names and notes in one report for people; all of them are in JSON. */
const MOST_NAMES = 8
const MOST_NOTES = 25

/** The report for people: what was taken, what was left, and what could not be imported. */
export function reportLines({ from, events, endpoints, notImported }: FromReport, colors: Colors): readonly string[] {
  const lines = [
    `        from ${few(from.files)} (${from.kind}): ${count(events.taken.length, 'event')}, ${count(endpoints.taken.length, 'endpoint')}`,
  ]
  lines.push(...leftLines('events', events.left), ...leftLines('endpoints', endpoints.left))
  if (notImported.length === 0) return lines
  lines.push('', colors.bold('not imported'))
  for (const { what, reason, places } of notImported.slice(0, MOST_NOTES)) {
    const [first] = places
    const more = places.length > 1 ? ` and ${count(places.length - 1, 'more place')}` : ''
    const file = from.files.length > 1 ? first?.file : ''
    lines.push(`  ${what}: ${reason}`, colors.dim(`    ${file}#${first?.pointer}${more}`))
  }
  if (notImported.length > MOST_NOTES)
    lines.push(`  and ${count(notImported.length - MOST_NOTES, 'more remark')}; --format json has them all`)
  return lines
}

function leftLines(noun: 'events' | 'endpoints', names: readonly string[]): readonly string[] {
  if (names.length === 0) return []
  const shown = names.slice(0, MOST_NAMES).join(', ')
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''
  return [`        left out, for --${noun} to pick from: ${shown}${more}`]
}
