import { snippet } from '../../diagnostics/explanation.ts'
import { PLACEHOLDER, placeholdersIn, placeholdersInside } from '../../kit/template.ts'
import type { ValuePath } from '../../load/source-document.ts'
import { callsOf } from '../../model/subscription-calls.ts'
import { suggestion } from '../../text/closest.ts'
import { scopesOf } from './auth-rules.ts'
import type { RuleTable } from './rule.ts'

export const apiRules = {
  'api/base-url-slash': {
    scope: 'definition',
    summary: 'A base URL ends without a slash, since every path begins with one.',
    help: 'remove the slash at the end',
    why: 'Every path begins with a slash; two in a row are another address for many servers.',
    about: ['api.base_url', 'endpoint.base_url', 'environment.base_url'],
    bad: 'base_url: https://api.acme.example/v2/',
    good: 'base_url: https://api.acme.example/v2',
    reads: ['api'],
    check({ api }, report) {
      for (const [name, { base_url }] of Object.entries(api.environments ?? {})) {
        if (base_url.endsWith('/')) report(['api', 'environments', name, 'base_url'], `"${base_url}" ends with a slash`)
      }
      if (api.base_url?.endsWith('/') === true) report(['api', 'base_url'], `"${api.base_url}" ends with a slash`)
      for (const [name, { base_url }] of Object.entries(api.endpoints ?? {})) {
        if (base_url?.endsWith('/') === true)
          report(['api', 'endpoints', name, 'base_url'], `"${base_url}" ends with a slash`)
      }
    },
  },
  'api/environment-choice': {
    scope: 'definition',
    summary: 'The environments of an API are the options of one authentication field that chooses between them.',
    help: 'add a field with the names as `options`, and one more for base_url, and with `used_for: [environment]`',
    why: 'An installation can only choose an environment by a field. Without it, a test account would call the production API.',
    about: ['api.environments', 'authField.used_for', 'authField.options'],
    bad: 'used_for: [calls]',
    good: 'used_for: [environment]',
    reads: ['api', 'auth'],
    check({ api, auth }, report) {
      const names = Object.keys(api.environments ?? {})
      const fields = Object.entries(auth.fields ?? {}).filter(([, { used_for }]) => used_for?.includes('environment'))
      const [first, ...others] = fields
      for (const [name, { used_for = [] }] of names.length === 0 ? fields : others) {
        const path = ['auth', 'fields', name, 'used_for', used_for.indexOf('environment')]
        if (names.length === 0) report(path, 'the API has no environments', 'describe them under api.environments')
        else report(path, `"${first?.[0]}" chooses the environment already`, 'remove environment from `used_for`')
      }
      if (names.length === 0) return
      if (first === undefined) return report(['api', 'environments'], 'no authentication field chooses one of them')
      const [name, { options = [], required, default: usual }] = first
      for (const environment of names.filter((one) => !options.includes(one)))
        report(['api', 'environments', environment], `"${environment}" is not one of the options of "${name}"`)
      const unnamed = options.filter((option) => !names.includes(option))
      for (const option of unnamed.slice(api.base_url === undefined ? 0 : 1))
        report(
          ['auth', 'fields', name, 'options', options.indexOf(option)],
          `"${option}" is not an environment${suggestion(option, names)}`,
          'only one option can be for base_url',
        )
      if (api.base_url === undefined && !required && usual === undefined)
        report(['auth', 'fields', name, 'required'], 'without a choice there is no base URL', 'set it to true')
    },
  },
  'endpoint/placeholder-malformed': {
    scope: 'definition',
    summary: 'Every brace in a path belongs to a placeholder such as {page_id}.',
    help: 'write placeholders as {name}, in snake case',
    why: 'What is no placeholder would be sent to the vendor with its braces.',
    about: ['endpoint.path'],
    bad: 'path: /contacts/{contact_id}/{Id',
    good: 'path: /contacts/{contact_id}',
    reads: ['api'],
    check({ api }, report) {
      for (const [name, { path }] of Object.entries(api.endpoints ?? {})) {
        if (/[{}]/.test(path.replace(PLACEHOLDER, '')))
          report(['api', 'endpoints', name, 'path'], `a brace in "${path}" is no placeholder`)
      }
    },
  },
  'endpoint/placeholder-undeclared': {
    scope: 'definition',
    summary: 'Every path placeholder is an authentication field or a declared parameter.',
    help: 'describe it under api.parameters, or name an authentication field',
    why: 'Only a declared placeholder has a description in the guide and a name in the types.',
    about: ['endpoint.path', 'api.parameters'],
    bad: 'path: /tenants/{tenant}/contacts',
    good: 'path: /tenants/{tenant_id}/contacts',
    reads: ['api', 'auth'],
    check({ api, auth }, report) {
      const declared = [...Object.keys(auth.fields ?? {}), ...Object.keys(api.parameters ?? {})]
      for (const [name, { path }] of Object.entries(api.endpoints ?? {})) {
        for (const placeholder of placeholdersIn(path)) {
          if (declared.includes(placeholder)) continue
          report(
            ['api', 'endpoints', name, 'path'],
            `{${placeholder}} is neither an authentication field nor a parameter${suggestion(placeholder, declared)}`,
          )
        }
      }
    },
  },
  'endpoint/scope-unknown': {
    scope: 'definition',
    summary: 'Every scope that an endpoint or a subscription needs is listed under auth.scopes.',
    help: 'list the scope under auth.scopes, or correct the name',
    why: 'Installers must ask for the scope, and they ask for what is listed under auth.scopes.',
    about: ['endpoint.scopes', 'subscription.scopes'],
    bad: 'scopes: [contacts.wride]',
    good: 'scopes: [contacts.write]',
    reads: ['api', 'auth', 'webhook'],
    check({ api, auth, webhook }, report) {
      const known = scopesOf(auth).map(({ name }) => name)
      const inPart = (
        part: ValuePath,
        items: Readonly<Record<string, { readonly scopes?: readonly string[] }>> = {},
      ) => {
        for (const [name, { scopes = [] }] of Object.entries(items)) {
          for (const [index, scope] of scopes.entries()) {
            if (!known.includes(scope))
              report([...part, name, 'scopes', index], `no scope "${scope}"${suggestion(scope, known)}`)
          }
        }
      }
      inPart(['api', 'endpoints'], api.endpoints)
      inPart(['webhook', 'subscriptions'], webhook?.subscriptions)
    },
  },
  'parameter/unused': {
    scope: 'definition',
    summary: 'Every declared parameter stands in some path, or in a template of a subscription.',
    help: 'remove it, or use it in a path',
    why: 'A parameter that stands in no path is most often left over, or the path is wrong.',
    about: ['api.parameters'],
    bad: 'path: /contacts',
    good: 'path: /contacts/{contact_id}',
    reads: ['api', 'webhook'],
    at: 'key',
    waivable: true,
    check({ api, webhook }, report) {
      const calls = Object.values(webhook?.subscriptions ?? {}).flatMap(callsOf)
      const used = new Set([
        ...Object.values(api.endpoints ?? {}).flatMap(({ path }) => placeholdersIn(path)),
        ...calls.flatMap(({ call }) => placeholdersInside(call)),
      ])
      for (const name of Object.keys(api.parameters ?? {})) {
        if (used.has(name)) continue
        const colon = Object.entries(api.endpoints ?? {}).find(([, { path }]) => path.split('/').includes(`:${name}`))
        if (colon === undefined) report(['api', 'parameters', name], `no path holds {${name}}`)
        else
          report(
            ['api', 'endpoints', colon[0], 'path'],
            'a parameter stands in braces, not after a colon',
            `write {${name}} in place of :${name}`,
            'value',
          )
      }
    },
  },
  'rate-limit/no-amount': {
    scope: 'definition',
    summary: 'Every rate limit has a number per time, or a formula in words.',
    help: 'give limit and per, or a formula that says how the limit is worked out or where to read it',
    why: 'A limit without a number or a way to work it out tells nobody how fast to go.',
    about: ['rateLimit.limit', 'rateLimit.per', 'rateLimit.formula'],
    bad: snippet`
      - name: searches
        scope: user
    `,
    good: snippet`
      - name: searches
        scope: user
        formula: 5 × seats an hour
    `,
    reads: ['rate_limits'],
    waivable: true,
    check({ rate_limits = [] }, report) {
      for (const [index, { name, limit, per, formula }] of rate_limits.entries()) {
        if (limit === undefined && formula === undefined)
          report(['rate_limits', index], `the limit "${name}" has neither a number nor a formula`)
        if ((limit === undefined) !== (per === undefined))
          report(['rate_limits', index], `the limit "${name}" needs both limit and per`)
      }
    },
  },
  'rate-limit/duplicate': {
    scope: 'definition',
    summary: 'Rate limits have names of their own.',
    help: 'rename one of the two',
    why: 'Limits are looked up by name in connector_config.',
    about: ['rateLimit.name'],
    bad: snippet`
      - name: calls_per_account
        scope: user
    `,
    good: snippet`
      - name: searches
        scope: user
    `,
    reads: ['rate_limits'],
    check({ rate_limits = [] }, report) {
      const names = rate_limits.map(({ name }) => name)
      for (const [index, name] of names.entries()) {
        if (names.indexOf(name) !== index) report(['rate_limits', index, 'name'], `two limits are called "${name}"`)
      }
    },
  },
  'rate-limit/header-undescribed': {
    scope: 'definition',
    summary: 'Every header that reports a limit is described under api.response_headers.',
    help: 'describe the header under api.response_headers',
    why: 'Whoever reads a header must know what its number means.',
    about: ['rateLimit.headers', 'api.response_headers'],
    bad: 'headers: [X-Acme-Remainder]',
    good: 'headers: [X-Acme-Remaining]',
    reads: ['rate_limits', 'api'],
    waivable: true,
    check({ rate_limits = [], api }, report) {
      const known = Object.keys(api.response_headers ?? {})
      for (const [index, { headers = [] }] of rate_limits.entries()) {
        for (const [position, header] of headers.entries()) {
          if (!known.includes(header))
            report(
              ['rate_limits', index, 'headers', position],
              `nothing describes "${header}"${suggestion(header, known)}`,
            )
        }
      }
    },
  },
} satisfies RuleTable
