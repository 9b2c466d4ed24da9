import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseBody } from '../../generator/kit/body.ts'
import { toEvents } from '../../generator/kit/delivery.ts'
import type { Path } from '../../generator/kit/mapping.ts'
import type { Webhook } from '../../generator/kit/webhook.ts'
import type { SampleDelivery } from '../../generator/model/connector.ts'
import { sampleRequest } from '../../generator/model/sample-request.ts'
import { withStoredResponses } from '../../generator/model/stored-responses.ts'
import { readRegistry } from '../../generator/pipeline/pipeline.ts'
import { kitWebhook } from '../../generator/targets/typescript/webhook-file.ts'

const { registry } = await readRegistry([join(import.meta.dirname, '..', '..', 'definitions')])

type Steps = readonly (string | number)[]

/** A value that is neither an object nor a list, and its place. */
interface Leaf {
  readonly steps: Steps
  readonly value: unknown
}

function leavesOf(value: unknown, steps: Steps = []): readonly Leaf[] {
  if (typeof value !== 'object' || value === null) return [{ steps, value }]
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, [...steps, index]))
  return Object.entries(value).flatMap(([name, item]) => leavesOf(item, [...steps, name]))
}

function written(steps: Steps): string {
  return `$${steps.map((step) => (typeof step === 'number' ? `[${step}]` : `['${step}']`)).join('')}`
}

/** The body with another value in the place of a leaf. */
function replaced(value: unknown, [step, ...rest]: Steps, leaf: unknown): unknown {
  if (step === undefined) return leaf
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? replaced(item, rest, leaf) : item))
  return Object.fromEntries(
    Object.entries(value as object).flatMap(([name, item]) => {
      const inside = name === step ? replaced(item, rest, leaf) : item
      return inside === undefined ? [] : [[name, inside]]
    }),
  )
}

/** A value that looks like another one. */
function other(value: unknown): unknown {
  if (typeof value === 'string') return /^\d+$/.test(value) ? String(BigInt(value) + 1n) : `${value}x`
  if (typeof value === 'number') return value + 1
  return typeof value === 'boolean' ? !value : 'x'
}

/** The body, which notes the leaves that are looked at. */
function watched(value: unknown, seen: Set<string>, steps: Steps = []): unknown {
  if (typeof value !== 'object' || value === null) return value
  const known = new Map<string | symbol, unknown>()
  return new Proxy(value, {
    get(target, name) {
      const inside = Reflect.get(target, name) as unknown
      if (typeof name === 'symbol' || !Object.hasOwn(target, name) || (Array.isArray(target) && name === 'length'))
        return inside
      const path = [...steps, Array.isArray(target) ? Number(name) : name]
      seen.add(written(path))
      if (!known.has(name)) known.set(name, watched(inside, seen, path))
      return known.get(name)
    },
  })
}

function isAt(steps: Steps, [start, ...path]: Path): boolean {
  const isPrefix = path.every((step, index) => typeof step === 'object' || step === steps[index])
  return start === 'delivery' && path.length <= steps.length && isPrefix
}

interface Counts {
  leaves: number
  ignored: number
  inUnrecognized: number
  withEffect: number
  consulted: number
  readonly others: string[]
}

async function countIn(webhook: Webhook, sample: SampleDelivery, counts: Counts): Promise<void> {
  const request = sampleRequest(sample)
  const parsed = await parseBody(webhook, sample.body, sample.content_type)
  if (!parsed.readable) throw new Error(`${sample.name} cannot be read`)
  const read = async (value: unknown) => {
    const parse = async () => ({ ...parsed, value })
    const reading = await toEvents(webhook, sample.body, { ...request, headers: new Headers(request.headers), parse })
    return reading.readable ? reading : undefined
  }
  const before = await read(parsed.value)
  expect([sample.name, before?.unread]).toEqual([sample.name, []])
  const lost = before?.unrecognized.filter(({ event }) => event === undefined).map(({ path }) => path) ?? []
  const seen = new Set<string>()
  await read(watched(parsed.value, seen))
  const isUnread = before?.events.length === 0
  const result = (reading: typeof before) => JSON.stringify([reading?.events, reading?.routes, reading?.unrecognized])
  // The first routing rule with a value decides, and the values of the others are not looked at.
  const isRouting = (steps: Steps) =>
    webhook.routing?.some(({ from }) => from.length === steps.length + 1 && isAt(steps, from))
  const changes = async (steps: Steps, leaf: unknown) =>
    result(await read(replaced(parsed.value, steps, leaf))) !== result(before)
  for (const { steps, value } of leavesOf(parsed.value)) {
    counts.leaves += 1
    if (webhook.ignored?.some((path) => isAt(steps, path)) === true) counts.ignored += 1
    else if (isUnread || lost.some((path) => written(steps).startsWith(path))) counts.inUnrecognized += 1
    else if ((await changes(steps, undefined)) || (await changes(steps, other(value)))) counts.withEffect += 1
    else if (seen.has(written(steps)) || isRouting(steps)) counts.consulted += 1
    else counts.others.push(`${sample.name}: ${written(steps)}`)
  }
}

describe('every value of every sample', () => {
  const withSamples = registry.connectors.filter(({ webhook }) => (webhook?.samples.length ?? 0) > 0)
  test.each(withSamples.map((connector) => [connector.code, connector] as const))(
    'of %s reaches an event or decides what is one, is ignored with a reason, or is reported',
    async (_, connector) => {
      const { samples = [] } = connector.webhook ?? {}
      const webhook = kitWebhook(connector)
      if (webhook === undefined) throw new Error('no webhook')
      const counts: Counts = { leaves: 0, ignored: 0, inUnrecognized: 0, withEffect: 0, consulted: 0, others: [] }
      for (const sample of samples) await countIn(withStoredResponses(webhook, samples), sample, counts)
      const { leaves, withEffect, consulted, others } = counts
      expect(others).toEqual([])
      expect(leaves).toBeGreaterThan(5)
      // A value that is looked at, and changes nothing, has another value in its place.
      expect(consulted).toBeLessThan(withEffect / 3)
    },
  )
})
