import { randomUUID } from 'node:crypto'
import { authenticate } from '../kit/credentials.ts'
import type { Problem } from '../kit/gateway-problem.ts'
import { refuse } from '../kit/gateway-problem.ts'
import { guardedFetch } from '../kit/outgoing.ts'
import type { Subscription, SubscriptionDescription, SubscriptionError } from '../kit/subscription.ts'
import { createSubscription, deleteSubscription, needsRenewal, renewSubscription } from '../kit/subscription.ts'
import { ConfigurationError } from '../kit/template.ts'
import type { Tokens } from '../kit/token-request.ts'
import { tokenSource } from '../kit/token-source.ts'
import type { Connector } from '../model/connector.ts'
import { installable, oauthDescription } from '../targets/typescript/installation-file.ts'
import { subscriptionDescriptions } from '../targets/typescript/subscription-file.ts'
import type { Installed } from './runtime.ts'
import type { Vendor, VendorCalls } from './vendor-calls.ts'

/** An installation whose subscriptions are changed. */
export interface Subscriber {
  readonly connector: Connector
  readonly installed: Installed
  /** Stores fields of the installation. */
  readonly keep: (values: Readonly<Record<string, string | undefined>>) => Promise<unknown>
}

/** A subscription that the local runtime has created. */
export interface KeptSubscription {
  readonly id: string
  readonly name: string
  readonly subscription: Subscription
  readonly isDue: boolean
}

/** The subscriptions that the local runtime has created, until it stops. */
export class LocalSubscriptions {
  readonly #vendor: Vendor
  readonly #calls: VendorCalls
  readonly #kept = new Map<string, Omit<KeptSubscription, 'isDue'> & { readonly installation: string }>()

  constructor(vendor: Vendor, calls: VendorCalls) {
    this.#vendor = vendor
    this.#calls = calls
  }

  of(installation: string, connector: Connector): readonly KeptSubscription[] {
    return [...this.#kept.values()]
      .filter((one) => one.installation === installation)
      .map(({ id, name, subscription }) => {
        const description = subscriptionDescriptions(connector).find((one) => one.name === name)
        return { id, name, subscription, isDue: description !== undefined && needsRenewal(description, subscription) }
      })
  }

  /** Undefined if it was created; otherwise the reason. */
  async create(
    subscriber: Subscriber,
    name: string,
    request: Parameters<typeof createSubscription>[2],
  ): Promise<Problem | undefined> {
    const description = descriptionOf(subscriber, name)
    const result = await createSubscription(
      description,
      subscriber.installed.configuration,
      request,
      await this.#options(subscriber),
    )
    return this.#store(subscriber, { id: randomUUID(), name }, result)
  }

  async renew(subscriber: Subscriber, id: string): Promise<Problem | undefined> {
    const { name, subscription } = this.#known(subscriber, id)
    const { configuration } = subscriber.installed
    const description = descriptionOf(subscriber, name)
    const result = await renewSubscription(description, configuration, subscription, await this.#options(subscriber))
    return this.#store(subscriber, { id, name }, result)
  }

  async delete(subscriber: Subscriber, id: string): Promise<Problem | undefined> {
    const { name, subscription } = this.#known(subscriber, id)
    const { configuration } = subscriber.installed
    const description = descriptionOf(subscriber, name)
    const result = await deleteSubscription(description, configuration, subscription, await this.#options(subscriber))
    if (!result.ok) return problemOf(result.error)
    this.#kept.delete(id)
    return undefined
  }

  #known({ installed }: Subscriber, id: string) {
    const known = this.#kept.get(id)
    if (known?.installation !== installed.id)
      refuse({ status: 404, error: 'not_found', message: 'there is no such subscription' })
    return known
  }

  async #store(
    { installed, keep }: Subscriber,
    key: Pick<KeptSubscription, 'id' | 'name'>,
    result: Awaited<ReturnType<typeof createSubscription>>,
  ): Promise<Problem | undefined> {
    if (!result.ok) return problemOf(result.error)
    const { subscription, keeps, leftover } = result
    // The vendor has it from now on, whatever happens to the secrets.
    this.#kept.set(key.id, { ...key, installation: installed.id, subscription })
    if (Object.keys(keeps).length > 0) await keep(keeps)
    return leftover && problemOf(leftover)
  }

  async #options({ connector, installed, keep }: Subscriber) {
    const tokens = await this.#tokensOf(connector, installed)
    const authenticated = (request: Request) =>
      authenticate(installable(connector), installed.configuration, tokens, request)
    requireCredentials(() => authenticated(new Request('https://localhost')))
    const send = guardedFetch(this.#vendor.outgoing)
    return { keep, send: (request: Request) => send(authenticated(request)) }
  }

  /** Undefined if no account is connected. */
  async #tokensOf(connector: Connector, installed: Installed): Promise<Tokens | undefined> {
    const oauth = oauthDescription(connector)
    if (oauth === undefined) return undefined
    const store = this.#calls.tokensOf(installed)
    const result = await tokenSource(oauth, installed.configuration, store, this.#vendor.outgoing).get()
    return result.ok ? result.tokens : undefined
  }
}

function descriptionOf({ connector }: Subscriber, name: string): SubscriptionDescription {
  const found = subscriptionDescriptions(connector).find((one) => one.name === name)
  if (found === undefined) refuse({ status: 404, error: 'not_found', message: 'there is no such subscription' })
  return found
}

function requireCredentials(prepare: () => unknown): void {
  try {
    prepare()
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    refuse({ status: 400, error: 'missing_credentials', message: error.message })
  }
}

function problemOf(error: SubscriptionError): Problem {
  const { reason, ...details } = error
  const about = Object.values(details).join(' ')
  return {
    status: 400,
    error: reason,
    message: `the vendor was not called, or did not accept the call${about === '' ? '' : `: ${about}`}`,
  }
}
