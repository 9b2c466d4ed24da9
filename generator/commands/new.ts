import { join } from 'node:path'
import { check } from '../check/check.ts'
import { Fault } from '../diagnostics/fault.ts'
import { parse } from '../load/parse.ts'
import type { Registry } from '../model/connector.ts'
import { createFile } from '../output/create-file.ts'
import type { Answers } from '../scaffold/definition.ts'
import { scaffold, usualAnswers } from '../scaffold/definition.ts'
import { suggestion } from '../text/closest.ts'
import type { Outcome } from './outcome.ts'
import { readRegistry } from './read-registry.ts'

/** Answers that were given already; what is missing has a usual answer, or is asked for. */
export type Given = Partial<Omit<Answers, 'today'>>

/** Asks a person for what was not given; undefined where he has had enough. */
export type Ask = (given: Given, choices: Choices) => Promise<Given | undefined>

/** What a question can be answered with, and what is said of an answer that will not do. */
export interface Choices {
  readonly categories: readonly string[]
  readonly usual: (code: string) => Required<Pick<Answers, 'name' | 'vendor' | 'namespace'>>
  readonly problemOf: (field: keyof Given, answer: string) => string | undefined
}

export interface NewOptions {
  readonly definitions: string
  readonly given: Given
  /** Missing where nobody is there to ask. */
  readonly ask?: Ask
  readonly today: string
}

export const CATEGORIES = [
  'advertising',
  'ai',
  'analytics',
  'automation',
  'communication',
  'crm',
  'developer_tools',
  'ecommerce',
  'finance',
  'hr',
  'logistics',
  'marketing',
  'messaging',
  'payments',
  'productivity',
  'scheduling',
  'social',
  'storage',
  'support',
]

/** Writes a definition that validates, to be filled in. */
export async function newDefinition(options: NewOptions): Promise<Outcome> {
  const registry = await knownConnectors(options.definitions)
  const problemOf = (field: keyof Given, answer: string) => problemWith(field, answer, registry)
  const choices = { categories: CATEGORIES, usual: usualAnswers, problemOf }
  const given = options.ask === undefined ? options.given : await options.ask(options.given, choices)
  if (given === undefined) return cancelled()
  const answers = complete(given, options.today)
  for (const field of ['code', 'name', 'vendor', 'category', 'namespace', 'documentation'] as const)
    requireFit(field, answers[field], problemOf)
  for (const event of answers.events) requireFit('events', event, problemOf)

  const text = scaffold(answers)
  const path = join(options.definitions, `${answers.code}.yaml`)
  requireValid(answers, text)
  if (!(await createFile(path, text))) {
    throw new Fault(`there is "${path}" already`, { help: 'edit that file, or choose another code' })
  }
  const left = text.split('\n').filter((line) => line.includes('# FILL IN')).length
  return {
    exitCode: 0,
    json: { ok: true, file: path, fillIn: left },
    text: (colors) =>
      [
        `${colors.green('created')} ${path}: valid as it stands, with ${left} places to fill in`,
        '',
        `  ${colors.bold('npx hera-connectors validate')}   after each change`,
        `  ${colors.bold('npx hera-connectors dev')}        to try it; simulate ${answers.code} --all sends it samples`,
        '',
      ].join('\n'),
  }
}

/** A folder without a definition is a fine place for the first one. */
async function knownConnectors(folder: string): Promise<Registry> {
  try {
    return (await readRegistry(folder)).registry
  } catch (error) {
    if (error instanceof Fault) return { connectors: [] }
    throw error
  }
}

function complete(given: Given, today: string): Answers {
  const { code } = given
  if (code === undefined)
    throw new Fault('the new connector needs a code', { help: 'hera-connectors new my-vendor-crm --category crm' })
  return {
    ...usualAnswers(code),
    category: 'productivity',
    auth: 'api_key',
    documentation: 'https://example.com/docs',
    events: ['item_created'],
    ...given,
    code,
    today,
  }
}

function requireFit(field: keyof Given, answer: string, problemOf: Choices['problemOf']): void {
  const problem = problemOf(field, answer)
  if (problem !== undefined) throw new Fault(`${field} "${answer}" ${problem}`, { help: 'hera-connectors new --help' })
}

function problemWith(field: keyof Given, answer: string, { connectors }: Registry): string | undefined {
  switch (field) {
    case 'code':
      if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(answer) || answer.length < 2 || answer.length > 30)
        return 'must be 2 to 30 small letters and digits, words joined by hyphens'
      return connectors.some(({ code }) => code === answer) ? 'is taken' : undefined
    case 'namespace':
      if (!/^[A-Z][A-Z0-9]{2,14}$/.test(answer)) return 'must be 3 to 15 capital letters and digits'
      return connectors.some(({ namespace }) => namespace === answer) ? 'is taken' : undefined
    case 'category':
      return CATEGORIES.includes(answer) ? undefined : `is no category${suggestion(answer, CATEGORIES)}`
    case 'documentation':
      return URL.canParse(answer) && answer.startsWith('https://') ? undefined : 'must be an https address'
    case 'events':
      return /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/.test(answer) && answer.length <= 30
        ? undefined
        : 'must be small letters and digits, words joined by underscores, such as order_paid'
    default:
      return answer.trim() === '' || /[\r\n]/.test(answer) || answer.length > 80
        ? 'must be one line of text'
        : undefined
  }
}

/** A scaffold that the rules refuse is a mistake of ours: it must not reach anybody's folder. */
function requireValid({ code }: Answers, text: string): void {
  const { document, diagnostics } = parse({ file: `${code}.yaml`, stem: code, text })
  const found = [...diagnostics, ...(document === undefined ? [] : check([document]).diagnostics)]
  const [first] = found
  if (first === undefined) return
  throw new Fault(`these answers make no valid definition: ${first.message}`, { help: first.help })
}

function cancelled(): Outcome {
  return { exitCode: 1, json: { ok: false, cancelled: true }, text: () => 'cancelled; nothing was written' }
}
