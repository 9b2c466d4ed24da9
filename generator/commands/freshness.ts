import { visible } from '../diagnostics/render-text.ts'
import type { Connector } from '../model/connector.ts'
import { sourcesOf } from '../model/facts.ts'
import { ownConnectors } from '../model/select.ts'
import type { RunOptions } from '../pipeline/build-options.ts'
import { readRegistry } from '../pipeline/pipeline.ts'
import { count } from '../text/count.ts'
import { defineCommand, parameter } from './command.ts'
import { registryParameters, runOptions } from './options.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'

export const command = defineCommand({
  description: 'list facts whose source was read more than a year ago, and claims past their review date',
  examples: ['freshness', 'freshness --today 2027-12-01 --format markdown'],
  notes: 'Exits with 1 if there is something to review. No other command depends on the date.',
  formats: ['markdown'],
  parameters: {
    ...registryParameters,
    today: parameter<string | undefined>(
      '--today <date>',
      'date to compare with, YYYY-MM-DD; the current one by default',
      {
        parse: date,
      },
    ),
  },
  run: ({ today = currentDate(), ...options }, context) =>
    freshness({ ...options, today, ...runOptions(options, 'outside CI', context) }),
})

interface FreshnessOptions extends RunOptions {
  readonly definitions: readonly string[]
  readonly today: string
}

/** Something to check again. */
type Stale =
  | {
      readonly kind: 'source'
      readonly connector: string
      readonly source: string
      readonly title: string
      readonly read: string
      /** Paths of the facts that cite it. */
      readonly facts: readonly string[]
    }
  | {
      readonly kind: 'claim'
      readonly connector: string
      readonly fact: string
      readonly claim: string
      readonly review_by: string
    }

/** Lists what is older than a year, or past its review date, on a given day. */
export async function freshness(options: FreshnessOptions): Promise<Outcome> {
  const reading = await readRegistry(options.definitions, options)
  if (reading.diagnostics.length > 0) return findingsOutcome(reading)
  const { connectors } = ownConnectors(reading.registry)
  const stale = connectors.flatMap((connector) => staleIn(connector, options.today))
  return {
    exitCode: stale.length === 0 ? 0 : 1,
    json: { ok: stale.length === 0, today: options.today, stale },
    markdown: () => markdown(stale, options.today),
    text: ({ green, yellow, bold }) =>
      stale.length === 0
        ? `${green('fresh')}: ${count(connectors.length, 'connector')} on ${options.today}`
        : [
            ...grouped(stale).flatMap(([connector, items]) => [
              bold(connector),
              ...items.flatMap((item) => [`  ${headingOf(item)}`, ...factsOf(item).map((fact) => `    ${fact}`)]),
              '',
            ]),
            `${yellow(count(stale.length, 'item'))} to review on ${options.today}`,
          ].join('\n'),
  }
}

function staleIn(connector: Connector, today: string): readonly Stale[] {
  const { code } = connector
  const citations = new Map<string, string[]>()
  const claims: Stale[] = []
  for (const { path, value } of objectsIn(connector)) {
    // The default of a definition is cited wherever nothing else is.
    const fact = path === '' ? 'facts without their own source' : path
    for (const source of sourcesOf(value.cites)) citations.set(source, [...(citations.get(source) ?? []), fact])
    const { review_by } = value
    if (typeof review_by === 'string' && review_by <= today)
      claims.push({ kind: 'claim', connector: code, fact, claim: claimOf(value), review_by })
  }
  const limit = yearBefore(today)
  const sources = Object.entries(connector.sources)
    .filter(([, { read }]) => read < limit)
    .map(([source, { title, read }]): Stale => {
      return { kind: 'source', connector: code, source, title, read, facts: citations.get(source) ?? [] }
    })
  return [...sources, ...claims]
}

type Properties = Readonly<Record<string, unknown>>

/** Every object of a connector except data schemas and examples, with its path; entries of lists by their names. */
function* objectsIn(value: unknown, path = ''): Generator<{ readonly path: string; readonly value: Properties }> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield { path, value: value as Properties }
  for (const [key, child] of Object.entries(value)) {
    if (NOT_FACTS.includes(key)) continue
    const name = Array.isArray(value) ? nameOf(child, key) : key
    yield* objectsIn(child, path === '' ? name : `${path}.${name}`)
  }
}

/** Mappings that may contain any key. */
const NOT_FACTS: readonly string[] = ['data', 'example', 'examples', 'deliveries', 'sources']

function nameOf(entry: unknown, index: string): string {
  const { name, title, problem } = (typeof entry === 'object' && entry !== null ? entry : {}) as Properties
  return String(name ?? title ?? problem ?? index)
}

/** The text that the review date is about. */
function claimOf({ versioning, description, summary }: Properties): string {
  return String(versioning ?? description ?? summary ?? '').replaceAll(/\s+/g, ' ')
}

function grouped(stale: readonly Stale[]): readonly (readonly [string, readonly Stale[]])[] {
  return [...new Set(stale.map(({ connector }) => connector))].map((connector) => [
    connector,
    stale.filter((item) => item.connector === connector),
  ])
}

function headingOf(item: Stale): string {
  return item.kind === 'source'
    ? visible(`${item.source}, read on ${item.read}: ${item.title}`)
    : visible(`${item.fact}, to review by ${item.review_by}`)
}

function factsOf(item: Stale): readonly string[] {
  if (item.kind === 'claim') return [visible(item.claim)]
  return item.facts.length === 0 ? ['cited by no fact'] : item.facts.map(visible)
}

function markdown(stale: readonly Stale[], today: string): string {
  if (stale.length === 0) return `Nothing to review on ${today}.`
  return grouped(stale)
    .map(([connector, items]) => {
      const lines = items.flatMap((item) => [
        `- [ ] ${escaped(headingOf(item))}`,
        ...factsOf(item).map((fact) => `  - ${escaped(fact)}`),
      ])
      return `## ${connector}\n\n${lines.join('\n')}\n`
    })
    .join('\n')
}

/** Plain text in Markdown; an @ would notify whoever has that name on GitHub. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>#|~]/g, '\\$&').replaceAll('@', '@\u200b')
}

function date(text: string): string {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text
  if (!isDate) throw new Error('It must be a date such as 2026-11-23.')
  return text
}

function currentDate(): string {
  return new Date().toISOString().slice(0, 10)
}

function yearBefore(today: string): string {
  return `${String(Number(today.slice(0, 4)) - 1).padStart(4, '0')}${today.slice(4)}`
}
