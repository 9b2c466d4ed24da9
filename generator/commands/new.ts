import { join } from 'node:path'
import { check } from '../check/check.ts'
import { scanForSensitiveData } from '../check/sensitive-data/scan.ts'
import { OperationalError } from '../diagnostics/operational-error.ts'
import { createFiles } from '../files/create.ts'
import { parse } from '../load/parse.ts'
import { schemaPath } from '../load/schema-path.ts'
import { readVendorDocument } from '../load/vendor-document.ts'
import type { Registry } from '../model/connector.ts'
import type { RunOptions } from '../pipeline/build-options.ts'
import { readRegistry } from '../pipeline/pipeline.ts'
import { type Answers, type Ask, type Choices, type Given, usualAnswers } from '../scaffold/answers.ts'
import { definitionText } from '../scaffold/definition-text.ts'
import type { Draft } from '../scaffold/draft.ts'
import { LONGEST_EVENT_NAME } from '../scaffold/names.ts'
import { FILL_IN } from '../scaffold/yaml-text.ts'
import { suggestion } from '../text/closest.ts'
import { count } from '../text/count.ts'
import { signatureElements } from '../vocabulary/signatures.ts'
import { defineCommand, flag, parameter } from './command.ts'
import { type FromReport, fromPublished, reportLines, usualFrom } from './new-from.ts'
import { registryParameters, runOptions } from './options.ts'
import type { Outcome } from './outcome.ts'

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

const answers = {
  code: parameter('[code]', 'code of the connector, such as my-vendor-crm'),
  name: parameter('--name <name>', 'display name'),
  vendor: parameter('--vendor <vendor>', 'company that provides the API'),
  category: parameter<string>('--category <category>', 'category in the catalogue', { choices: CATEGORIES }),
  namespace: parameter('--namespace <namespace>', 'second segment of the smart codes, such as MYVENDOR'),
  auth: parameter<Answers['auth']>('--auth <type>', 'how installers authenticate', {
    choices: ['api_key', 'oauth2', 'webhook'],
  }),
  documentation: parameter('--documentation <url>', "URL of the vendor's documentation"),
  events: parameter<readonly string[]>(
    '--events <name...>',
    'names of events, such as order_paid; with --from, the events to import, * for any letters',
  ),
  endpoints: parameter<readonly string[]>(
    '--endpoints <name...>',
    'with --from, the endpoints to import, * for any letters',
  ),
}

const webhookAnswers = {
  signature: parameter<NonNullable<Answers['signature']>>(
    '--signature <algorithm>',
    'how the vendor proves deliveries',
    {
      choices: Object.keys(signatureElements) as NonNullable<Answers['signature']>[],
    },
  ),
  handshake: flag('--handshake', 'the vendor checks the webhook URL'),
  subscription: flag('--subscription', 'an application subscribes to webhooks by calls'),
}

export const command = defineCommand({
  description: 'write a valid definition for you to complete; prompts for missing answers',
  examples: ['new my-vendor-crm --category crm', 'new my-vendor-crm --from openapi.json --events "order_*" --yes'],
  parameters: {
    ...registryParameters,
    ...answers,
    ...webhookAnswers,
    from: parameter<readonly string[]>(
      '--from <file...>',
      "the vendor's OpenAPI or AsyncAPI document, JSON Schema, or sample payloads",
    ),
    yes: flag('--yes', 'accept the defaults without prompting'),
  },
  async run({ definitions, cache, from, yes, ...values }, context) {
    const given: Given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
    const prompts = yes || !context.isInteractive ? {} : { ask: (await import('./new-prompts.ts')).askOnTerminal }
    const today = new Date().toISOString().slice(0, 10)
    const options = { definitions, given, today, ...runOptions({ cache }, 'outside CI', context) }
    return newDefinition({ ...options, ...(from === undefined ? {} : { from }), ...prompts })
  },
})

export interface NewOptions extends RunOptions {
  readonly definitions: readonly string[]
  readonly given: Given
  /** Files of the vendor to start from. */
  readonly from?: readonly string[]
  /** Missing where nobody is there to ask. */
  readonly ask?: Ask
  readonly today: string
}

/** Writes a definition that validates, to be filled in. */
export async function newDefinition(options: NewOptions): Promise<Outcome> {
  const { given: said, from = [], ask, today } = options
  const [folder = 'definitions'] = options.definitions
  const registry = await knownConnectors(options)
  const problemOf = (field: keyof Given, answer: string) => problemWith(field, answer, registry)
  const draft = from.length === 0 ? undefined : await draftOf(from, said)
  if (draft === undefined && said.endpoints !== undefined)
    throw new OperationalError('--endpoints picks from a document, and none is named', {
      help: 'name the document with --from',
    })
  const given = ask === undefined ? said : await ask(said, choicesOf(draft, problemOf))
  if (given === undefined) return cancelled()
  const answers = { ...complete(given, today, draft), schema: await schemaPath(folder) }
  for (const field of ['code', 'name', 'vendor', 'category', 'namespace', 'documentation'] as const) {
    const answer = answers[field]
    if (answer !== undefined) requireFit(field, answer, problemOf)
  }
  if (draft === undefined) for (const event of answers.events) requireFit('events', event, problemOf)

  const path = join(folder, `${answers.code}.yaml`)
  if (draft === undefined) {
    const text = definitionText(answers)
    await requireValid(answers, text)
    return created(answers.code, folder, [{ path, text }])
  }
  const { text, samples, report } = await fromPublished({ answers, draft, given })
  const files = samples.map((sample) => ({ path: join(folder, sample.path), text: sample.text }))
  return created(answers.code, folder, [...files, { path, text }], report)
}

async function draftOf(from: readonly string[], { auth }: Given): Promise<Draft> {
  const { vendorDraft } = await import('../scaffold/vendor-draft.ts')
  const files = []
  for (const file of new Set(from)) files.push(await readVendorDocument(file))
  return vendorDraft(files, auth)
}

function choicesOf(draft: Draft | undefined, problemOf: Choices['problemOf']): Choices {
  const { code, name, documentation } = draft === undefined ? {} : usualFrom(draft)
  return {
    categories: CATEGORIES,
    usual: (written) => ({ ...usualAnswers(written), ...(name === undefined ? {} : { name }) }),
    problemOf,
    code,
    documentation,
    isFromDocument: draft !== undefined,
    auth: draft?.auth?.type,
    events: draft?.events ?? [],
    endpoints: draft?.endpoints ?? [],
  }
}

interface CreatedFile {
  readonly path: string
  readonly text: string
}

/** The definition is the last of the files, so that what it names is there before it is. */
async function created(
  code: string,
  definitions: string,
  files: readonly CreatedFile[],
  report?: FromReport,
): Promise<Outcome> {
  const taken = await createFiles(files)
  if (taken !== undefined)
    throw new OperationalError(`there is "${taken}" already`, { help: 'edit that file, or choose another code' })
  const [{ path, text } = { path: '', text: '' }] = files.slice(-1)
  const samples = files.slice(0, -1).map((file) => file.path)
  const where = definitions === 'definitions' ? '' : ` --definitions ${definitions}`
  const left = text.split('\n').filter((line) => line.includes(FILL_IN) && !line.startsWith('#')).length
  return {
    exitCode: 0,
    json: { ok: true, file: path, fillIn: left, ...(report === undefined ? {} : { samples, ...report }) },
    text: (colors) =>
      [
        `${colors.green('created')} ${path}: valid, with ${count(left, 'place')} to fill in`,
        ...(samples.length === 0
          ? []
          : [`        and ${count(samples.length, 'sample delivery', 'sample deliveries')} beside it`]),
        ...(report === undefined ? [] : reportLines(report, colors)),
        '',
        `  ${colors.bold(`npx --no hera-connectors validate${where}`)}   after each change`,
        `  ${colors.bold(`npx --no hera-connectors dev${where}`)}        to try it; simulate ${code} --all${where} sends it samples`,
        '',
      ].join('\n'),
  }
}

/** A folder without a definition, or that does not exist, is a fine place for the first one. */
async function knownConnectors({ definitions, ...options }: NewOptions): Promise<Registry> {
  try {
    return (await readRegistry(definitions, { ...options, mayBeEmpty: true })).registry
  } catch (error) {
    if (error instanceof OperationalError) return { connectors: [] }
    throw error
  }
}

function complete({ endpoints: _, ...given }: Given, today: string, draft: Draft | undefined): Omit<Answers, 'schema'> {
  const usual = draft === undefined ? {} : usualFrom(draft)
  const { code = usual.code } = given
  if (code === undefined)
    throw new OperationalError('the new connector needs a code', {
      help: 'hera-connectors new my-vendor-crm --category crm',
    })
  return {
    ...usualAnswers(code),
    category: 'productivity',
    auth: 'unknown',
    events: [],
    ...usual,
    ...given,
    code,
    today,
    guessed: guessedOf(given),
  }
}

/** Questions without an answer; a document's title is not yet the name of a product. */
function guessedOf(given: Given): Answers['guessed'] {
  return (['name', 'vendor', 'category'] as const).filter((field) => given[field] === undefined)
}

function requireFit(field: keyof Given & string, answer: string, problemOf: Choices['problemOf']): void {
  const problem = problemOf(field, answer)
  if (problem !== undefined)
    throw new OperationalError(`${field} "${answer}" ${problem}`, { help: 'hera-connectors new --help' })
}

function problemWith(field: keyof Given, answer: string, { connectors }: Registry): string | undefined {
  switch (field) {
    case 'code':
      if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(answer) || answer.length < 2 || answer.length > 30)
        return 'must be 2 to 30 small letters and digits, words joined by hyphens'
      if (answer === 'registry') return 'is reserved: registry.yaml configures the registry'
      return connectors.some(({ code }) => code === answer) ? 'is taken' : undefined
    case 'namespace':
      if (!/^[A-Z][A-Z0-9]{2,14}$/.test(answer)) return 'must be 3 to 15 capital letters and digits'
      return connectors.some(({ namespace }) => namespace === answer) ? 'is taken' : undefined
    case 'category':
      return CATEGORIES.includes(answer)
        ? undefined
        : `is not a category${suggestion(answer, CATEGORIES)}; choose one of ${CATEGORIES.join(', ')}`
    case 'documentation':
      return URL.canParse(answer) && answer.startsWith('https://') ? undefined : 'must be an https address'
    case 'events':
      return /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/.test(answer) && answer.length <= LONGEST_EVENT_NAME
        ? undefined
        : 'must be small letters and digits, words joined by underscores, such as order_paid'
    default:
      return answer.trim() === '' || /[\r\n]/.test(answer) || answer.length > 80
        ? 'must be one line of text'
        : undefined
  }
}

/** A definition that the rules refuse is a mistake of ours: it must not reach anybody's folder. */
async function requireValid({ code }: Answers, text: string): Promise<void> {
  const { document, diagnostics } = parse({ file: `${code}.yaml`, stem: code, text })
  const found = [
    ...diagnostics,
    ...(document === undefined ? [] : check(await scanForSensitiveData([document])).diagnostics),
  ]
  const [first] = found
  if (first === undefined) return
  throw new OperationalError(`these answers make no valid definition: ${first.message}`, { help: first.help })
}

function cancelled(): Outcome {
  return { exitCode: 1, json: { ok: false, cancelled: true }, text: () => 'cancelled; nothing was written' }
}
