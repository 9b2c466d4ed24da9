import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AnyInput } from '../../generator/kit/call.ts'
import type { Event } from '../../generator/kit/event.ts'
import { idempotencyKey } from '../../generator/kit/event.ts'
import { pagesOf } from '../../generator/kit/pages.ts'
import type { Checkpoint, Poll, PollerOptions, Polls } from '../../generator/kit/poll.ts'
import { createPoller } from '../../generator/kit/poll.ts'

interface Record_ {
  readonly id: string
  readonly at: number
  readonly status: string
  readonly note?: string
}
type Events = { changed: { id: string; status: string; was?: string } }

const base: Poll = {
  endpoint: 'records',
  order: 'none',
  key: ['/id'],
  remember: { status: '/status' },
  data: {
    required: ['id'],
    fields: {
      id: { from: [['record', 'id']], as: 'text' },
      status: { from: [['record', 'status']], as: 'text' },
      was: { from: [['poll', 'previous', 'status']], as: 'text' },
    },
  },
}
const cursor = { in: 'record', at: '/at', form: 'number', parameter: 'since' } as const
const kinds: Readonly<Record<string, Poll>> = {
  'oldest first, from a cursor': { ...base, order: 'ascending', cursor },
  'newest first, until the cursor': {
    ...base,
    order: 'descending',
    cursor: { in: 'record', at: '/at', form: 'number' },
  },
  'in any order, all records': base,
  'changes of a version': { ...base, version: ['/status'] },
  'a token of the answer': { ...base, cursor: { in: 'answer', at: '/token', parameter: 'token' } },
}

function pollsOf(poll: Poll): Polls<Events> {
  const idempotency = poll.version === undefined ? ['/id'] : ['/id', '/status']
  return { connector: 'acme-crm', events: { changed: { smart_code: 'X', idempotency } }, polls: { changed: poll } }
}

class Killed extends Error {}

/** A vendor, a store and HERA, which survive when the poller is killed at one of its steps. */
function world(poll: Poll) {
  const records: Record_[] = []
  const stored = new Map<string, string>()
  const recorded = new Map<string, Event<Events>>()
  let sent = 0
  let left = Number.POSITIVE_INFINITY
  const step = async () => {
    await Promise.resolve()
    left -= 1
    if (left < 0) throw new Killed()
  }
  const answer = (input: AnyInput) => {
    const since = Number(input.query?.since ?? 0)
    const token = Number(input.query?.token ?? 0)
    const wanted = records.filter(({ at }, index) => at >= since && index >= token)
    const sorted = poll.order === 'descending' ? [...wanted].sort((a, b) => b.at - a.at) : wanted
    const start = Number(input.query?.start ?? 0)
    return { items: sorted.slice(start, start + 2), token: records.length }
  }
  const options: PollerOptions<Events> = {
    calls: {
      pages: ((name: string, input: AnyInput) =>
        pagesOf(
          async (_, asked) => {
            await step()
            const result = { ok: true, data: answer(asked), status: 200, headers: new Headers() } as const
            return { result }
          },
          name,
          { type: 'offset', items: '/items', parameter: 'start' },
          input,
        )) as never,
    },
    load: async () => {
      await step()
      const text = stored.get('')
      return text === undefined ? undefined : (JSON.parse(text) as Checkpoint)
    },
    save: async (part, checkpoint) => {
      await step()
      stored.set(part, JSON.stringify(checkpoint))
      await step()
    },
    enqueue: async (events) => {
      await step()
      for (const event of events) {
        sent += 1
        recorded.set(idempotencyKey(event as Event) ?? '', event)
        // HERA has the event, and the poller does not know it.
        await step()
      }
    },
  }
  return {
    records,
    stored,
    recorded,
    sentCount: () => sent,
    killAfter(steps: number) {
      left = steps
    },
    run: (more: Partial<PollerOptions<Events>> = {}) =>
      createPoller(pollsOf(poll), 'changed', { ...options, ...more } as PollerOptions<Events>).run(),
    runWith: (hera: object) => {
      const { calls, load, save } = options
      return createPoller(pollsOf(poll), 'changed', { calls, load, save, ...hera } as PollerOptions<Events>).run()
    },
  }
}

describe.each(Object.entries(kinds))('a poll of %s', (_, poll) => {
  const make = (count: number, from = 0): Record_[] =>
    Array.from({ length: count }, (_, index) => ({ id: `r${from + index}`, at: 100 + from + index, status: 'new' }))

  test('only remembers what is there at first, and then records what is new, once', async () => {
    const { records, recorded, run } = world(poll)
    records.push(...make(5))
    expect(await run()).toEqual({ ok: true, recorded: 0 })
    expect(await run()).toEqual({ ok: true, recorded: 0 })
    records.push(...make(3, 5))
    expect(await run()).toEqual({ ok: true, recorded: 3 })
    expect(await run()).toEqual({ ok: true, recorded: 0 })
    expect([...recorded.values()].map(({ data }) => data.id)).toEqual(['r5', 'r6', 'r7'])
  })

  test('records everything that is there, if that is wanted', async () => {
    const { records, run } = world(poll)
    records.push(...make(5))
    expect(await run({ backfill: true })).toEqual({ ok: true, recorded: 5 })
  })

  test('killed at any step, it loses nothing and records nothing twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ grow: fc.nat(4), steps: fc.nat(20) }), { maxLength: 8 }), async (turns) => {
        const { records, recorded, sentCount, killAfter, run } = world(poll)
        records.push(...make(2))
        await run()
        for (const { grow, steps } of turns) {
          records.push(...make(grow, records.length))
          killAfter(steps)
          await run().catch((error: unknown) => {
            if (!(error instanceof Killed)) throw error
          })
        }
        killAfter(Number.POSITIVE_INFINITY)
        await run()
        const wanted = records.slice(2).map(({ id }) => id)
        expect([...recorded.values()].map(({ data }) => data.id).sort()).toEqual([...wanted].sort())
        const before = sentCount()
        await run()
        expect(sentCount()).toBe(before)
      }),
    )
  })

  test('killed at every single step, it loses nothing', async () => {
    for (let steps = 0; steps < 40; steps += 1) {
      const { records, recorded, killAfter, run } = world(poll)
      records.push(...make(1))
      await run()
      records.push(...make(5, 1))
      killAfter(steps)
      await run().catch(() => undefined)
      killAfter(Number.POSITIVE_INFINITY)
      await run()
      expect([...recorded.values()].map(({ data }) => data.id).sort()).toEqual(['r1', 'r2', 'r3', 'r4', 'r5'])
    }
  })
})

test('a changed record is another event, with what it was before', async () => {
  const { records, recorded, run } = world({ ...base, version: ['/status'] })
  records.push({ id: 'a', at: 1, status: 'paused' }, { id: 'b', at: 1, status: 'active' })
  await run()
  records[0] = { id: 'a', at: 1, status: 'active' }
  expect(await run()).toEqual({ ok: true, recorded: 1 })
  expect([...recorded.values()].map(({ data }) => data)).toEqual([{ id: 'a', status: 'active', was: 'paused' }])
})

test('a word that moves from one value of the version to the next is a change', async () => {
  const { records, run } = world({ ...base, version: ['/status', '/note'] })
  records.push({ id: 'a', at: 1, status: 'a b', note: 'c' })
  await run()
  records[0] = { id: 'a', at: 1, status: 'a', note: 'b c' }
  expect(await run()).toEqual({ ok: true, recorded: 1 })
  expect(await run()).toEqual({ ok: true, recorded: 0 })
})

test('the checkpoint stays small', async () => {
  const { records, stored, run } = world({ ...base, order: 'ascending', cursor })
  for (let at = 0; at < 200; at += 1) records.push({ id: `r${at}`, at, status: 'new' })
  await run({ backfill: true })
  expect(JSON.parse(stored.get('') ?? '')).toEqual({
    cursor: 199,
    seen: { r199: { cursor: 199, remembered: { status: 'new' } } },
  })
})

test('a record without a key stops the poll', async () => {
  const { records, run } = world(base)
  records.push({ id: '', at: 1, status: 'new' })
  expect(await run()).toEqual({ ok: false, recorded: 0, error: { reason: 'no_key' } })
})

test('an event that HERA does not take is sent again, unless it is refused for good', async () => {
  const { records, run, runWith } = world(base)
  await run()
  records.push({ id: 'a', at: 1, status: 'new' })
  let reason: 'unavailable' | 'refused' = 'unavailable'
  const rejected: unknown[] = []
  const hera = { sendEvent: async () => ({ ok: false, error: { reason, status: 500, message: '' } }) as const }
  const poller = () => runWith({ hera, onRejected: (event: unknown) => rejected.push(event) })
  expect(await poller()).toMatchObject({ ok: false, error: { reason: 'not_recorded' } })
  expect(await poller()).toMatchObject({ ok: false })
  reason = 'refused'
  expect(await poller()).toMatchObject({ ok: true })
  expect(rejected).toHaveLength(1)
  expect(await poller()).toMatchObject({ ok: true, recorded: 0 })
})
