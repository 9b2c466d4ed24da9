import type { Definition } from '../../compiled/definition.ts'
import { snippet } from '../../diagnostics/explanation.ts'
import { placeholdersIn } from '../../kit/template.ts'
import { suggestion } from '../../text/closest.ts'
import { grantOf, membersOfOtherGrants, missingMembers, superfluousMembers } from '../../vocabulary/authentication.ts'
import { placeProblem } from '../../vocabulary/places.ts'
import { budgetOf } from '../check-budget.ts'
import { loopFrom } from './loop.ts'
import type { RuleTable } from './rule.ts'

type Scope = NonNullable<Definition['auth']['scopes']>[number]

export const authRules = {
  'auth/oauth2-incomplete': {
    scope: 'definition',
    summary: 'An oauth2 connector describes what its grant needs.',
    help: "fill it in from the vendor's documentation of OAuth",
    why: 'The install form, the kit and the guide build the whole OAuth flow from these fields.',
    about: ['auth.authorization_url', 'auth.token_url', 'auth.scopes', 'auth.tokens', 'auth.refresh'],
    bad: snippet`
      authorization_url: https://auth.acme.example/authorize
      scope_separator: " "
    `,
    good: snippet`
      authorization_url: https://auth.acme.example/authorize
      token_url: https://auth.acme.example/token
      scope_separator: " "
    `,
    reads: ['auth', 'status'],
    at: 'key',
    check({ auth, status }, report) {
      if (status === 'draft') return
      const subject = auth.oauth === undefined ? `type is ${auth.type}` : `grant is ${grantOf(auth)}`
      for (const path of missingMembers(auth))
        report(['auth', 'type'], `the ${subject}, but "${path.join('.')}" is missing`)
      if (auth.refresh?.method === 'token_exchange' && auth.oauth !== undefined && auth.oauth.exchange === undefined)
        report(['auth', 'oauth'], 'tokens are renewed by an exchange, but "exchange" is missing')
    },
  },
  'auth/oauth2-only': {
    scope: 'definition',
    summary: 'Authorization and token addresses stand only in oauth2 connectors.',
    help: 'remove it, or set the type to oauth2',
    why: 'Addresses of OAuth in a connector that does not use it send readers and programs the wrong way.',
    about: ['auth.type', 'auth.authorization_url', 'auth.token_url'],
    bad: snippet`
      type: api_key
      …
      token_url: https://auth.orbit.example/token
      tokens:
    `,
    good: snippet`
      type: api_key
      …
      tokens:
    `,
    reads: ['auth'],
    at: 'key',
    check({ auth }, report) {
      for (const member of superfluousMembers(auth))
        report(['auth', member], `"${member}" has no effect with type ${auth.type}`)
    },
  },
  'auth/grant-mismatch': {
    scope: 'definition',
    summary: 'Each part of the OAuth flow has an effect with its grant.',
    help: 'delete it, or correct the grant',
    why: 'The kit ignores what does not belong to the grant, and readers would look for a flow that does not exist.',
    about: ['auth.oauth', 'auth.authorization_url'],
    bad: snippet`
      pkce: true
      device_authorization_url: https://auth.acme.example/device
    `,
    good: 'pkce: true',
    reads: ['auth'],
    at: 'key',
    check({ auth }, report) {
      for (const path of membersOfOtherGrants(auth))
        report(['auth', ...path], `"${path.at(-1)}" has no effect with the grant ${grantOf(auth)}`)
    },
  },
  'auth/token-request': {
    scope: 'definition',
    summary: 'A token request has a body only with POST, and nested parameters only in JSON.',
    help: 'correct token_method, token_body or the parameters',
    why: 'A GET request has no body, and a form contains only strings.',
    about: ['auth.oauth'],
    bad: snippet`
      token_method: GET
      token_body: json
      pkce: true
    `,
    good: 'pkce: true',
    reads: ['auth'],
    check({ auth: { oauth = {} } }, report) {
      const { token_method, token_body, parameters = {} } = oauth
      if (token_method === 'GET' && token_body !== undefined)
        report(['auth', 'oauth', 'token_body'], 'a GET request has no body')
      for (const [step, values] of Object.entries(parameters)) {
        for (const [name, value] of Object.entries(values)) {
          if (typeof value === 'object' && (step === 'authorize' || token_body !== 'json'))
            report(['auth', 'oauth', 'parameters', step, name], `the parameter "${name}" is not a string`)
        }
      }
    },
  },
  'auth/kept-value': {
    scope: 'definition',
    summary: 'Each value that is kept while connecting has a place that exists, and a field that limits it.',
    help: 'correct the place, or describe the values of the field',
    why: 'The vendor, or whoever opens the redirect, chooses these values; the kit puts them into addresses of calls with credentials.',
    about: ['auth.oauth'],
    bad: snippet`
      pkce: true
      lookup:
        url: https://auth.acme.example/me
    `,
    good: 'pkce: true',
    reads: ['auth'],
    check({ auth }, report) {
      const { keeps = {}, lookup } = auth.oauth ?? {}
      for (const [name, { in: place, at }] of Object.entries(keeps)) {
        const path = ['auth', 'oauth', 'keeps', name]
        const wrong = placeProblem({ in: place === 'redirect' ? 'query' : 'body', at })
        if (wrong !== undefined) report([...path, 'at'], wrong.what, wrong.help)
        if (place === 'redirect' && grantOf(auth) !== 'authorization_code')
          report([...path, 'in'], `with the grant ${grantOf(auth)}, no redirect exists`)
        if (place === 'lookup' && lookup === undefined)
          report([...path, 'in'], 'no call is described', 'add lookup: { url: … }')
        const field = auth.fields?.[name]
        if (field === undefined) continue
        if (field.required)
          report(
            ['auth', 'fields', name, 'required'],
            `"${name}" is required, but the vendor sends it`,
            'set it to false',
          )
        if (field.pattern === undefined && field.options === undefined && field.hosts === undefined)
          report(path, `nothing limits the values of "${name}"`, 'add pattern, options or hosts to the field')
      }
      if (lookup !== undefined && !Object.values(keeps).some(({ in: place }) => place === 'lookup'))
        report(['auth', 'oauth', 'lookup'], 'no value of this call is kept', 'add it under keeps, with in: lookup')
    },
  },
  'auth/client-unknown': {
    scope: 'definition',
    summary: 'Fields that OAuth uses are authentication fields, and those with a secret or a private key are secrets.',
    help: 'name a field under auth.fields',
    why: "The kit takes the client's id and secret from the installation's fields, and encrypts what is a secret.",
    about: ['auth.oauth'],
    bad: snippet`
      client_secret: client_secrets
      pkce: true
    `,
    good: snippet`
      client_secret: client_secret
      pkce: true
    `,
    reads: ['auth'],
    check({ auth }, report) {
      const fields = Object.keys(auth.fields ?? {})
      const { client_id, client_secret, assertion, keeps = {} } = auth.oauth ?? {}
      const named = [
        { path: ['client_id'], field: client_id, isSecret: false },
        { path: ['client_secret'], field: client_secret, isSecret: true },
        { path: ['assertion', 'key'], field: assertion?.key, isSecret: true },
        ...Object.keys(keeps).map((field) => ({ path: ['keeps', field], field, isSecret: false })),
      ]
      for (const { path, field, isSecret } of named) {
        if (field === undefined) continue
        if (!fields.includes(field))
          report(['auth', 'oauth', ...path], `no authentication field "${field}"${suggestion(field, fields)}`)
        else if (isSecret && auth.fields?.[field]?.type !== 'secret')
          report(['auth', 'oauth', ...path], `the field "${field}" is not a secret`)
      }
    },
  },
  'auth/verification-unknown': {
    scope: 'definition',
    summary: 'The verification call is a GET endpoint of the connector that needs no parameters.',
    help: 'name an endpoint under api.endpoints whose method is GET',
    why: 'HERA calls it to prove new credentials; the call must exist and change nothing.',
    about: ['auth.verification'],
    bad: 'verification: contact',
    good: 'verification: contacts',
    reads: ['auth', 'api'],
    check(
      { auth: { verification, verification_expects, fields = {} }, api: { endpoints = {}, parameters = {} } },
      report,
    ) {
      if (verification === undefined) {
        if (verification_expects !== undefined)
          report(['auth', 'verification_expects'], 'no verification call is named', 'add verification:')
        return
      }
      const path = ['auth', 'verification']
      const endpoint = Object.hasOwn(endpoints, verification) ? endpoints[verification] : undefined
      if (endpoint === undefined)
        report(path, `no endpoint "${verification}"${suggestion(verification, Object.keys(endpoints))}`)
      else if (endpoint.method !== 'GET') report(path, `the method of "${verification}" is ${endpoint.method}`)
      else {
        const unknown = placeholdersIn(endpoint.path).find(
          (name) => !Object.hasOwn(fields, name) && Object.hasOwn(parameters, name),
        )
        if (unknown !== undefined)
          report(
            path,
            `the path of "${verification}" contains {${unknown}}, which is not an authentication field`,
            'name an endpoint that needs no parameters',
          )
      }
    },
  },
  'field/pattern-unsafe': {
    scope: 'definition',
    summary: 'The pattern of an authentication field is a regular expression that runs in linear time.',
    help: 'begin with "^", and let no two repetitions, one inside or behind the other, match the same characters',
    why: 'Install forms hold the pattern against whatever is typed; one that backtracks stops the server for minutes.',
    about: ['authField.pattern'],
    bad: 'pattern: "^([a-z0-9]+)+$"',
    good: 'pattern: "^[a-z0-9]{4,20}$"',
    reads: ['auth'],
    check(definition, report) {
      for (const [name, { pattern }] of Object.entries(definition.auth.fields ?? {})) {
        const problem = pattern === undefined ? undefined : budgetOf(definition).patterns.problem(pattern)
        if (problem !== undefined) report(['auth', 'fields', name, 'pattern'], `"${pattern}" ${problem}`)
      }
    },
  },
  'field/example-mismatch': {
    scope: 'definition',
    summary: 'The example of an authentication field fits its pattern, and a secret has none.',
    help: 'correct the example or the pattern',
    why: 'Installers copy the form of the example; a secret has none, so that nobody pastes a real one.',
    about: ['authField.example', 'authField.pattern'],
    bad: 'example: ACME 1',
    good: 'example: acme0001',
    reads: ['auth'],
    check(definition, report) {
      const isLinear = (pattern: string) => budgetOf(definition).patterns.problem(pattern) === undefined
      for (const [name, { pattern, options, example, type, sensitive }] of Object.entries(
        definition.auth.fields ?? {},
      )) {
        if (example === undefined) continue
        const path = ['auth', 'fields', name, 'example']
        if (type === 'secret' || sensitive === true)
          report(path, 'a secret has no example', 'remove it: readers copy examples')
        else if (pattern !== undefined && isLinear(pattern) && !new RegExp(pattern, 'u').test(example))
          report(path, `"${example}" does not fit the pattern ${pattern}`)
        else if (options !== undefined && !options.includes(example))
          report(path, `"${example}" is not one of the options`)
      }
    },
  },
  'scope/duplicate': {
    scope: 'definition',
    summary: 'Each scope is listed once.',
    help: 'keep one of the two',
    why: 'Two entries of one scope say two things about it, and only one can be true.',
    about: ['auth.scopes'],
    bad: snippet`
      - name: contacts.read
        required: false
        description: Read contacts.
      - name: contacts
        required: false
    `,
    good: snippet`
      - name: contacts
        required: false
    `,
    reads: ['auth'],
    check({ auth }, report) {
      const names = scopesOf(auth).map(({ name }) => name)
      for (const [index, name] of names.entries()) {
        if (names.indexOf(name) !== index)
          report(['auth', 'scopes', index, 'name'], `the scope "${name}" is listed twice`)
      }
    },
  },
  'scope/replacement-unknown': {
    scope: 'definition',
    summary: 'A retired scope is replaced by scopes that are listed and current.',
    help: 'list the new scope too, or name one that is listed and not retired itself',
    why: 'Whoever reads that a scope is retired must find the one to ask for instead.',
    about: ['scope.replaced_by'],
    bad: 'replaced_by: [contacts.read, contacts.writ]',
    good: 'replaced_by: [contacts.read, contacts.write]',
    reads: ['auth'],
    check({ auth }, report) {
      const scopes = scopesOf(auth)
      const current = scopes.filter((scope) => !isRetired(scope)).map(({ name }) => name)
      for (const [index, scope] of scopes.entries()) {
        for (const [position, name] of (scope.replaced_by ?? []).entries()) {
          if (scopes.some((other) => other.name === name)) continue
          report(['auth', 'scopes', index, 'replaced_by', position], `no scope "${name}"${suggestion(name, current)}`)
        }
      }
    },
  },
  'scope/replacement-loop': {
    scope: 'definition',
    summary: 'Scopes do not replace each other in a circle.',
    help: 'say which scope is the current one',
    why: 'In a circle no scope is the current one.',
    about: ['scope.replaced_by'],
    bad: 'replaced_by: [contacts]',
    good: 'replaced_by: [contacts.read, contacts.write]',
    reads: ['auth'],
    check({ auth }, report) {
      const scopes = scopesOf(auth)
      const next = (name: string) => scopes.find((scope) => scope.name === name)?.replaced_by ?? []
      const done = new Set<string>()
      for (const [index, scope] of scopes.entries()) {
        const loop = loopFrom(scope.name, next, done)
        if (loop?.[0] === scope.name)
          report(['auth', 'scopes', index, 'replaced_by'], `replaced in a circle: ${loop.join(' → ')}`)
      }
    },
  },
  'scope/replaced-without-reason': {
    scope: 'definition',
    summary: 'A scope that is replaced says why and since when.',
    help: 'add `deprecated` with a reason and what to do instead',
    why: 'Tenants have to ask their users again; they want to know why and since when.',
    about: ['scope.deprecated'],
    bad: 'replaced_by: [contacts.read, contacts.write]',
    good: snippet`
      replaced_by: [contacts.read, contacts.write]
      deprecated:
        since: "2024-05-01"
        reason: Acme split it in two.
        instead: Ask for contacts.read, and for contacts.write where updates are sent.
    `,
    reads: ['auth'],
    check({ auth }, report) {
      for (const [index, { name, replaced_by, deprecated }] of scopesOf(auth).entries()) {
        if (replaced_by !== undefined && deprecated === undefined) {
          report(['auth', 'scopes', index, 'replaced_by'], `nothing says why "${name}" was replaced`)
        }
      }
    },
  },
  'scope/retired-required': {
    scope: 'definition',
    summary: 'A retired scope is never required.',
    help: 'set required to false, and to true on what replaces it',
    why: 'Vendors refuse an authorization that asks for a scope that is gone.',
    about: ['scope.required'],
    bad: snippet`
      - name: contacts
        required: true
    `,
    good: snippet`
      - name: contacts
        required: false
    `,
    reads: ['auth'],
    check({ auth }, report) {
      for (const [index, scope] of scopesOf(auth).entries()) {
        if (isRetired(scope) && scope.required)
          report(['auth', 'scopes', index, 'required'], `"${scope.name}" is retired, yet required`)
      }
    },
  },
} satisfies RuleTable

export function scopesOf(auth: Definition['auth']): readonly Scope[] {
  return auth.scopes ?? []
}

function isRetired({ replaced_by, deprecated }: Scope): boolean {
  return replaced_by !== undefined || deprecated !== undefined
}
