import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { OperationalError } from '../diagnostics/operational-error.ts'

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
const HEADERS_TIMEOUT = 10_000
/** Connections at once; further ones are closed. */
export const MOST_CONNECTIONS = 256

/** Milliseconds for what is under way when the server is asked to stop. */
const GRACE = 8000

/** Serves a web-standard application over HTTP. */
export async function listen(
  handle: (request: Request) => Response | Promise<Response>,
  { host, port }: ListenOptions,
): Promise<Listening> {
  const answer = getRequestListener(handle, { overrideGlobalObjects: false })
  /** How many requests are under way on each connection. */
  const connections = new Map<Socket, number>()
  const endIdle = () => {
    for (const [socket, underWay] of connections) if (underWay === 0) socket.destroy()
  }
  const timeouts = {
    requestTimeout: REQUEST_TIMEOUT,
    headersTimeout: HEADERS_TIMEOUT,
    connectionsCheckingInterval: HEADERS_TIMEOUT / 2,
  }
  let isStopping = false
  const server = createServer(timeouts, (request, response) => {
    const { socket } = request
    connections.set(socket, (connections.get(socket) ?? 0) + 1)
    // A client that sends one request after the other on its connection would keep the server for ever.
    if (isStopping) response.setHeader('connection', 'close')
    response.once('close', () => {
      if (connections.has(socket)) connections.set(socket, (connections.get(socket) ?? 1) - 1)
      if (isStopping) setImmediate(endIdle)
    })
    void answer(request, response)
  })
  server.maxConnections = MOST_CONNECTIONS
  server.on('connection', (socket: Socket) => {
    connections.set(socket, 0)
    socket.once('close', () => connections.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(errorOf(cause, host, port)))
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      isStopping = true
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      // Connections on which nothing was asked yet are none that anybody waits for.
      endIdle()
      // Whoever does not send the rest of his request has not been promised anything.
      const timer = setTimeout(() => server.closeAllConnections(), GRACE)
      await closed
      clearTimeout(timer)
    },
  }
}

function errorOf(cause: NodeJS.ErrnoException, host: string, port: number): OperationalError {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new OperationalError(`port ${port} is in use`, {
        help: 'stop what runs there, or name another one with --port',
        cause,
      })
    case 'EACCES':
      return new OperationalError(`port ${port} may not be used`, { help: 'name one above 1023 with --port', cause })
    default:
      return new OperationalError(`cannot listen on ${host}:${port}: ${cause.message}`, {
        help: 'check --host and --port',
        cause,
      })
  }
}
