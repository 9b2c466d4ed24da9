import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { assemble, assembled, type Part, partsOf, type Segment, sizeOf } from './assemble.ts'
import type { Content } from './content.ts'
import { errorOf, type Failure } from './failure.ts'

/** Bytes of a file over all connectors that may be held in memory. */
const LARGEST_IN_MEMORY = 4 * 1024 * 1024

/** Megabytes: a thread that only copies makes little that it has to clean up. */
const HEAP = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 160 }

/** What the thread that writes is told. */
export interface Written {
  readonly path: string
  readonly parts: readonly Part[]
}

/** Why a file was not written; undefined where it was. */
export type Answer = Failure | undefined

/**
 * Makes files ready that are put together of many parts: small ones in memory, large ones in a folder, by another thread,
 * while this one finds out what stands in the next.
 */
export class LargeFiles {
  readonly #folder: string
  readonly #address: URL | undefined
  #thread: Worker | undefined
  /** Those that are not written yet, in their order. */
  readonly #waiting: ((answer: Answer) => void)[] = []
  readonly #answers: Promise<Answer>[] = []

  /** Without the address of the module that writes, this thread does it. */
  constructor(folder: string, address: URL | undefined) {
    this.#folder = folder
    this.#address = address
  }

  /** What a file is to hold; it is complete after `written`. */
  contentOf(segments: readonly Segment[]): Content {
    const parts = partsOf(segments)
    if (sizeOf(segments) <= LARGEST_IN_MEMORY) return { text: assembled(parts) }
    mkdirSync(this.#folder, { recursive: true })
    const path = join(this.#folder, randomUUID())
    if (this.#address === undefined) assemble(path, parts)
    else this.#send({ path, parts }, this.#address)
    return { aside: path }
  }

  /** Waits until all is written; throws why something is not. */
  async written(): Promise<void> {
    const answers = await Promise.all(this.#answers)
    const failure = answers.find((answer) => answer !== undefined)
    if (failure !== undefined) throw errorOf(failure)
  }

  /** Nothing is written after it. */
  async close(): Promise<void> {
    await this.#thread?.terminate()
  }

  #send(written: Written, address: URL): void {
    this.#thread ??= this.#started(address)
    this.#answers.push(new Promise((resolve) => this.#waiting.push(resolve)))
    this.#thread.postMessage(written)
  }

  #started(address: URL): Worker {
    const thread = new Worker(address, { resourceLimits: HEAP })
    thread.on('message', (answer: Answer) => this.#waiting.shift()?.(answer))
    thread.on('error', ({ message, stack, name }) => {
      for (const resolve of this.#waiting.splice(0)) resolve({ message, stack, name })
    })
    return thread
  }
}
