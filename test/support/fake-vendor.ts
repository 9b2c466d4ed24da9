import { listen } from '../../generator/sandbox/listen.ts'

export type Answer = (request: Request) => Response | Promise<Response>

/** A vendor on this machine that answers requests one after the other, the last answer over and over. */
export async function fakeVendor(...answers: readonly Answer[]) {
  const requests: { readonly method: string; readonly url: URL; readonly headers: Headers; readonly body: string }[] =
    []
  const listening = await listen(
    async (request) => {
      requests.push({
        method: request.method,
        url: new URL(request.url),
        headers: request.headers,
        body: await request.clone().text(),
      })
      return (
        (await answers[Math.min(requests.length, answers.length) - 1]?.(request)) ?? new Response(null, { status: 500 })
      )
    },
    { host: '127.0.0.1', port: 0 },
  )
  const host = `127.0.0.1:${listening.port}`
  return { host, base_url: `http://${host}`, requests, options: { allow: [host] }, stop: () => listening.stop() }
}
