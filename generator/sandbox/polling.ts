import type { Event } from '../kit/event.ts'
import type { PollResult } from '../kit/poll.ts'
import { createPoller } from '../kit/poll.ts'
import { sleep } from '../kit/repeat.ts'
import { pollsConfig } from '../model/poll-config.ts'
import type { ActivityFeed } from './activity-feed.ts'
import { maskingOf } from './masking.ts'
import type { Installed, Runtime } from './runtime.ts'
import type { ServerState } from './server-state.ts'
import type { VendorCalls } from './vendor-calls.ts'
import { sendEvent } from './webhooks.ts'

export interface PollingOptions {
  readonly runtime: Runtime
  readonly activity: ActivityFeed
  readonly serverState: () => ServerState
  /** The actor that is written for events of polls. */
  readonly userId: string
}

/** How a poll of an event ended. */
export interface Polled {
  readonly event: string
  /** ISO 8601. */
  readonly at: string
  readonly result: PollResult
}

/** Seconds between two polls if the definition does not recommend an interval. */
const USUAL_INTERVAL = 300
/** Milliseconds between two looks for polls that are due. */
const PAUSE = 5000

/**
 * Polls for the events of installations, at the intervals of their definitions. Checkpoints are in the database, saved after
 * the events before them.
 */
export class Polling {
  readonly #options: PollingOptions
  readonly #calls: VendorCalls
  /** The polls under way, and the last result of each, by installation and event. */
  readonly #running = new Map<string, Promise<Polled>>()
  readonly #last = new Map<string, Polled>()
  /** When each poll began last, in milliseconds since 1970, however it ended. */
  readonly #begun = new Map<string, number>()

  constructor(options: PollingOptions, calls: VendorCalls) {
    this.#options = options
    this.#calls = calls
  }

  /** The events that a connector is polled for. */
  eventsOf(code: string): readonly string[] {
    return Object.keys(this.#pollsOf(code)?.polls ?? {})
  }

  /** The last result of each poll of an installation. */
  lastOf(installation: Pick<Installed, 'id' | 'code'>): readonly Polled[] {
    return this.eventsOf(installation.code).flatMap((event) => this.#last.get(keyOf(installation, event)) ?? [])
  }

  /** Polls for all events of an installation, one after the other. */
  async pollAll(installed: Installed, signal: AbortSignal): Promise<readonly Polled[]> {
    const results: Polled[] = []
    for (const event of this.eventsOf(installed.code)) results.push(await this.#poll(installed, event, signal))
    return results
  }

  /** Polls whatever is due until the signal aborts. */
  async run(signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#pollDue(signal, onError)
      } catch (error) {
        if (!signal.aborted) onError(error)
      }
      await sleep(PAUSE, signal).catch(() => undefined)
    }
    await Promise.allSettled(this.#running.values())
  }

  async #pollDue(signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
    const { runtime, serverState } = this.#options
    for (const { code } of serverState().registry.connectors) {
      const polls = this.#pollsOf(code)?.polls
      if (polls === undefined) continue
      for (const id of await runtime.installations(code)) {
        const due = Object.entries(polls).filter(([event, poll]) => {
          const begun = this.#begun.get(keyOf({ id }, event)) ?? 0
          return Date.now() - begun >= (poll?.interval_seconds ?? USUAL_INTERVAL) * 1000
        })
        const installed = due.length === 0 ? undefined : await runtime.installed(id)
        if (installed?.status !== 'active') continue
        for (const [event] of due) {
          if (signal.aborted) return
          // An installation whose poll fails does not keep others waiting.
          await this.#poll(installed, event, signal).catch((error) => {
            if (!signal.aborted) onError(error)
          })
        }
      }
    }
  }

  /** Never twice at once. */
  #poll(installed: Installed, event: string, signal: AbortSignal): Promise<Polled> {
    const key = keyOf(installed, event)
    const running = this.#running.get(key) ?? this.#pollOnce(installed, event, signal)
    this.#running.set(key, running)
    return running.finally(() => this.#running.delete(key))
  }

  async #pollOnce(installed: Installed, event: string, signal: AbortSignal): Promise<Polled> {
    const { runtime, activity, userId, serverState } = this.#options
    const { id: installation } = installed
    const begun = Date.now()
    this.#begun.set(keyOf(installed, event), begun)
    const at = new Date(begun).toISOString()
    const state = serverState()
    const connector = state.connectors.get(installed.code)
    const [polls, calls] = [this.#pollsOf(installed.code), this.#calls.callsOf(installed)]
    if (polls === undefined || calls === undefined) throw new Error(`${installed.code} is not polled for ${event}`)
    const sink = { runtime, activity, serverState: state, mask: maskingOf(connector, installed.configuration).text }
    const actor = { organizationId: installed.organizationId, userId }
    const poller = createPoller(polls, event, {
      calls,
      hera: { sendEvent: (one) => sendEvent(sink, actor, one as Event) },
      load: (part) => runtime.checkpoint(actor, { installation, event, part }),
      save: (part, checkpoint) => runtime.saveCheckpoint(actor, { installation, event, part }, checkpoint),
      // In the log with its reason.
      onRejected: () => undefined,
    })
    const polled = { event, at, result: await poller.run(signal) }
    this.#last.set(keyOf(installed, event), polled)
    return polled
  }

  #pollsOf(code: string) {
    const connector = this.#options.serverState().connectors.get(code)
    return connector && pollsConfig(connector)
  }
}

function keyOf({ id }: Pick<Installed, 'id'>, event: string): string {
  return `${id} ${event}`
}
