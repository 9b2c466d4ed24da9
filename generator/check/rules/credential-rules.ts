import { getDomain } from 'tldts'
import type { Auth, Definition } from '../../compiled/definition.ts'
import { snippet } from '../../diagnostics/explanation.ts'
import { placeholdersIn, urlParts } from '../../kit/template.ts'
import type { ValuePath } from '../../load/source-document.ts'
import { suggestion } from '../../text/closest.ts'
import { credentialTemplates, oauthTemplates } from '../../vocabulary/auth-templates.ts'
import { credentialGaps } from '../../vocabulary/credentials.ts'
import { budgetOf } from '../check-budget.ts'
import type { RuleTable } from './rule.ts'

export const credentialRules = {
  'auth/credentials-missing': {
    scope: 'definition',
    summary: 'A connector with an API key lists the credentials that calls carry.',
    help: 'add credentials: [{ in: header, name: Authorization, value: "Bearer {api_key}" }], or a placeholder in base_url',
    why: 'Without it, programs do not know whether the key goes into a header, the query, a cookie or the path.',
    about: ['auth.credentials'],
    bad: snippet`
      type: api_key
      …
      tokens:
    `,
    good: snippet`
      type: api_key
      …
      credentials:
        - in: header
          name: X-Orbit-Key
          value: "{api_key}"
      tokens:
    `,
    reads: ['auth', 'api', 'status'],
    at: 'key',
    check({ auth, api, status }, report) {
      const { endpoints = {}, base_url = '' } = api
      if (
        status === 'draft' ||
        auth.type !== 'api_key' ||
        auth.credentials !== undefined ||
        Object.keys(endpoints).length === 0
      )
        return
      const isInUrl = placeholdersIn(base_url).some((name) => isSecret(auth, name))
      if (!isInUrl) report(['auth', 'type'], 'the type is api_key, but "credentials" is missing')
    },
  },
  'auth/credential-malformed': {
    scope: 'definition',
    summary: 'Each credential has a name and a value, or a user name and a password, and is alone at its place.',
    help: 'write { in: header, name: …, value: … } or { in: basic, username: …, password: … }',
    why: 'A credential that is only half described is not sent, and of two at one place only one is.',
    about: ['auth.credentials'],
    bad: snippet`
      - in: header
        value: "{api_key}"
    `,
    good: snippet`
      - in: header
        name: X-Orbit-Key
        value: "{api_key}"
    `,
    reads: ['auth'],
    check({ auth }, report) {
      const sets = [
        { path: ['auth', 'credentials'], set: auth.credentials ?? [] },
        ...Object.entries(auth.alternatives ?? {}).map(([name, { credentials }]) => ({
          path: ['auth', 'alternatives', name, 'credentials'],
          set: credentials,
        })),
      ]
      for (const { path, set } of sets) {
        for (const { index, member, what, help } of credentialGaps(set))
          report([...path, index, ...(member === undefined ? [] : [member])], what, help)
      }
    },
  },
  'auth/placeholder-unknown': {
    scope: 'definition',
    summary: 'Every placeholder in addresses, headers and credentials is an authentication field.',
    help: 'write the name of a field under auth.fields in braces',
    why: 'The kit replaces placeholders by values of the installation; anything else would be missing, or sent with its braces.',
    about: ['api.base_url', 'api.headers', 'auth.credentials', 'auth.token_url', 'auth.authorization_url'],
    bad: 'base_url: https://api.acme.example/{tenant}',
    good: 'base_url: https://api.acme.example/v2',
    reads: ['auth', 'api'],
    check(definition, report) {
      const fields = Object.keys(definition.auth.fields ?? {})
      for (const { path, template, also } of templatesOf(definition)) {
        const known = [...fields, ...also]
        const unknown = placeholdersIn(template).find((name) => !known.includes(name))
        if (unknown !== undefined)
          report(path, `{${unknown}} is not an authentication field${suggestion(unknown, known)}`)
        else if (/[{}]/.test(template.replace(/\{[a-z][a-z0-9_]*\}/g, '')))
          report(path, `a brace in "${template}" belongs to no placeholder`)
      }
    },
  },
  'url/placeholder-unsafe': {
    scope: 'definition',
    summary: 'A placeholder in the host of an address cannot lead to the host of somebody else.',
    help: 'list the values under options of the field, or put the placeholder before a fixed domain',
    why: 'Calls with credentials go to this host; whoever fills in the field must not be able to choose any other.',
    about: ['api.base_url', 'endpoint.base_url', 'auth.token_url', 'auth.authorization_url'],
    bad: 'base_url: https://api.acme.{client_id}/v2',
    good: 'base_url: https://api.acme.example/v2',
    reads: ['auth', 'api'],
    check(definition, report) {
      const { auth } = definition
      for (const { path, template, isUrl } of templatesOf(definition)) {
        if (!isUrl) continue
        for (const { name, part } of urlParts(template)) {
          const field = auth.fields?.[name]
          const problem = field && placementProblem({ auth, template, name, part, field })
          if (problem !== undefined) report(path, `{${name}} ${problem.what}`, problem.help)
        }
      }
    },
  },
  'url/host-unlimited': {
    scope: 'definition',
    summary: 'A field that is the whole host of an address lists the domains that it can belong to.',
    help: "list the vendor's domains under `hosts` of the field",
    why: 'Calls with credentials go to the host that an installer enters. Waive it for vendors whose customers host the software themselves.',
    about: ['authField.hosts', 'api.base_url', 'auth.token_url', 'auth.authorization_url'],
    bad: snippet`
      label: Tenant
      type: text
      required: true
      …
      base_url: https://{tenant_id}
    `,
    good: snippet`
      label: Tenant
      type: text
      required: false
      …
      base_url: https://api.acme.example/v2
    `,
    reads: ['auth', 'api'],
    waivable: true,
    check(definition, report) {
      const { fields = {}, oauth } = definition.auth
      for (const { path, template, isUrl } of templatesOf(definition)) {
        for (const { name, part } of isUrl ? urlParts(template) : []) {
          const field = Object.hasOwn(fields, name) ? fields[name] : undefined
          // A host that the vendor sends must be limited.
          if (field === undefined || Object.hasOwn(oauth?.keeps ?? {}, name)) continue
          if (['address', 'host'].includes(part) && field.hosts === undefined && field.options === undefined)
            report(path, `{${name}} can be any public host`)
        }
      }
    },
  },
  'field/values-contradictory': {
    scope: 'definition',
    summary: 'Options, default, prefix and suffix of a field agree with each other and with its pattern.',
    help: 'correct one of the two',
    why: 'An installer would be offered a value that is then refused.',
    about: ['authField.options', 'authField.default', 'authField.pattern'],
    bad: snippet`
      options: [acme0001, Acme 2]
      pattern: "^[a-z0-9]{4,20}$"
    `,
    good: 'pattern: "^[a-z0-9]{4,20}$"',
    reads: ['auth'],
    check(definition, report) {
      for (const [name, field] of Object.entries(definition.auth.fields ?? {})) {
        const { options, default: usual, pattern, required, type, hosts } = field
        const path = ['auth', 'fields', name]
        const fits = (value: string) =>
          pattern === undefined ||
          budgetOf(definition).patterns.problem(pattern) !== undefined ||
          new RegExp(pattern, 'u').test(value)
        for (const [index, option] of (options ?? []).entries())
          if (!fits(option)) report([...path, 'options', index], `"${option}" does not fit the pattern ${pattern}`)
        if (usual !== undefined && !(options?.includes(usual) ?? fits(usual)))
          report(
            [...path, 'default'],
            `"${usual}" is ${options === undefined ? 'not a value that fits the pattern' : 'not one of the options'}`,
          )
        if (usual !== undefined && required)
          report(
            [...path, 'required'],
            'a field with a default is never missing',
            'set required to false, or delete the default',
          )
        if (type === 'secret' && (options ?? usual) !== undefined)
          report([...path, 'type'], 'a secret has neither options nor a default', 'delete them, or change the type')
        if (hosts !== undefined && type === 'secret') report([...path, 'hosts'], 'a secret is not a host')
      }
    },
  },
} satisfies RuleTable

interface FoundTemplate {
  readonly path: ValuePath
  readonly template: string
  readonly isUrl: boolean
  readonly also: readonly string[]
}

/** All templates with authentication fields, besides paths of endpoints. */
function templatesOf({ auth, api }: Pick<Definition, 'auth' | 'api'>): readonly FoundTemplate[] {
  const url = (path: ValuePath, template: string | undefined) =>
    template === undefined ? [] : [{ path, template, isUrl: true, also: [] }]
  return [
    ...[...credentialTemplates(auth), ...oauthTemplates(auth)].map((found) => ({
      ...found,
      path: ['auth', ...found.path],
    })),
    ...url(['api', 'base_url'], api.base_url),
    ...Object.entries(api.environments ?? {}).flatMap(([name, environment]) =>
      (['base_url', 'authorization_url', 'token_url'] as const).flatMap((member) =>
        url(['api', 'environments', name, member], environment[member]),
      ),
    ),
    ...Object.entries(api.endpoints ?? {}).flatMap(([name, { base_url }]) =>
      url(['api', 'endpoints', name, 'base_url'], base_url),
    ),
    ...Object.entries(api.headers ?? {}).map(([name, template]) => ({
      path: ['api', 'headers', name],
      template,
      isUrl: false,
      also: [],
    })),
  ]
}

interface Placement {
  readonly auth: Auth
  readonly template: string
  readonly name: string
  readonly part: ReturnType<typeof urlParts>[number]['part']
  readonly field: NonNullable<Auth['fields']>[string]
}

function placementProblem({ auth, template, name, part, field }: Placement) {
  const isKept = Object.hasOwn(auth.oauth?.keeps ?? {}, name)
  const isMissing = !field.required && field.default === undefined && !isKept
  if (isMissing && part !== 'query') return { what: 'may be missing', help: 'set required to true, or add a default' }
  switch (part) {
    case 'address':
      if (field.type !== 'url') return { what: 'is a whole address, but its type is not url', help: 'set type: url' }
      return isKept && field.hosts === undefined ? NO_HOSTS : undefined
    case 'host':
      return isKept && field.hosts === undefined ? NO_HOSTS : undefined
    case 'domain':
      return field.options === undefined ? { what: 'decides the domain, and can have any value' } : undefined
    case 'label': {
      const [, fixed = ''] = /\}[^.{}/]*\.([^{}/?#]+)(?:[/?#]|$)/.exec(template) ?? []
      return getDomain(fixed) === null && field.options === undefined
        ? { what: `is before "${fixed}", where anybody can register a domain` }
        : undefined
    }
    default:
      return undefined
  }
}

const NO_HOSTS = {
  what: 'is a host that the vendor sends, and may be any host',
  help: "list the vendor's domains under hosts of the field",
}

function isSecret({ fields = {} }: Auth, name: string): boolean {
  return Object.hasOwn(fields, name) && fields[name]?.type === 'secret'
}
