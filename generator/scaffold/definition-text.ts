import type { Answers, ImportedContent } from './answers.ts'
import { authPart } from './auth-part.ts'
import type { EndpointDraft, InputDraft } from './draft.ts'
import { eventsPart } from './events-part.ts'
import { cut, firstSentence } from './plain-text.ts'
import { deprecation, PUBLISHED } from './sources.ts'
import { webhookPart } from './webhook-part.ts'
import { blank, fillIn, yamlText } from './yaml-text.ts'

/**
 * A valid definition that contains only what was answered and what the document says. Everything else is left out or
 * marked. Its status is draft: the rules require the missing parts of any other status.
 */
export function definitionText(answers: Answers, content?: ImportedContent): string {
  const { code, namespace, guessed } = answers
  const guess = (field: keyof Answers, what: string) =>
    guessed.includes(field) ? fillIn(answers[field], what) : answers[field]
  const definition = {
    code,
    name: guess('name', 'the name of the product'),
    version: '0.1.0',
    status: 'draft',
    category: guess('category', 'the category in the catalogue'),
    vendor: guess('vendor', 'the company that provides the API'),
    icon: fillIn('plug', 'a name of https://lucide.dev/icons'),
    namespace,
    purpose: purposeOf(content),
    description: descriptionOf(content),
    sources: sourcesPart(answers, content),
    links: linksPart(answers, content),
    auth: authPart(answers, content?.draft.auth),
    api: apiPart(content),
    events: eventsPart(answers, content?.events ?? []),
    webhook: webhookPart(answers, content),
  }
  return `# yaml-language-server: $schema=${answers.schema}\n${INSTRUCTION}${yamlText(definition)}`
}

const INSTRUCTION = `# Replace every FILL IN by what the vendor's documentation says, and name the source beside it with cites. Then change the
# status to active: validate lists what is still missing.
`

function purposeOf(content: ImportedContent | undefined): unknown {
  const said = content?.draft.summary ?? content?.draft.description
  const what = 'one sentence, for the catalogue'
  return said === undefined ? blank(what) : fillIn(firstSentence(said, 240), what)
}

function descriptionOf(content: ImportedContent | undefined): unknown {
  const said = content?.draft.description
  const what = 'what it does, and what it needs'
  return said === undefined ? blank(what) : fillIn(cut(said.split('\n\n').slice(0, 3).join('\n\n'), 1200), what)
}

function sourcesPart({ name, documentation, today }: Answers, content: ImportedContent | undefined): unknown {
  const title = content === undefined ? '' : `${content.draft.title ?? name} (${content.draft.label})`
  const files = content?.draft.files.map((file) => file.split(/[\\/]/).at(-1)).join(', ')
  const sources = {
    ...(documentation === undefined
      ? {}
      : {
          documentation: {
            title: `${name}: developer documentation`,
            url: documentation,
            read: fillIn(today, 'the day on which you read it'),
          },
        }),
    ...(content === undefined
      ? {}
      : {
          [PUBLISHED]: {
            title: fillIn(cut(title, 200), 'add url: where the vendor publishes it'),
            read: today,
            note: cut(`Read from ${files}.`, 500),
          },
        }),
  }
  return Object.keys(sources).length === 0 ? fillIn(sources, 'the pages that you read') : sources
}

function linksPart({ documentation }: Answers, content: ImportedContent | undefined): unknown {
  const support = content?.draft.support
  const links = {
    ...(documentation === undefined ? {} : { documentation }),
    ...(support === undefined ? {} : { support }),
  }
  return Object.keys(links).length === 0 ? fillIn(links, 'documentation and support') : links
}

// Endpoints ------------------------------------------------------------------------------------------------------------

function apiPart(content: ImportedContent | undefined): unknown {
  const { baseUrl, version } = content?.draft ?? {}
  const endpoints = content?.endpoints ?? []
  const parameters = new Map(
    endpoints
      .flatMap(({ parameters: written }) => written.toReversed())
      .toReversed()
      .map((parameter) => [parameter.name, parameter]),
  )
  const described = [...parameters.values()].map(({ name, description, example }) => [
    name,
    { description: description ?? blank('what it stands for'), ...(example === undefined ? {} : { example }) },
  ])
  const api = {
    ...(baseUrl === undefined ? {} : { base_url: baseUrl }),
    ...(version === undefined ? {} : { version: cut(version, 40) }),
    ...(described.length === 0 ? {} : { parameters: Object.fromEntries(described) }),
    ...(endpoints.length === 0
      ? {}
      : { endpoints: Object.fromEntries(endpoints.map((endpoint) => [endpoint.name, endpointPart(endpoint)])) }),
  }
  const missing = [...(baseUrl === undefined ? ['base_url'] : []), ...(endpoints.length === 0 ? ['endpoints'] : [])]
  return missing.length === 0 ? api : fillIn(api, missing.join(' and '))
}

function endpointPart({ method, path, summary, scopes, deprecated, inputs }: EndpointDraft): object {
  const [query, headers] = (['query', 'header'] as const).map((place) =>
    inputs.filter((input) => input.place === place),
  )
  return {
    method,
    path,
    summary: summary ?? blank('what the call does'),
    ...inputsPart('query', query),
    ...inputsPart('headers', headers),
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(deprecated ? { deprecated: deprecation() } : {}),
    cites: PUBLISHED,
  }
}

function inputsPart(member: 'query' | 'headers', inputs: readonly InputDraft[] = []): object {
  if (inputs.length === 0) return {}
  const described = inputs.map(({ name, place: _, required, description, example, ...input }) => [
    name,
    {
      description: description ?? blank('what it does'),
      ...input,
      ...(required ? { required } : {}),
      ...(example === undefined ? {} : { example }),
    },
  ])
  return { [member]: Object.fromEntries(described) }
}
