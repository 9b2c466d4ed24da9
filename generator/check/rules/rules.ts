import { apiRules } from './api-rules.ts'
import { authRules } from './auth-rules.ts'
import { credentialRules } from './credential-rules.ts'
import { definitionRules } from './definition-rules.ts'
import { deliveryRules } from './delivery-rules.ts'
import { endpointRules } from './endpoint-rules.ts'
import { eventRules } from './event-rules.ts'
import { factRules } from './fact-rules.ts'
import { pollRules } from './poll-rules.ts'
import { registryRules } from './registry-rules.ts'
import { routingRules } from './routing-rules.ts'
import type { RuleTable } from './rule.ts'
import { sensitiveDataRules } from './sensitive-data-rules.ts'
import { sharedSchemaRules } from './shared-schema-rules.ts'
import { styleRules } from './style-rules.ts'
import { subscriptionRules } from './subscription-rules.ts'
import { valueRules } from './value-rules.ts'
import { webhookRules } from './webhook-rules.ts'

/** Everything that a definition must hold beyond its format, by the code under which a violation is reported. */
export const rules = {
  ...styleRules,
  ...definitionRules,
  ...sensitiveDataRules,
  ...factRules,
  ...authRules,
  ...credentialRules,
  ...apiRules,
  ...endpointRules,
  ...webhookRules,
  ...subscriptionRules,
  ...deliveryRules,
  ...routingRules,
  ...valueRules,
  ...sharedSchemaRules,
  ...eventRules,
  ...pollRules,
  ...registryRules,
} satisfies RuleTable

export type RuleCode = keyof typeof rules

/** What a rule is about; undefined for codes that are no rule's. */
export function summaryOf(code: string): string | undefined {
  return Object.hasOwn(rules, code) ? rules[code as RuleCode].summary : undefined
}
