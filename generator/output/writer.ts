// Runs on a thread of its own; see large-files.ts.
import { parentPort } from 'node:worker_threads'
import { assemble } from './assemble.ts'
import { failureOf } from './failure.ts'
import type { Answer, Written } from './large-files.ts'

parentPort?.on('message', ({ path, parts }: Written) => parentPort?.postMessage(answerTo({ path, parts })))

function answerTo({ path, parts }: Written): Answer {
  try {
    assemble(path, parts)
    return undefined
  } catch (error) {
    return failureOf(error)
  }
}
