import type {
  DeliveryRefusal,
  EndpointOptions,
  ReadDelivery,
  ReceivedRequest,
  ReceiveRefusal,
  Receiver,
  Recording,
  Refused,
} from './endpoint.ts'
import { endpoint, told } from './endpoint.ts'
import type { Event } from './event.ts'
import type { KeptValues } from './handshake.ts'
import { answerToHandshake, recognizedHandshake } from './handshake.ts'
import type { HeraError } from './hera.ts'
import type { EventRecorder, RecordingTime } from './record.ts'
import { inParallel, recordAll, succeeds } from './record.ts'
import { requestFacts } from './request-facts.ts'
import type { Answer } from './response.ts'
import { refusal } from './response.ts'
import type { Route } from './route.ts'
import { routeKey, routesIn } from './routing.ts'
import { verify } from './verify.ts'
import type { FetchOptions, Handshake, RoutedWebhook, Secrets, SignatureScheme } from './webhook.ts'
import { keysOf } from './webhook.ts'

/** An installation that a request may be for. */
export interface Installation<Field extends string = string> {
  /** Two candidates with the same id are one installation. */
  readonly id: string
  /** Its secrets; not needed if the option `secrets` has those of the app. */
  readonly secrets?: Secrets<Field>
  /**
   * Whether the vendor itself gave the value by which the installation is found. False if a user has entered it, who need
   * not own the account: with the option `secrets`, or if signatures need no secret, such an installation receives nothing
   * without `trustTypedValues`.
   */
  readonly proven?: boolean
}

/** An event and the installation that it belongs to. */
export interface RoutedEvent<Events extends object, Candidate extends Installation> {
  readonly event: Event<Events>
  readonly installation: Candidate
}

/** A value of a delivery by which no installation receives events, or not all of them. */
export interface Unrouted<Events extends object, Field extends string = string> {
  /**
   * - `not_installed`: no installation has the value.
   * - `not_proven`: users have entered the value, and nothing shows that they own the account (see `trustTypedValues`).
   * - `not_verified`: the delivery was not signed with the secret of an installation that has the value.
   * - `missing_value`: the event has no value that identifies an installation.
   * - `too_many_installations`: more than five installations have the value or receive the event; the first five get it.
   * - `too_many_values`: the delivery has more than a thousand values; the rest is not looked up.
   */
  readonly reason:
    | 'not_installed'
    | 'not_proven'
    | 'not_verified'
    | 'missing_value'
    | 'too_many_installations'
    | 'too_many_values'
  /** Missing with `missing_value`. */
  readonly field?: Field
  readonly value?: string
  /** The events that have the value; empty if their sender is not known. */
  readonly events: readonly Event<Events>[]
}

/** Finds the installations whose field has a value. */
type Lookup<Route extends string, Candidate> = (
  value: string,
  field: Route,
) => readonly Candidate[] | Promise<readonly Candidate[]>

interface Options<Field extends string, Events extends object, Route extends string, Candidate>
  extends EndpointOptions {
  /**
   * The installations whose field has a value; several if several organizations have connected the same account, of which
   * the first five count. Without the option `secrets` it is asked about requests that are not verified yet.
   */
  readonly installations: Lookup<Route, Candidate>
  /**
   * The secrets of the app, if all installations share them: a request is then verified before any installation is looked
   * up. Otherwise each installation receives only what its secret has signed.
   */
  readonly secrets?: Secrets<Field>
  /**
   * An installation whose `proven` is false receives events too, although signatures say nothing about the organization:
   * whoever enters another's value receives the other's events. Only for connectors without OAuth whose values somebody has
   * checked.
   */
  readonly trustTypedValues?: boolean
  /** Told of values for which not every event has reached an installation. The vendor does not repeat them. */
  readonly onUnrouted: (unrouted: readonly Unrouted<Events, Route>[]) => void
  /** As of `handleWebhook`, with the installation that stores the values. */
  readonly keep?: (
    values: KeptValues<Field>,
    installation: Candidate,
  ) => boolean | undefined | Promise<boolean | undefined>
  /**
   * As of `handleWebhook`, with the installation whose credentials are added: one that the part of the delivery belongs
   * to. A call for a part that belongs to several accounts is not made; it counts as refused.
   */
  readonly fetchResource?: (
    call: Request,
    context: { readonly delivery: Request; readonly installation: Candidate },
  ) => Promise<Response>
  /** As of `handleWebhook`, with the installation that the event belongs to. */
  readonly onRejected?: (event: Event<Events>, error: HeraError, installation: Candidate) => void
}

/** The destination of events: the client of their installation, or the application's queue. */
type Sink<Events extends object, Route extends string, Candidate extends Installation> =
  | {
      /** With the client of the organization that the installation belongs to. */
      readonly installations: Lookup<Route, Candidate & { readonly hera: EventRecorder }>
    }
  | {
      /** Keeps all events of a delivery, or rejects; the vendor is answered when it resolves. */
      readonly enqueue: (events: readonly RoutedEvent<Events, Candidate>[]) => Promise<void>
    }

export type ReceiveAllOptions<
  Field extends string,
  Events extends object,
  Route extends string,
  Candidate extends Installation<Field>,
> = Options<Field, Events, Route, Candidate> & Sink<Events, Route, Candidate>

/** Installations with one value, or for one event, that are used at most; also how many different secrets are tried. */
const MOST_CANDIDATES = 5
/** Values that are looked up at most before a request is verified, and for one event. */
const MOST_VALUES_OF_ONE = 20
/** Values of a delivery that are looked up at most; the largest known deliveries have a thousand parts (Meta). */
const MOST_VALUES = 1000
/** How many values are looked up at once. */
const AT_ONCE = 8

/**
 * A webhook endpoint for all installations of a connector: as `handleWebhook`, but each event goes to the installations
 * that a value of the delivery or request identifies. If the secret belongs to the installation, that value is read first,
 * from the request that is not verified yet, and only to choose the secrets by which it is verified.
 */
export function handleWebhooks<
  Field extends string,
  Events extends object,
  Route extends string,
  Candidate extends Installation<Field>,
>(
  webhook: RoutedWebhook<Field, Events, Route>,
  options: ReceiveAllOptions<Field, Events, Route, Candidate>,
): (request: Request) => Promise<Response> {
  return endpoint(webhook, options, async (_, refused) => new RoutedReceiver(webhook, options, refused))
}

/** The installations with a value. */
interface Found<Candidate> {
  readonly candidates: readonly Candidate[]
  readonly isCut: boolean
  /** Whether installations were left out whose users have only entered the value. */
  readonly isUnproven: boolean
}

/** Receives one request. Every value is looked up once, and every secret tried once. */
class RoutedReceiver<
  Field extends string,
  Events extends object,
  Name extends string,
  Candidate extends Installation<Field>,
> implements Receiver<Events>
{
  readonly #webhook: RoutedWebhook<Field, Events, Name>
  readonly #options: ReceiveAllOptions<Field, Events, Name, Candidate>
  readonly #refused: Refused
  readonly #found = new Map<string, Promise<Found<Candidate>>>()
  /** Why secrets refuse the request, by the secrets; undefined if they verify it. */
  readonly #tried = new Map<string, Promise<DeliveryRefusal | undefined>>()
  readonly #nothing: Secrets<Field> = {} as Secrets<Field>
  /** Whether the request was verified for all installations. */
  #isForAll = false

  constructor(
    webhook: RoutedWebhook<Field, Events, Name>,
    options: ReceiveAllOptions<Field, Events, Name, Candidate>,
    refused: Refused,
  ) {
    this.#webhook = webhook
    this.#options = options
    this.#refused = refused
  }

  async answerHandshake(received: ReceivedRequest, verified: boolean): Promise<Answer | undefined> {
    const { secrets, keep, allowReplacement } = this.#options
    const recognized = recognizedHandshake(this.#webhook.handshakes ?? [], received.parts, verified)
    if (recognized === undefined) return undefined
    let reason: ReceiveRefusal | undefined
    const answerFor = (candidate: Candidate | undefined) => {
      reason = undefined
      return answerToHandshake(this.#webhook, received.parts, candidate?.secrets ?? secrets ?? this.#nothing, {
        ...{ verified, allowReplacement, keep: candidate && keep && ((values) => keep(values, candidate)) },
        onRefused(refusal) {
          reason = refusal
        },
      })
    }
    let answer: Answer | undefined
    if (!needsInstallation(recognized.handshake, secrets !== undefined)) answer = await answerFor(undefined)
    else {
      for (const candidate of await this.#handshakeCandidates(recognized.handshake, received)) {
        answer = await answerFor(candidate)
        if (reason === undefined) break
      }
      if (answer === undefined) {
        reason = 'not_routed'
        answer = refusal(403, reason)
      }
    }
    if (reason !== undefined) this.#refused(reason)
    return answer
  }

  /** Values are stored for the only installation that they can be meant for. */
  async #handshakeCandidates({ keeps }: Handshake<Field>, received: ReceivedRequest): Promise<readonly Candidate[]> {
    const candidates = await this.#candidatesOf(await this.#unverifiedRoutes(received))
    return keeps !== undefined && candidates.length > 1 ? [] : candidates
  }

  async problemOf(received: ReceivedRequest): Promise<DeliveryRefusal | 'unrouted' | undefined> {
    const { secrets } = this.#options
    const reason = await this.#refusalBy(secrets, received)
    this.#isForAll = reason === undefined
    // Without secrets it is known at least whether there is a signature; only then is the body parsed.
    const isFinal = secrets !== undefined || reason === 'missing_signature' || !usesSecrets(this.#webhook)
    if (reason === undefined || isFinal) return reason
    const routes = await this.#unverifiedRoutes(received)
    const candidates = await this.#candidatesOf(routes)
    if (candidates.length > 0) return this.#refusalByAll(candidates, received)
    const isHandshake = recognizedHandshake(this.#webhook.handshakes ?? [], received.parts, true) !== undefined
    if (routes.length === 0 || isHandshake) return 'not_routed'
    this.#report(routes.map((route) => ({ reason: 'not_installed', ...route, events: [] })))
    return 'unrouted'
  }

  /** Installations of one account have access to the same objects; those of several accounts have not. */
  fetchOptionsOf(received: ReceivedRequest): Pick<FetchOptions, 'accessFor'> {
    const { fetchResource, secrets } = this.#options
    if (fetchResource === undefined) return {}
    return {
      accessFor: async (routes) => {
        const [account, ...others] = await this.#accountsOf(routes as readonly Route<Name>[], received)
        const [installation] = others.length === 0 ? (account ?? []) : []
        return (
          installation && {
            fetchResource: (call) => fetchResource(call, { delivery: received.request, installation }),
            fields: installation.secrets ?? secrets,
          }
        )
      },
    }
  }

  /** Verified installations, by the values that identify them. */
  async #accountsOf(
    routes: readonly Route<Name>[],
    received: ReceivedRequest,
  ): Promise<readonly (readonly Candidate[])[]> {
    if (routes.length > MOST_VALUES_OF_ONE) return []
    const accounts = new Map<string, readonly Candidate[]>()
    for (const route of routes) {
      const verified: Candidate[] = []
      for (const candidate of (await this.#candidatesFor(route))?.candidates ?? [])
        if (await this.#isVerifiedFor(candidate, received)) verified.push(candidate)
      if (verified.length > 0) accounts.set(verified.map(({ id }) => id).join(' '), verified)
    }
    return [...accounts.values()]
  }

  async recordingOf(reading: ReadDelivery<Events>, received: ReceivedRequest): Promise<Recording> {
    const { events } = reading
    const routes = reading.routes as readonly (readonly Route<Name>[])[]
    await inParallel(distinct(routes.flat()).slice(0, MOST_VALUES), AT_ONCE, async (route) => {
      await this.#candidatesFor(route)
    })
    const unrouted = new Map<string, Unrouted<Events, Name> & { readonly events: Event<Events>[] }>()
    const routed: RoutedEvent<Events, Candidate>[] = []
    let lost = 0
    for (const [index, event] of events.entries()) {
      const { installations, problems } = await this.#destinationsOf(routes[index] ?? [], received)
      if (installations.length === 0) lost += 1
      for (const installation of installations) routed.push({ event, installation })
      for (const problem of problems) {
        const key = `${problem.reason} ${problem.field} ${problem.value}`
        const known = unrouted.get(key) ?? { ...problem, events: [] }
        if (problem.reason !== 'not_verified') known.events.push(event)
        unrouted.set(key, known)
      }
    }
    if (unrouted.size > 0) this.#report([...unrouted.values()])
    return { counts: { unrouted: lost }, run: (time) => this.#record(routed, time) }
  }

  async #record(routed: readonly RoutedEvent<Events, Candidate>[], time: RecordingTime): Promise<boolean> {
    const options = this.#options
    if ('enqueue' in options) return routed.length === 0 || succeeds(() => options.enqueue(routed))
    const { onRejected } = options
    const work = routed.map(({ event, installation }) => ({
      ...{ event, installation },
      hera: (installation as Candidate & { readonly hera: EventRecorder }).hera,
    }))
    return recordAll(
      work,
      time,
      onRejected && (({ event, installation }, error) => onRejected(event, error, installation)),
    )
  }

  /** The installations for an event, and the values for which there are none or too many. */
  readonly #destinations = new Map<readonly Route<Name>[], Promise<Destinations<Name, Candidate>>>()

  #destinationsOf(routes: readonly Route<Name>[], received: ReceivedRequest): Promise<Destinations<Name, Candidate>> {
    const found = this.#destinations.get(routes) ?? this.#newDestinations(routes, received)
    this.#destinations.set(routes, found)
    return found
  }

  async #newDestinations(
    routes: readonly Route<Name>[],
    received: ReceivedRequest,
  ): Promise<Destinations<Name, Candidate>> {
    const installations = new Map<string, Candidate>()
    const problems: Problem<Name>[] = routes.length === 0 ? [{ reason: 'missing_value' }] : []
    for (const [index, route] of routes.entries()) {
      const found = index < MOST_VALUES_OF_ONE ? await this.#candidatesFor(route) : undefined
      if (found === undefined) {
        problems.push({ reason: 'too_many_values', ...route })
        break
      }
      const { candidates, isCut, isUnproven } = found
      let [isUnverified, isCrowded] = [false, isCut]
      for (const candidate of candidates) {
        if (!(await this.#isVerifiedFor(candidate, received))) isUnverified = true
        else if (installations.size < MOST_CANDIDATES || installations.has(candidate.id))
          installations.set(candidate.id, candidate)
        else isCrowded = true
      }
      if (isUnproven) problems.push({ reason: 'not_proven', ...route })
      else if (candidates.length === 0) problems.push({ reason: 'not_installed', ...route })
      if (isUnverified) problems.push({ reason: 'not_verified', ...route })
      if (isCrowded) problems.push({ reason: 'too_many_installations', ...route })
    }
    return { installations: [...installations.values()], problems }
  }

  #report(unrouted: readonly Unrouted<Events, Name>[]): void {
    told(() => this.#options.onUnrouted(unrouted))
  }

  async #unverifiedRoutes({ delivery }: ReceivedRequest): Promise<readonly Route<Name>[]> {
    const { routing } = this.#webhook
    const readsBody = routing.some(({ from: [start] }) => start === 'delivery')
    const parsed = readsBody ? await delivery.parse() : undefined
    const facts = { content_type: '', ...requestFacts(delivery) }
    const value = parsed?.readable === true ? parsed.value : undefined
    return routesIn(this.#webhook, value, facts, MOST_VALUES_OF_ONE) as readonly Route<Name>[]
  }

  /** The installations that a request may be for: at most five, by the first values that have some. */
  async #candidatesOf(routes: readonly Route<Name>[]): Promise<readonly Candidate[]> {
    const found = new Map<string, Candidate>()
    for (const route of routes) {
      if (found.size >= MOST_CANDIDATES) break
      for (const candidate of (await this.#candidatesFor(route))?.candidates ?? []) found.set(candidate.id, candidate)
    }
    return [...found.values()].slice(0, MOST_CANDIDATES)
  }

  /** Undefined for a value that is not looked up. */
  async #candidatesFor(route: Route<Name>): Promise<Found<Candidate> | undefined> {
    const key = routeKey(route)
    const known = this.#found.get(key)
    if (known !== undefined) return known
    if (this.#found.size >= MOST_VALUES) return undefined
    const found = this.#lookUp(route)
    this.#found.set(key, found)
    return found
  }

  async #lookUp({ value, field }: Route<Name>): Promise<Found<Candidate>> {
    const { secrets, trustTypedValues = false } = this.#options
    const all = await this.#options.installations(value, field)
    // A secret of the app verifies the vendor, not that an organization owns the account.
    const isOfVendor = secrets !== undefined || !usesSecrets(this.#webhook)
    const usable = isOfVendor && !trustTypedValues ? all.filter(({ proven }) => proven !== false) : all
    const different = [...new Map(usable.map((candidate) => [candidate.id, candidate])).values()]
    return {
      candidates: different.slice(0, MOST_CANDIDATES),
      isCut: different.length > MOST_CANDIDATES,
      isUnproven: usable.length < all.length,
    }
  }

  async #isVerifiedFor({ secrets }: Candidate, received: ReceivedRequest): Promise<boolean> {
    return this.#isForAll || (await this.#refusalBy(secrets, received)) === undefined
  }

  /** Undefined if the secret of one candidate verifies the request; otherwise the reason of the first. */
  async #refusalByAll(
    candidates: readonly Candidate[],
    received: ReceivedRequest,
  ): Promise<DeliveryRefusal | undefined> {
    const reasons: (DeliveryRefusal | undefined)[] = []
    for (const { secrets } of candidates) reasons.push(await this.#refusalBy(secrets, received))
    return reasons.includes(undefined) ? undefined : reasons[0]
  }

  /** Installations of one app have the same secret, which is tried once. */
  #refusalBy(
    secrets: Secrets<Field> = this.#nothing,
    { delivery }: ReceivedRequest,
  ): Promise<DeliveryRefusal | undefined> {
    const key = JSON.stringify(secretNames(this.#webhook).map((name) => keysOf(secrets, name as Field)))
    const known = this.#tried.get(key)
    if (known !== undefined) return known
    // The request itself without secrets is one more.
    if (this.#tried.size > MOST_CANDIDATES) return Promise.resolve('signature_mismatch')
    const { url, allowWeak, fetchKey } = this.#options
    const tried = verify(this.#webhook, delivery, secrets, { url, allowWeak, fetchKey }).then((verification) =>
      verification.verified ? undefined : verification.reason,
    )
    this.#tried.set(key, tried)
    return tried
  }
}

type Problem<Name extends string> = Omit<Unrouted<object, Name>, 'events'>

interface Destinations<Name extends string, Candidate> {
  readonly installations: readonly Candidate[]
  readonly problems: readonly Problem<Name>[]
}

function distinct<Name extends string>(routes: readonly Route<Name>[]): readonly Route<Name>[] {
  return [...new Map(routes.map((route) => [routeKey(route), route])).values()]
}

function needsInstallation<Field extends string>(
  { expect = [], proof, keeps }: Handshake<Field>,
  hasSecrets: boolean,
): boolean {
  if (keeps !== undefined) return true
  return !hasSecrets && (proof !== undefined || expect.some(({ field }) => field !== undefined))
}

function usesSecrets(webhook: RoutedWebhook): boolean {
  return secretNames(webhook).length > 0
}

/** The fields whose values decide whether a request is verified. */
function secretNames({ signatures }: Pick<RoutedWebhook, 'signatures'>): readonly string[] {
  return signatures.flatMap(namesIn)
}

function namesIn({ secret, signed, jwt }: SignatureScheme): readonly string[] {
  const inText = [...signed.matchAll(/\{field:([a-z][a-z0-9_]*)\}/g)].map(([, name = '']) => name)
  const inAudience = [...(jwt?.audience ?? '').matchAll(/\{([a-z][a-z0-9_]*)\}/g)].map(([, name = '']) => name)
  return [...(secret === undefined ? [] : [secret]), ...inText, ...inAudience.filter((name) => name !== 'url')]
}
