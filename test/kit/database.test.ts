import { describe, expect, test } from 'vitest'
import { DatabaseError, postgrest } from '../../generator/kit/database.ts'

const SECRET_KEY = 'sb_secret_made-up'
const LEGACY_KEY = 'made.up.jwt'

/** The requests that `postgrest` sends, and its result. */
async function callWith(answer: () => Response | Promise<Response>, { key = SECRET_KEY, timeout = 1000 } = {}) {
  const sent: Request[] = []
  const call = postgrest({
    ...{ url: 'https://made-up.supabase.co/rest/v1/', key, timeout },
    fetch: async (input, init) => {
      sent.push(new Request(input, init))
      return answer()
    },
  })
  const outcome = await call('hera_integration_logs_v1', { p_limit: 5 }).catch((error: unknown) => error)
  return { outcome, sent }
}

describe('a call through PostgREST', () => {
  test('sends the arguments by name, and gives the answer', async () => {
    const { outcome, sent } = await callWith(() => Response.json({ logs: [] }))
    expect(outcome).toEqual({ logs: [] })
    expect(sent.map(({ url, method, redirect }) => [method, url, redirect])).toEqual([
      ['POST', 'https://made-up.supabase.co/rest/v1/rpc/hera_integration_logs_v1', 'error'],
    ])
    expect(await sent[0]?.json()).toEqual({ p_limit: 5 })
  })

  test('sends a secret key as API key only, and a JWT as bearer token too', async () => {
    const headersOf = async (key: string) => {
      const { sent } = await callWith(() => Response.json(null), { key })
      return [sent[0]?.headers.get('apikey'), sent[0]?.headers.get('authorization')]
    }
    expect(await headersOf(SECRET_KEY)).toEqual([SECRET_KEY, null])
    expect(await headersOf(LEGACY_KEY)).toEqual([LEGACY_KEY, `Bearer ${LEGACY_KEY}`])
  })

  test('rejects with what the database raised', async () => {
    const raised = { code: 'HC404', message: 'no such installation', details: null, hint: 'install it first' }
    const { outcome } = await callWith(() => Response.json(raised, { status: 400 }))
    expect(outcome).toBeInstanceOf(DatabaseError)
    expect(outcome).toMatchObject({ ...{ code: 'HC404', message: 'no such installation' }, hint: 'install it first' })
    expect((outcome as DatabaseError).detail).toBeUndefined()
  })

  test.each([
    ['there is no connection', () => Promise.reject(new TypeError('fetch failed'))],
    ['the answer is not JSON', () => new Response('<html>', { status: 200 })],
    ['the answer is too large', () => new Response('1', { headers: { 'content-length': '20000001' } })],
    ['the answer does not end', () => new Response(new ReadableStream())],
  ])('rejects without a code when %s', async (_, answer) => {
    const { outcome } = await callWith(answer, { timeout: 50 })
    expect(outcome).toBeInstanceOf(DatabaseError)
    expect(outcome).toMatchObject({ code: '', message: 'the database gave no answer' })
  })
})
