import { expect, onTestFinished, test, vi } from 'vitest'
import { Polling, type PollingOptions } from '../../generator/sandbox/polling.ts'
import type { VendorCalls } from '../../generator/sandbox/vendor-calls.ts'

const connector = {
  code: 'acme-crm',
  auth: { fields: [] },
  events: [
    {
      name: 'changed',
      smart_code: 'X',
      idempotency_key: ['/id'],
      data: { type: 'object', required: [], properties: {} },
      poll: { endpoint: 'records', interval_seconds: 60, key: ['/id'], data: {} },
    },
  ],
}

test('an installation whose poll fails neither keeps others waiting nor is polled before its interval', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const loaded: string[] = []
  const runtime = {
    installations: async () => ['broken', 'fine'],
    installed: async (id: string) => ({
      id,
      code: 'acme-crm',
      status: 'active',
      organizationId: 'o',
      configuration: {},
    }),
    checkpoint: async (_: unknown, { installation }: { installation: string }) => {
      loaded.push(installation)
      if (installation === 'broken') throw new Error('no checkpoint')
      return undefined
    },
    saveCheckpoint: async () => undefined,
  }
  const serverState = () => ({
    registry: { connectors: [{ code: 'acme-crm' }] },
    connectors: new Map([['acme-crm', connector]]),
  })
  const calls = { callsOf: () => ({ pages: async function* () {} }) }
  const polling = new Polling(
    { runtime, serverState, activity: {}, userId: 'u' } as unknown as PollingOptions,
    calls as unknown as VendorCalls,
  )
  const errors: unknown[] = []
  const stop = new AbortController()
  const running = polling.run(stop.signal, (error) => errors.push(error))
  await vi.advanceTimersByTimeAsync(50_000)
  expect(loaded).toEqual(['broken', 'fine'])
  expect(errors).toEqual([new Error('no checkpoint')])
  await vi.advanceTimersByTimeAsync(20_000)
  expect(loaded).toEqual(['broken', 'fine', 'broken', 'fine'])
  stop.abort()
  await vi.advanceTimersByTimeAsync(5000)
  await running
})
