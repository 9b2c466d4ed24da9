/** How much a change asks of somebody: to act, to look, or nothing. */
export type Severity = 'breaking' | 'minor' | 'patch'

/** Who may notice a change. */
export type Audience = 'tenants' | 'consumers' | 'typescript' | 'database'

export const AUDIENCES: readonly Audience[] = ['tenants', 'consumers', 'typescript', 'database']

/** A kind of change: what it is, and what it means to each audience; nothing to those that are not named. */
export interface ChangeKind {
  readonly summary: string
  readonly severity: Severities
  /** The same for an event that applications only receive: a stricter schema refuses nothing of theirs. */
  readonly received?: Severities
}

type Severities = Readonly<Partial<Record<Audience, Severity>>>

/** All kinds of change, by the code under which they are reported. The rules of compatibility. */
export const kinds = {
  'connector/added': {
    summary: 'A connector that was not there before.',
    severity: { tenants: 'minor', consumers: 'minor', typescript: 'minor', database: 'minor' },
  },
  'connector/removed': {
    summary: 'Installations of the connector lose their definition, and its types are gone.',
    severity: { tenants: 'breaking', consumers: 'breaking', typescript: 'breaking', database: 'breaking' },
  },
  'connector/withdrawn': {
    summary: 'The connector is offered no more; what is installed keeps working.',
    severity: { tenants: 'minor', database: 'minor' },
  },
  'connector/offered': {
    summary: 'The connector is offered now.',
    severity: { tenants: 'minor', database: 'minor' },
  },
  'connector/deprecated': {
    summary: 'The connector is deprecated.',
    severity: { tenants: 'minor', database: 'patch' },
  },
  'connector/namespace-changed': {
    summary: 'Every smart code of the connector is another one; stored events keep the old ones.',
    severity: { consumers: 'breaking', typescript: 'breaking', database: 'breaking' },
  },
  'connector/text-changed': {
    summary: 'Names, descriptions, sources, set-up or advice read differently.',
    severity: { tenants: 'patch', database: 'patch' },
  },
  'privacy/retention-changed': {
    summary: 'Events are kept for another time: the next purge deletes by the new periods.',
    severity: { tenants: 'minor', consumers: 'minor', database: 'minor' },
  },
  'connector/order-changed': {
    summary: 'The same entries are listed in another order.',
    severity: { tenants: 'patch', consumers: 'patch', typescript: 'patch', database: 'patch' },
  },
  'connector/field-changed': {
    summary: 'A field of the definition changed whose effect is not classified.',
    severity: { tenants: 'minor', consumers: 'minor', typescript: 'minor', database: 'minor' },
  },
  'capability/added': {
    summary: 'The Integration Hub lists one more capability.',
    severity: { tenants: 'minor', database: 'minor' },
  },
  'capability/removed': {
    summary: 'The Integration Hub no longer lists the capability.',
    severity: { tenants: 'minor', database: 'minor' },
  },
  'privacy/personal-data-added': {
    summary: 'The field is handled as personal data from now on: masked, and erased on request.',
    severity: { tenants: 'minor', database: 'minor' },
  },
  'privacy/personal-data-removed': {
    summary: 'The field is no longer masked, nor erased on request.',
    severity: { tenants: 'breaking', database: 'minor' },
  },
  'event/added': {
    summary: 'An event that was not there before.',
    severity: { consumers: 'minor', typescript: 'minor', database: 'minor' },
  },
  'event/removed': {
    summary: 'An event is gone that nobody was told to stop using.',
    severity: { consumers: 'breaking', typescript: 'breaking', database: 'breaking' },
  },
  'event/removed-after-deprecation': {
    summary: 'A deprecated event is gone; code that still uses it no longer compiles.',
    severity: { consumers: 'minor', typescript: 'breaking', database: 'minor' },
  },
  'event/deprecated': {
    summary: 'An event is deprecated.',
    severity: { consumers: 'minor', typescript: 'minor', database: 'patch' },
  },
  'event/smart-code-changed': {
    summary: 'The event is stored under another smart code from now on.',
    severity: { consumers: 'breaking', typescript: 'breaking', database: 'breaking' },
  },
  'event/idempotency-key-changed': {
    summary: 'A delivery that was recorded under the old key is recorded again under the new one.',
    severity: { consumers: 'breaking', database: 'breaking' },
  },
  'event/direction-changed': {
    summary: 'The event goes the other way.',
    severity: { consumers: 'breaking' },
  },
  'event/source-changed': {
    summary: 'The event reaches HERA in another way.',
    severity: { tenants: 'minor', consumers: 'minor' },
  },
  'event/poll-changed': {
    summary: 'HERA polls for the event in another way.',
    severity: { tenants: 'minor', consumers: 'minor' },
  },
  'event/scopes-changed': {
    summary: 'The event arrives with other scopes.',
    severity: { tenants: 'minor' },
  },
  'event/type-added': {
    summary: 'One more type is exported for a part of the event.',
    severity: { typescript: 'minor' },
  },
  'event/type-removed': {
    summary: 'The type of a part of the event is no longer exported.',
    severity: { typescript: 'breaking' },
  },
  'event/text-changed': {
    summary: 'The event is described differently.',
    severity: { consumers: 'patch', database: 'patch' },
  },
  'field/added': {
    summary: 'A field that may be there.',
    severity: { consumers: 'minor', typescript: 'minor' },
  },
  'field/added-required': {
    summary: 'A new required field: applications that send the event must include it.',
    severity: { consumers: 'breaking', typescript: 'breaking' },
    received: { consumers: 'minor', typescript: 'minor' },
  },
  'field/removed': {
    summary: 'A field is gone on which somebody may rely.',
    severity: { consumers: 'breaking', typescript: 'breaking' },
  },
  'field/removed-after-deprecation': {
    summary: 'A deprecated field is gone; code that still uses it no longer compiles.',
    severity: { consumers: 'minor', typescript: 'breaking' },
  },
  'field/made-required': {
    summary: 'The field is always present: events without it are refused.',
    severity: { consumers: 'breaking', typescript: 'breaking' },
    received: { consumers: 'minor', typescript: 'minor' },
  },
  'field/made-optional': {
    summary: 'Whoever reads the field has to expect that it is missing.',
    severity: { consumers: 'breaking', typescript: 'breaking' },
  },
  'field/type-narrowed': {
    summary: 'A value that was fine is refused.',
    severity: { consumers: 'breaking', typescript: 'breaking' },
  },
  'field/type-widened': {
    summary: 'Applications that read the field must expect other values.',
    severity: { consumers: 'breaking', typescript: 'breaking' },
  },
  'field/number-narrowed': {
    summary: 'Only integers are accepted.',
    severity: { consumers: 'breaking', typescript: 'patch' },
    received: { consumers: 'minor', typescript: 'patch' },
  },
  'field/number-widened': {
    summary: 'Applications that read the field must expect fractions.',
    severity: { consumers: 'breaking', typescript: 'patch' },
  },
  'field/value-removed': {
    summary: 'A value that was fine is refused.',
    severity: { consumers: 'breaking', typescript: 'breaking' },
  },
  'field/value-added': {
    summary: 'Whoever tells the values apart has to expect another one.',
    severity: { consumers: 'minor', typescript: 'minor' },
  },
  'field/limit-changed': {
    summary:
      'A pattern, format, unit or choice is another one: values may be refused that were accepted, or mean something else.',
    severity: { consumers: 'breaking', typescript: 'minor' },
  },
  'field/limit-tightened': {
    summary: 'Values may be refused that were accepted.',
    severity: { consumers: 'breaking', typescript: 'minor' },
    received: { consumers: 'minor', typescript: 'patch' },
  },
  'field/limit-relaxed': {
    summary: 'Values are accepted that were refused.',
    severity: { consumers: 'minor', typescript: 'patch' },
  },
  'field/deprecated': {
    summary: 'A field is deprecated.',
    severity: { consumers: 'minor', typescript: 'minor' },
  },
  'field/text-changed': {
    summary: 'A field is described differently.',
    severity: { typescript: 'patch', database: 'patch' },
  },
  'auth/type-changed': {
    summary: 'Installers authenticate in another way: everybody installs anew.',
    severity: { tenants: 'breaking', typescript: 'breaking', database: 'breaking' },
  },
  'auth/address-changed': {
    summary: 'Authorization or tokens come from another address.',
    severity: { tenants: 'breaking' },
  },
  'auth/flow-changed': {
    summary: 'OAuth runs in another way from the next authorization on.',
    severity: { tenants: 'minor', typescript: 'minor' },
  },
  'auth/credentials-changed': {
    summary: 'Calls carry their credentials in another way.',
    severity: { tenants: 'minor', typescript: 'minor' },
  },
  'auth/alternative-added': {
    summary: 'Calls can carry other credentials.',
    severity: { tenants: 'minor', typescript: 'minor' },
  },
  'auth/alternative-removed': {
    summary: 'Installations with these credentials have to be set up again.',
    severity: { tenants: 'breaking', typescript: 'minor' },
  },
  'auth/token-changed': {
    summary: 'Tokens have another lifetime, or are refreshed in another way.',
    severity: { tenants: 'minor', database: 'patch' },
  },
  'auth/field-added': {
    summary: 'Installers may fill in one field more.',
    severity: { tenants: 'minor', typescript: 'minor' },
  },
  'auth/field-added-required': {
    summary: 'What is installed lacks a field that must be there.',
    severity: { tenants: 'breaking', typescript: 'breaking' },
  },
  'auth/field-removed': {
    summary: 'A configuration with the field is refused.',
    severity: { tenants: 'breaking', typescript: 'breaking' },
  },
  'auth/field-made-required': {
    summary: 'What is installed may lack the field.',
    severity: { tenants: 'breaking', typescript: 'breaking' },
  },
  'auth/field-made-optional': {
    summary: 'The field may be left out.',
    severity: { tenants: 'minor', typescript: 'minor' },
  },
  'auth/field-changed': {
    summary: 'The field takes other values, or has become a secret or none: what is installed may not fit.',
    severity: { tenants: 'breaking' },
  },
  'auth/field-purpose-changed': {
    summary: 'The field is used for something else.',
    severity: { tenants: 'minor', typescript: 'minor', database: 'patch' },
  },
  'auth/scope-added': {
    summary: 'A scope may be asked for.',
    severity: { tenants: 'minor', typescript: 'minor' },
  },
  'auth/scope-added-required': {
    summary: 'What is installed was not granted the scope: users have to consent again.',
    severity: { tenants: 'breaking', typescript: 'minor' },
  },
  'auth/scope-made-optional': {
    summary: 'A scope may be left out.',
    severity: { tenants: 'minor', typescript: 'patch' },
  },
  'auth/scope-removed': {
    summary: 'A scope is asked for no more.',
    severity: { tenants: 'minor', typescript: 'breaking' },
  },
  'auth/scope-removed-after-deprecation': {
    summary: 'A deprecated scope is gone from the retired scopes.',
    severity: { typescript: 'breaking' },
  },
  'api/base-url-changed': {
    summary: 'All calls go to another address.',
    severity: { tenants: 'breaking', consumers: 'breaking' },
  },
  'api/headers-changed': {
    summary: 'Every call carries other headers.',
    severity: { consumers: 'minor', typescript: 'patch' },
  },
  'api/endpoint-added': {
    summary: 'A call that was not described before.',
    severity: { consumers: 'minor', database: 'patch' },
  },
  'api/endpoint-removed': {
    summary: 'A call that is described no more.',
    severity: { consumers: 'breaking', database: 'patch' },
  },
  'api/endpoint-removed-after-deprecation': {
    summary: 'A deprecated call is described no more.',
    severity: { consumers: 'minor', database: 'patch' },
  },
  'api/endpoint-deprecated': {
    summary: 'A call is deprecated.',
    severity: { consumers: 'minor', database: 'patch' },
  },
  'api/endpoint-changed': {
    summary: 'A call goes to another path, or by another method.',
    severity: { consumers: 'breaking', database: 'patch' },
  },
  'api/endpoint-scopes-changed': {
    summary: 'A call needs other scopes.',
    severity: { consumers: 'minor', database: 'patch' },
  },
  'api/environment-added': {
    summary: 'Installations can choose another base URL.',
    severity: { tenants: 'minor', typescript: 'minor' },
  },
  'api/environment-removed': {
    summary: 'Installations can no longer choose a base URL.',
    severity: { tenants: 'breaking', typescript: 'breaking' },
  },
  'api/input-added': {
    summary: 'A call takes an input that callers may leave out.',
    severity: { consumers: 'minor', typescript: 'minor' },
  },
  'api/input-changed': {
    summary: 'A call takes other inputs, or in another form.',
    severity: { consumers: 'breaking', typescript: 'breaking' },
  },
  'api/body-changed': {
    summary: 'A call takes another body.',
    severity: { consumers: 'breaking', typescript: 'breaking' },
  },
  'api/response-changed': {
    summary: 'The answer to a call is described differently.',
    severity: { consumers: 'minor', typescript: 'breaking' },
  },
  'api/pagination-changed': {
    summary: 'The pages of a call are read in another way.',
    severity: { consumers: 'minor', typescript: 'minor' },
  },
  'api/retry-changed': {
    summary: 'Calls are repeated by other rules.',
    severity: { consumers: 'patch' },
  },
  'webhook/signature-added': {
    summary: 'Deliveries may be signed by one more scheme.',
    severity: { tenants: 'minor' },
  },
  'webhook/signature-removed': {
    summary: 'Deliveries signed by the scheme are refused.',
    severity: { tenants: 'breaking' },
  },
  'webhook/signature-changed': {
    summary: 'Deliveries are verified in another way.',
    severity: { tenants: 'breaking' },
  },
  'webhook/handshake-changed': {
    summary: 'The vendor checks the address in another way.',
    severity: { tenants: 'breaking' },
  },
  'webhook/subscription-added': {
    summary: 'An application can subscribe to webhooks by calls.',
    severity: { tenants: 'minor', typescript: 'minor' },
  },
  'webhook/subscription-removed': {
    summary: 'A subscription, or an event that can be selected, is gone.',
    severity: { tenants: 'breaking', typescript: 'breaking' },
  },
  'webhook/subscription-changed': {
    summary: 'Subscriptions are created, renewed or deleted by other calls.',
    severity: { tenants: 'patch' },
  },
  'webhook/response-changed': {
    summary: 'Deliveries are answered in another way.',
    severity: { tenants: 'patch' },
  },
  'webhook/made-required': {
    summary: 'An installation without the webhook no longer receives all events.',
    severity: { tenants: 'breaking' },
  },
  'webhook/made-optional': {
    summary: 'The connector works without the webhook.',
    severity: { tenants: 'minor' },
  },
  'webhook/delivery-changed': {
    summary: 'The vendor delivers or repeats webhooks in another way.',
    severity: { tenants: 'minor' },
  },
  'webhook/rule-added': {
    summary: 'More deliveries become events.',
    severity: { consumers: 'minor' },
  },
  'webhook/rule-removed': {
    summary: 'Deliveries that became an event no longer do.',
    severity: { consumers: 'breaking' },
  },
  'webhook/condition-changed': {
    summary: 'Other deliveries become the event.',
    severity: { consumers: 'breaking' },
  },
  'webhook/mapping-changed': {
    summary: 'A field of the event is taken from another part of the delivery.',
    severity: { consumers: 'minor' },
  },
  'webhook/routing-changed': {
    summary: 'Deliveries to the address of all installations find their installation in another way.',
    severity: { tenants: 'breaking' },
  },
  'limits/changed': {
    summary: 'The vendor counts calls in another way.',
    severity: { tenants: 'minor', database: 'patch' },
  },
  'limits/raised': {
    summary: 'The vendor allows more calls.',
    severity: { tenants: 'patch', database: 'patch' },
  },
  'limits/lowered': {
    summary: 'The vendor allows fewer calls.',
    severity: { tenants: 'minor', database: 'patch' },
  },
} satisfies Readonly<Record<string, ChangeKind>>

export type ChangeCode = keyof typeof kinds

/** One difference between two versions of a registry. */
export interface Change {
  readonly code: ChangeCode
  readonly connector: string
  /** What it is about, such as `contact_created/email`; empty for the connector as a whole. */
  readonly subject: string
  /** What was and what is, in words. */
  readonly detail: string
  /** True for data that applications only receive, never send. */
  readonly received?: boolean
}

/** What a change means to one audience; undefined where it is nothing to them. */
export function severityFor({ code, received = false }: Change, audience: Audience): Severity | undefined {
  const kind: ChangeKind = kinds[code]
  return (received ? (kind.received ?? kind.severity) : kind.severity)[audience]
}

const RANK: Readonly<Record<Severity, number>> = { patch: 0, minor: 1, breaking: 2 }

/** What a change means to whom it means most. */
export function severityOf(change: Change): Severity {
  const severities = AUDIENCES.map((audience) => severityFor(change, audience)).filter((one) => one !== undefined)
  return severities.reduce((worst, one) => (RANK[one] > RANK[worst] ? one : worst), 'patch')
}

/** The worst of several; undefined for none. */
export function worstOf(changes: readonly Change[]): Severity | undefined {
  return changes
    .map(severityOf)
    .reduce<Severity | undefined>(
      (worst, one) => (worst === undefined || RANK[one] > RANK[worst] ? one : worst),
      undefined,
    )
}

/** Whether one is at least as much as the other. */
export function isAtLeast(severity: Severity, other: Severity): boolean {
  return RANK[severity] >= RANK[other]
}
