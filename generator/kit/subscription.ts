import { encoded } from './bytes.ts'
import { valueAtPointer } from './pointer.ts'
import { isHeaderValue } from './response.ts'
import type { EndpointAddress, Values } from './template.ts'
import { endpointUrl, fillKnown, placeholdersInside, withTexts } from './template.ts'
import { type TimeForm, timeForms } from './time.ts'
import type { CallError, CallOptions, VendorAnswer } from './vendor-call.ts'
import { callVendor } from './vendor-call.ts'

/** The place of a value in an answer: the name of a header, or a JSON Pointer into the body. */
export interface AnswerPlace {
  readonly in: 'header' | 'body'
  readonly at: string
}

/** A call of the connector's API, with templates for its query and body. */
export interface SubscriptionCall extends EndpointAddress {
  readonly method: string
  /** Headers that every call of the connector has, such as the version of the API. */
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
  readonly json?: unknown
}

/**
 * How an application subscribes to webhooks of a connector. `Field` is the union of the authentication fields that the calls
 * contain, `Parameter` the values that the application provides, `Name` the events that it can select.
 */
export interface SubscriptionDescription<
  Field extends string = string,
  Parameter extends string = string,
  Name extends string = string,
> {
  readonly connector: string
  /** The name of the subscription in the definition. */
  readonly name: string
  readonly fields: readonly Field[]
  readonly parameters: readonly Parameter[]
  readonly events?: { readonly names: readonly Name[]; readonly as: 'list' | 'comma' | 'single' }
  /** Fields whose values the subscriber chooses. */
  readonly generates: readonly Field[]
  /** Fields whose values are in the answer. */
  readonly keeps: Readonly<Partial<Record<Field, AnswerPlace>>>
  readonly create: SubscriptionCall
  readonly renew?: SubscriptionCall
  readonly delete?: SubscriptionCall
  readonly id?: AnswerPlace
  readonly expires?: AnswerPlace & { readonly form: TimeForm | 'lifetime-seconds' }
  readonly values: Readonly<Record<string, AnswerPlace>>
  readonly lifetime_seconds?: number
  readonly renew_before_seconds?: number
}

/** A subscription as the application stores it. It contains no secrets. */
export interface Subscription<Parameter extends string = string, Name extends string = string> {
  readonly callback_url: string
  readonly events: readonly Name[]
  readonly parameters: Readonly<Record<Parameter, string>>
  readonly id?: string
  /** ISO 8601; missing if the subscription does not expire. */
  readonly expires_at?: string
  /** Values of the answer that later calls contain. */
  readonly values?: Readonly<Record<string, string>>
}

/**
 * Why a subscription was not created, renewed or deleted. No part of it contains a secret. `missing_value`,
 * `unsafe_value`: `name` is missing, or cannot be part of the URL or of a header. `malformed_answer`: the vendor accepted
 * the call, but `name` is not in its answer. `not_supported`: the vendor has no such call. `not_kept`: `keep` failed, so
 * that the vendor was not called.
 */
export type SubscriptionError =
  | CallError
  | { readonly reason: 'missing_value' | 'unsafe_value'; readonly name: string }
  | { readonly reason: 'malformed_answer'; readonly name: string; readonly status: number }
  | { readonly reason: 'not_supported' | 'not_kept' }

export type SubscriptionResult<
  Field extends string = string,
  Parameter extends string = string,
  Name extends string = string,
> =
  | {
      readonly ok: true
      readonly subscription: Subscription<Parameter, Name>
      /** Values to store encrypted in the installation: secrets that the vendor returned, or that were generated. */
      readonly keeps: Readonly<Partial<Record<Field, string>>>
      /** The fields in `keeps` that had another value. */
      readonly replaced?: readonly Field[]
      /** Why the subscription that the new one replaces was not deleted. */
      readonly leftover?: SubscriptionError
    }
  | { readonly ok: false; readonly error: SubscriptionError }

export type DeletionResult = { readonly ok: true } | { readonly ok: false; readonly error: SubscriptionError }

export interface SubscriptionOptions<Field extends string = string> extends CallOptions {
  /**
   * Stores generated values before the vendor is called: it may verify the URL, or deliver, before it answers. Without it,
   * they are only in `keeps` of the result.
   */
  readonly keep?: (values: Readonly<Partial<Record<Field, string>>>) => unknown
  /** Milliseconds since 1970; the clock if it is missing. */
  readonly now?: number
}

/** The events that an application subscribes to. */
export type SubscriptionRequest<Parameter extends string = string, Name extends string = string> = {
  /** The URL that receives the deliveries. */
  readonly callbackUrl: string
  /** All events of the definition if it is missing. */
  readonly events?: readonly Name[]
} & (string extends Parameter
  ? { readonly parameters?: Readonly<Record<string, string>> }
  : [Parameter] extends [never]
    ? { readonly parameters?: undefined }
    : {
        /** Values of the declared parameters in the calls, such as the id of a calendar. */
        readonly parameters: Readonly<Record<Parameter, string>>
      })

type Configuration<Field extends string> = { readonly [Name in Field]?: string }

/** Creates a subscription. Fields that the subscriber chooses are generated if the configuration lacks them. */
export async function createSubscription<Field extends string, Parameter extends string, Name extends string>(
  description: SubscriptionDescription<Field, Parameter, Name>,
  configuration: Configuration<Field>,
  request: SubscriptionRequest<NoInfer<Parameter>, NoInfer<Name>>,
  options: SubscriptionOptions<Field>,
): Promise<SubscriptionResult<Field, Parameter, Name>> {
  const { callbackUrl, events = description.events?.names ?? [] } = request
  const { parameters } = request as { readonly parameters?: Subscription<Parameter>['parameters'] }
  return created(
    description,
    configuration,
    { callback_url: callbackUrl, events, parameters: parameters ?? ({} as Subscription<Parameter>['parameters']) },
    options,
  )
}

/**
 * Renews a subscription. If the vendor has no call for that, a new subscription is created, and the old one is deleted
 * afterwards: in between, deliveries arrive twice instead of not at all.
 */
export async function renewSubscription<Field extends string, Parameter extends string, Name extends string>(
  description: SubscriptionDescription<Field, Parameter, Name>,
  configuration: Configuration<Field>,
  subscription: Subscription<Parameter, Name>,
  options: SubscriptionOptions<Field>,
): Promise<SubscriptionResult<Field, Parameter, Name>> {
  if (description.renew !== undefined)
    return subscribed(description, { call: description.renew, configuration, subscription, isNew: false }, options)
  const { callback_url, events, parameters } = subscription
  const result = await created(description, configuration, { callback_url, events, parameters }, options)
  if (!result.ok || description.delete === undefined) return result
  const deletion = await deleteSubscription(description, configuration, subscription, options)
  return deletion.ok ? result : { ...result, leftover: deletion.error }
}

/** Deletes a subscription; one that the vendor no longer has counts as deleted. */
export async function deleteSubscription<Field extends string, Parameter extends string, Name extends string>(
  description: SubscriptionDescription<Field, Parameter, Name>,
  configuration: Configuration<Field>,
  subscription: Subscription<Parameter, Name>,
  options: SubscriptionOptions,
): Promise<DeletionResult> {
  if (description.delete === undefined) return { ok: false, error: { reason: 'not_supported' } }
  const answer = await called(description, { call: description.delete, configuration, subscription }, options)
  const isGone = !answer.ok && answer.error.reason === 'refused' && [404, 410].includes(answer.error.status)
  return answer.ok || isGone ? { ok: true } : answer
}

/** Whether a subscription must be renewed now, before it expires. */
export function needsRenewal(
  { renew_before_seconds = 0 }: Pick<SubscriptionDescription, 'renew_before_seconds'>,
  { expires_at }: Pick<Subscription, 'expires_at'>,
  now: number = Date.now(),
): boolean {
  return expires_at !== undefined && !(Date.parse(expires_at) - now > renew_before_seconds * 1000)
}

async function created<Field extends string, Parameter extends string, Name extends string>(
  description: SubscriptionDescription<Field, Parameter, Name>,
  configuration: Configuration<Field>,
  wanted: Subscription<Parameter, Name>,
  options: SubscriptionOptions<Field>,
): Promise<SubscriptionResult<Field, Parameter, Name>> {
  const isIdChosen = placeholdersInside(description.create).includes('subscription_id')
  const subscription = isIdChosen ? { ...wanted, id: crypto.randomUUID() } : wanted
  const generated = generatedValues(description, configuration)
  try {
    if (Object.keys(generated).length > 0) await options.keep?.(generated)
  } catch {
    return failed({ reason: 'not_kept' })
  }
  const call = { call: description.create, configuration: { ...configuration, ...generated }, subscription }
  const result = await subscribed(description, { ...call, isNew: true }, options)
  return result.ok ? { ...result, keeps: { ...generated, ...result.keeps } } : result
}

function generatedValues<Field extends string>(
  { generates }: Pick<SubscriptionDescription<Field>, 'generates'>,
  configuration: Configuration<Field>,
): Readonly<Partial<Record<Field, string>>> {
  const missing = generates.filter((field) => (configuration[field] ?? '') === '')
  const made = missing.map((field) => [field, encoded(crypto.getRandomValues(new Uint8Array(32)), 'base64url')])
  return Object.fromEntries(made)
}

interface Call<Field extends string, Parameter extends string, Name extends string> {
  readonly call: SubscriptionCall
  readonly configuration: Configuration<Field>
  readonly subscription: Subscription<Parameter, Name>
}

/** Calls the vendor, and reads the subscription from its answer. */
async function subscribed<Field extends string, Parameter extends string, Name extends string>(
  description: SubscriptionDescription<Field, Parameter, Name>,
  { isNew, ...call }: Call<Field, Parameter, Name> & { readonly isNew: boolean },
  options: SubscriptionOptions,
): Promise<SubscriptionResult<Field, Parameter, Name>> {
  const { now = Date.now() } = options
  const answer = await called(description, call, options)
  if (!answer.ok) return answer
  const { id: oldId, values: oldValues, expires_at: _, ...rest } = call.subscription
  const malformed = (name: string) =>
    ({ ok: false, error: { reason: 'malformed_answer', name, status: answer.status } }) as const

  const id = description.id === undefined ? oldId : (textAt(description.id, answer) ?? (isNew ? undefined : oldId))
  if (description.id !== undefined && id === undefined) return malformed('id')
  const expiry = expiryOf(description, answer, now)
  if (expiry === 'unreadable') return malformed('expires')
  const values: Readonly<Record<string, string>> = { ...oldValues, ...textsAt(description.values, answer) }
  const keeps = textsAt<Field>(description.keeps, answer)
  const places = { ...description.values, ...description.keeps }
  const lacking = isNew ? Object.keys(places).find((name) => !Object.hasOwn({ ...values, ...keeps }, name)) : undefined
  if (lacking !== undefined) return malformed(lacking)
  const replaced = (Object.keys(keeps) as Field[]).filter((field) => {
    const before = call.configuration[field] ?? ''
    return before !== '' && before !== keeps[field]
  })
  return {
    ok: true,
    subscription: {
      ...rest,
      ...(id === undefined ? {} : { id }),
      ...(expiry === undefined ? {} : { expires_at: expiry }),
      ...(Object.keys(values).length === 0 ? {} : { values }),
    },
    keeps,
    ...(replaced.length === 0 ? {} : { replaced }),
  }
}

function textAt({ in: part, at }: AnswerPlace, { headers, content }: VendorAnswer): string | undefined {
  const value = part === 'header' ? headers.get(at) : valueAtPointer(content, at)
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && text !== '' ? text : undefined
}

function textsAt<Key extends string>(
  places: Readonly<Partial<Record<Key, AnswerPlace>>>,
  answer: VendorAnswer,
): Readonly<Record<Key, string>> {
  const found = Object.entries<AnswerPlace | undefined>(places).flatMap(([name, place]) => {
    const text = place === undefined ? undefined : textAt(place, answer)
    return text === undefined ? [] : [[name, text] as const]
  })
  return Object.fromEntries(found) as Record<Key, string>
}

/** The last millisecond that `Date` can write as ISO 8601 with four digits of the year. */
const LAST_TIME = Date.UTC(9999, 11, 31)

/** Undefined if the subscription does not expire. */
function expiryOf(
  { expires, lifetime_seconds }: Pick<SubscriptionDescription, 'expires' | 'lifetime_seconds'>,
  answer: VendorAnswer,
  now: number,
): string | undefined {
  const text = expires === undefined ? undefined : textAt(expires, answer)
  const assumed = lifetime_seconds === undefined ? undefined : now + lifetime_seconds * 1000
  const time = expires === undefined || text === undefined ? assumed : readTime(expires.form, text, now)
  if (time === undefined) return expires === undefined ? undefined : 'unreadable'
  return time >= 0 && time <= LAST_TIME ? new Date(time).toISOString() : 'unreadable'
}

function readTime(form: TimeForm | 'lifetime-seconds', text: string, now: number): number | undefined {
  if (form !== 'lifetime-seconds') return timeForms[form].readValue(text)
  return /^\d{1,10}$/.test(text) ? now + Number(text) * 1000 : undefined
}

async function called<Field extends string, Parameter extends string, Name extends string>(
  description: SubscriptionDescription<Field, Parameter, Name>,
  call: Call<Field, Parameter, Name>,
  options: SubscriptionOptions,
): Promise<({ readonly ok: true } & VendorAnswer) | Failed> {
  const request = requestOf(description, call, options)
  return request.ok ? callVendor(request.url, request.init, options) : request
}

type Failed = { readonly ok: false; readonly error: SubscriptionError }

function failed(error: SubscriptionError): Failed {
  return { ok: false, error }
}

type PreparedRequest = { readonly ok: true; readonly url: URL; readonly init: RequestInit } | Failed

/** The URL, headers and body of a call, with every template filled in. */
function requestOf<Field extends string, Parameter extends string, Name extends string>(
  description: SubscriptionDescription<Field, Parameter, Name>,
  { call, configuration, subscription }: Call<Field, Parameter, Name>,
  { now = Date.now(), allow = [] }: Pick<SubscriptionOptions, 'now' | 'allow'>,
): PreparedRequest {
  const { as = 'list' } = description.events ?? {}
  const { events } = subscription
  if (as === 'single' && events.length !== 1) return failed({ reason: 'missing_value', name: 'events' })
  const values = valuesOf(description, { configuration, subscription }, now)
  const { query = {}, form = {}, json, headers = {}, method } = call
  const missing = placeholdersInside({ query, form, json, headers }).find(
    (name) => (values[name] ?? '') === '' && isFilled(name, description),
  )
  if (missing !== undefined) return failed({ reason: 'missing_value', name: missing })

  const pairs = (templates: Readonly<Record<string, string>>) =>
    Object.entries(templates).flatMap(([name, template]) =>
      template === '{events}' && as === 'list'
        ? events.map((event) => [name, event] as const)
        : [[name, fillKnown(template, values)] as const],
    )
  const url = endpointUrl(call, values, { allow })
  if (!(url instanceof URL))
    return failed({ reason: url.problem === 'missing' ? 'missing_value' : 'unsafe_value', name: url.field })
  for (const [name, value] of pairs(query)) url.searchParams.append(name, value)
  const filled = Object.entries(headers).map(([name, template]) => [name, fillKnown(template, values)] as const)
  const unsafe = filled.find(([, value]) => !isHeaderValue(value))
  if (unsafe !== undefined) return failed({ reason: 'unsafe_value', name: unsafe[0] })

  const init = { method, headers: new Headers({ accept: 'application/json' }) }
  for (const [name, value] of filled) init.headers.set(name, value)
  if (json === undefined) {
    const isForm = Object.keys(form).length > 0
    return { ok: true, url, init: isForm ? { ...init, body: formOf(pairs(form)) } : init }
  }
  if (!init.headers.has('content-type')) init.headers.set('content-type', 'application/json')
  const content = withTexts(json, (text) => (text === '{events}' && as === 'list' ? events : fillKnown(text, values)))
  return { ok: true, url, init: { ...init, body: JSON.stringify(content) } }
}

function formOf(pairs: readonly (readonly [string, string])[]): URLSearchParams {
  return new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value]))
}

/** Text in braces that no value has the name of, as in GraphQL, is not a placeholder. */
function isFilled(name: string, { fields, parameters, values }: SubscriptionDescription): boolean {
  return [...SUBSCRIPTION_VALUES, ...fields, ...parameters, ...Object.keys(values)].includes(name)
}

/** Placeholders whose values the kit makes. */
export const SUBSCRIPTION_VALUES = ['callback_url', 'events', 'expires', 'subscription_id'] as const

function valuesOf<Field extends string, Parameter extends string, Name extends string>(
  { fields, expires, lifetime_seconds = 0 }: SubscriptionDescription<Field, Parameter, Name>,
  { configuration, subscription }: Omit<Call<Field, Parameter, Name>, 'call'>,
  now: number,
): Values {
  const { callback_url, events, id = '', parameters, values = {} } = subscription
  return {
    // An answer never replaces a configured value.
    ...values,
    ...parameters,
    ...Object.fromEntries(fields.map((field) => [field, configuration[field] ?? ''])),
    callback_url,
    events: events.join(','),
    expires: writtenExpiry(expires?.form ?? 'date-time', lifetime_seconds, now),
    subscription_id: id,
  }
}

function writtenExpiry(form: TimeForm | 'lifetime-seconds', seconds: number, now: number): string {
  return form === 'lifetime-seconds' ? String(seconds) : timeForms[form].write(now + seconds * 1000)
}
