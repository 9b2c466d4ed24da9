import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that the fake vendor got. */
export interface Received {
  readonly method: string
  /** As the client called it. */
  readonly url: URL
  readonly headers: Headers
  /** The parameters of the query or the form, or the JSON of the body. */
  readonly parameters: Readonly<Record<string, unknown>>
}

export type Reply = (received: Received) => Response | Promise<Response>

/** A vendor on this machine, for any host name: `fetch` sends every request to it. */
export async function authorizationServer(reply: Reply) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    const url = new URL(String(request.headers['x-called']))
    const isJson = request.headers['content-type'] === 'application/json'
    const text = request.method === 'GET' ? url.search : body
    const parameters = isJson ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(text))
    const headers = new Headers(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const one: Received = { method: request.method ?? '', url, headers, parameters }
    received.push(one)
    const answer = await reply(one)
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const send: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const headers = new Headers(request.headers)
    headers.set('x-called', request.url)
    const { method } = request
    const body = method === 'GET' ? null : await request.text()
    return fetch(`http://127.0.0.1:${port}/`, { method, headers, body, signal: request.signal, redirect: 'manual' })
  }
  return {
    received,
    fetch: send,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
