import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Fault } from '../diagnostics/fault.ts'

/** An HTTP server that is listening. */
export interface Listening {
  readonly port: number
  /** Takes no new requests, and resolves when all that came in are answered. */
  readonly stop: () => Promise<void>
}

export interface ListenOptions {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

/** Milliseconds in which a client must have sent its request, so that slow ones cannot hold the server open. */
const REQUEST_TIMEOUT = 30_000

/** Serves a web-standard application over HTTP. */
export async function listen(
  handle: (request: Request) => Response | Promise<Response>,
  { host, port }: ListenOptions,
): Promise<Listening> {
  const answer = getRequestListener(handle, { overrideGlobalObjects: false })
  let isStopping = false
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT }, (request, response) => {
    // A client that sends one request after the other on its connection would keep the server for ever.
    if (isStopping) response.setHeader('connection', 'close')
    response.once('close', () => {
      if (isStopping) setImmediate(() => server.closeIdleConnections())
    })
    void answer(request, response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(faultOf(cause, host, port)))
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      isStopping = true
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      })
    },
  }
}

function faultOf(cause: NodeJS.ErrnoException, host: string, port: number): Fault {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new Fault(`port ${port} is in use`, {
        help: 'stop what runs there, or name another one with --port',
        cause,
      })
    case 'EACCES':
      return new Fault(`port ${port} may not be used`, { help: 'name one above 1023 with --port', cause })
    default:
      return new Fault(`cannot listen on ${host}:${port}: ${cause.message}`, { help: 'check --host and --port', cause })
  }
}
