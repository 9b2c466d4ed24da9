import { autocompleteMultiselect, isCancel, select, text } from '@clack/prompts'
import type { Answers, Ask, Choices, Given } from '../scaffold/answers.ts'

/** Asks on the terminal for what was not given, with the usual answer ready. */
export const askOnTerminal: Ask = async (given, choices) => {
  const code = given.code ?? (await asked('code', 'Code, such as my-vendor-crm', choices.code, choices))
  if (code === undefined) return undefined
  const usual = choices.usual(code)
  const answers: { -readonly [Key in keyof Given]: Given[Key] } = { ...given, code }
  for (const [field, question, ready] of [
    ['name', 'Name that people see', usual.name],
    ['vendor', 'Vendor', usual.vendor],
    ['namespace', 'Namespace of its smart codes', usual.namespace],
    ['documentation', "Address of the vendor's documentation, if you know it", choices.documentation],
  ] as const) {
    const answer = given[field] ?? (await asked(field, question, ready, choices))
    if (answer === undefined) return undefined
    if (answer !== '') answers[field] = answer
  }
  const category = given.category ?? (await chosen('Category', choices.categories))
  if (category === undefined) return undefined
  const auth =
    given.auth ??
    choices.auth ??
    (await chosen<Answers['auth']>('How installers authenticate', ['unknown', 'api_key', 'oauth2', 'webhook']))
  if (auth === undefined) return undefined
  const events = given.events ?? (await eventsFrom(choices))
  if (events === undefined) return undefined
  const endpoints = given.endpoints ?? (await picked('Endpoints', choices.endpoints))
  if (endpoints === undefined) return undefined
  return { ...answers, category, auth, events, ...(choices.endpoints.length === 0 ? {} : { endpoints }) }
}

async function eventsFrom(choices: Choices): Promise<readonly string[] | undefined> {
  if (choices.events.length > 0) return picked('Events', choices.events)
  if (choices.isFromDocument) return []
  const written = await asked('events', 'Events, separated by spaces, if you know them', undefined, choices)
  return written?.split(/[\s,]+/).filter((name) => name !== '')
}

/** Of a few all are ready; of many, none. */
const FEW = 10

async function picked(message: string, offered: Choices['events']): Promise<readonly string[] | undefined> {
  if (offered.length === 0) return []
  const answer = await autocompleteMultiselect<string>({
    message: `${message} (${offered.length}; type to search, tab to mark)`,
    options: offered.map(({ name, original }) => ({
      value: name,
      label: name,
      ...(original === name ? {} : { hint: original }),
    })),
    initialValues: offered.length <= FEW ? offered.map(({ name }) => name) : [],
    required: message === 'Events',
  })
  return isCancel(answer) ? undefined : answer
}

/** Answers that can be looked up later. */
const OPTIONAL: readonly (keyof Given)[] = ['documentation', 'events']

async function asked(
  field: keyof Given,
  message: string,
  ready: string | undefined,
  { problemOf }: Choices,
): Promise<string | undefined> {
  const answer = await text({
    message,
    ...(ready === undefined ? {} : { initialValue: ready }),
    validate: (value = '') => {
      if (value.trim() === '' && OPTIONAL.includes(field)) return undefined
      const parts = field === 'events' ? value.trim().split(/[\s,]+/) : [value]
      return parts.map((part) => problemOf(field, part)).find((problem) => problem !== undefined)
    },
  })
  return isCancel(answer) ? undefined : answer.trim()
}

async function chosen<Choice extends string>(message: string, options: readonly Choice[]): Promise<Choice | undefined> {
  const answer = await select<string>({ message, options: options.map((value) => ({ value, label: value })) })
  return isCancel(answer) ? undefined : (answer as Choice)
}
