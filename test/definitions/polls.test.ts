import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { authorizedFetch } from '../../generator/kit/authorized-fetch.ts'
import type { Event } from '../../generator/kit/event.ts'
import type { Checkpoint } from '../../generator/kit/poll.ts'
import { createPoller } from '../../generator/kit/poll.ts'
import { pollsConfig } from '../../generator/model/poll-config.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import { apiConfig } from '../../generator/targets/typescript/api-config.ts'
import { fakeVendor } from '../support/fake-vendor.ts'

const { registry } = await readRegistry([join(import.meta.dirname, '..', '..', 'definitions')])
const samples = registry.connectors.flatMap((connector) =>
  connector.events.flatMap((event) =>
    (event.poll?.samples ?? []).map(
      (sample) => [`${event.code}: ${sample.name}`, { connector, event, sample }] as const,
    ),
  ),
)

describe('a poll records what a sample contains, once', () => {
  test.each(samples)('%s', async (_, { connector, event, sample }) => {
    const [api, polls] = [apiConfig(connector), pollsConfig(connector)]
    const poll = polls?.polls[event.name]
    if (api === undefined || polls === undefined || poll === undefined) return expect.fail('nothing to run')
    const answered = new Set<string>()
    const vendor = await fakeVendor((request) => {
      const { pathname } = new URL(request.url)
      // Each list has one page, so that tokens for a next page in the samples end.
      const isFirst = !answered.has(pathname)
      answered.add(pathname)
      const source = poll.for_each === undefined ? undefined : api.endpoints[poll.for_each.endpoint]
      if (source !== undefined && source.path === pathname) {
        const [value = ''] = Object.values(sample.parameters ?? {})
        return Response.json(at(source.pagination?.items ?? '', [at(poll.for_each?.at ?? '', value)]))
      }
      if (isFirst) return new Response(sample.body, { headers: { 'content-type': 'application/json' } })
      return Response.json(at(api.endpoints[poll.endpoint]?.pagination?.items ?? '', []))
    })
    onTestFinished(() => vendor.stop())
    const calls = authorizedFetch(
      { ...api, base_url: vendor.base_url, limits: [] },
      {
        configuration: Object.fromEntries(
          connector.auth.fields.map(({ name, pattern }) => [name, pattern?.startsWith('^act_') ? 'act_1' : '1']),
        ),
        tokens: { load: async () => ({ access_token: '1' }), save: async () => undefined },
      },
      vendor.options,
    )
    const recorded: Event[] = []
    const stored = new Map<string, Checkpoint>()
    const poller = createPoller(polls, event.name, {
      calls,
      load: async (part) => stored.get(part),
      save: async (part, checkpoint) => void stored.set(part, JSON.parse(JSON.stringify(checkpoint))),
      enqueue: async (events) => void recorded.push(...events),
      backfill: true,
    })
    expect(await poller.run()).toEqual({ ok: true, recorded: sample.events })
    answered.clear()
    expect(await poller.run()).toEqual({ ok: true, recorded: 0 })
    expect(recorded.map(({ type }) => type)).toEqual(Array(sample.events).fill(event.name))
  })
})

/** An object with a value at a pointer. */
function at(pointer: string, value: unknown): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduceRight<unknown>((inside, name) => ({ [name]: inside }), value)
}
