import type { Definition, RoutingRule, Sample } from '../../compiled/definition.ts'
import { snippet } from '../../diagnostics/explanation.ts'
import { parseText } from '../../kit/body.ts'
import { requestFacts } from '../../kit/request-facts.ts'
import { routesIn } from '../../kit/routing.ts'
import type { Webhook } from '../../kit/webhook.ts'
import { routingPlace } from '../../model/routing-path.ts'
import { sampleRequest } from '../../model/sample-request.ts'
import { webhookConfig } from '../../model/webhook-config.ts'
import { suggestion } from '../../text/closest.ts'
import type { RuleTable } from './rule.ts'
import { bodyOf, formOf, mappingIn } from './sample-reading.ts'

/** How a delivery finds its installation. */
export const routingRules = {
  'routing/field-unknown': {
    scope: 'definition',
    summary: 'The field of every routing rule is an authentication field that is used for routing.',
    help: 'name a field under auth.fields with `used_for: [routing]`',
    why: 'An application finds the installation by the value of the field. A secret is never sent as one.',
    about: ['routingRule.field', 'authField.used_for'],
    bad: snippet`
      routing:
        - { from: $.delivery.account, field: acount_id }
    `,
    good: snippet`
      routing:
        - { from: $.delivery.account, field: account_id }
    `,
    reads: ['webhook', 'auth'],
    check({ webhook, auth }, report) {
      const { fields = {} } = auth
      const forRouting = Object.keys(fields).filter((name) => fields[name]?.used_for?.includes('routing'))
      for (const [index, { field }] of routingOf(webhook).entries()) {
        const path = ['webhook', 'routing', index, 'field']
        if (!Object.hasOwn(fields, field))
          report(path, `no authentication field "${field}"${suggestion(field, forRouting)}`)
        else if (fields[field]?.type === 'secret')
          report(path, `the field "${field}" is a secret`, 'name a field whose value may be sent unprotected')
        else if (!forRouting.includes(field))
          report(path, `the field "${field}" is not used for routing`, 'add routing to its `used_for`')
      }
    },
  },
  'routing/value-missing': {
    scope: 'definition',
    summary: 'Every routing rule finds a value in a sample delivery.',
    help: 'correct the path or the prefix, or add a sample that has the value',
    why: 'A path that leads to nothing never finds an installation, and its events reach nobody.',
    about: ['routingRule.from', 'routingRule.prefix'],
    bad: snippet`
      routing:
        - { from: $.delivery.accounts, field: account_id }
    `,
    good: snippet`
      routing:
        - { from: $.delivery.account, field: account_id }
    `,
    reads: ['webhook', 'events'],
    check(definition, report, { samples: texts }) {
      const { code, webhook, api } = definition
      if (webhook === undefined) return
      const { rules } = mappingIn(definition)
      const config = webhookConfig({ code, webhook, api, rules: [], events: {} })
      const { content_types = ['application/json'], samples = [] } = webhook
      const bodies = samples.map((sample) => ({
        request: sampleRequest({ ...sample, content_type: sample.content_type ?? content_types[0] ?? '' }),
        content: contentOf(config, sample, texts),
      }))
      for (const [index, rule] of routingOf(webhook).entries()) {
        const at = ['webhook', 'routing', index, 'from']
        const place = routingPlace(rule.from, rules)
        if ('problem' in place) {
          report(
            at,
            place.problem,
            'write a path that begins with $.delivery, $.request.headers, $.request.query or the name of unpacked JSON',
          )
          continue
        }
        if (samples.length === 0) continue
        const found = (prefix: string) =>
          bodies.some(({ request, content }) => {
            const facts = { content_type: '', ...requestFacts(request) }
            const routing = [{ ...place, field: rule.field, prefix }]
            return routesIn({ ...config, routing }, content, facts, 1).length > 0
          })
        if (found(rule.prefix ?? '')) continue
        if (rule.prefix !== undefined && found(''))
          report(
            ['webhook', 'routing', index, 'prefix'],
            `no value at ${rule.from} in a sample begins with "${rule.prefix}"`,
          )
        else report(at, `no sample has a string or a number at ${rule.from}`)
      }
    },
  },
  'routing/field-unused': {
    scope: 'definition',
    summary: 'Every authentication field that is used for routing has a routing rule, if the connector has a webhook.',
    help: 'add a rule under webhook.routing, or remove routing from `used_for`',
    why: 'Without a rule, deliveries to an address that all installations share cannot reach the installation.',
    about: ['authField.used_for', 'webhook.routing'],
    bad: 'used_for: [oauth, routing]',
    good: 'used_for: [oauth]',
    reads: ['webhook', 'auth'],
    activeOnly: true,
    check({ webhook, auth }, report) {
      if (webhook === undefined) return
      const routed = routingOf(webhook).map(({ field }) => field)
      for (const [name, { used_for = [] }] of Object.entries(auth.fields ?? {})) {
        const index = used_for.indexOf('routing')
        if (index >= 0 && !routed.includes(name))
          report(['auth', 'fields', name, 'used_for', index], `no routing rule uses the field "${name}"`)
      }
    },
  },
  'routing/missing': {
    scope: 'definition',
    summary: 'A connector whose deliveries are signed with the secret of its OAuth app has routing.',
    help: 'add `used_for: [routing]` to the field with the id of the account, and a rule under webhook.routing',
    why: 'The vendor sends the deliveries of all accounts that connected the app, with one signature. Only a value in them identifies the installation.',
    about: ['webhook.routing'],
    bad: snippet`
      required: false
      description: Your account at Acme.
      …
      samples:
    `,
    good: snippet`
      required: false
      used_for: [routing]
      description: Your account at Acme.
      …
      routing:
        - { from: $.request.headers.x-acme-tenant, field: tenant_id }
      samples:
    `,
    reads: ['webhook', 'auth'],
    activeOnly: true,
    waivable: true,
    check({ webhook, auth }, report) {
      const secret = auth.oauth?.client_secret
      // A field for routing without a rule has another finding.
      if (Object.values(auth.fields ?? {}).some(({ used_for = [] }) => used_for.includes('routing'))) return
      const index = (webhook?.signatures ?? []).findIndex((signature) => signature.secret === secret)
      if (secret !== undefined && index >= 0 && routingOf(webhook).length === 0)
        report(
          ['webhook', 'signatures', index, 'secret'],
          `"${secret}" signs the deliveries of every account, and nothing identifies the account`,
        )
    },
  },
} satisfies RuleTable

function routingOf(webhook: Definition['webhook']): readonly RoutingRule[] {
  return webhook?.routing ?? []
}

/** The parsed body of a sample; undefined if there is none that can be read. */
function contentOf(webhook: Webhook, sample: Sample, texts: ReadonlyMap<string, string>): unknown {
  const parsed = parseText(webhook, bodyOf(sample, texts) ?? '', formOf(webhook, sample))
  return parsed.readable ? parsed.value : undefined
}
