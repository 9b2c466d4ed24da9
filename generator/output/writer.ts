// Runs on a thread of its own; see large-files.ts.
import { parentPort } from 'node:worker_threads'
import { assemble } from './assemble.ts'
import { failureOf } from './failure.ts'
import type { Order, Outcome } from './large-files.ts'

parentPort?.on('message', (order: Order) => parentPort?.postMessage(carriedOut(order)))

function carriedOut({ path, parts }: Order): Outcome {
  try {
    assemble(path, parts)
    return undefined
  } catch (error) {
    return failureOf(error)
  }
}
