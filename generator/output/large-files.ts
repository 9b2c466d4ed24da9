import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { assemble, assembled, type Part, partsOf, type Segment, sizeOf } from './assemble.ts'
import type { Content } from './content.ts'
import { errorOf, type Failure, failureOf } from './failure.ts'

/** Bytes of a file over all connectors that may be held in memory. */
const LARGEST_IN_MEMORY = 4 * 1024 * 1024

/** Megabytes: a thread that only copies makes little that it has to clean up. */
const HEAP = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 160 }

/** What the thread that writes is told. */
export interface Order {
  readonly path: string
  readonly parts: readonly Part[]
}

/** Why a file was not written; undefined where it was. */
export type Outcome = Failure | undefined

/**
 * Makes files ready that are put together of many parts: small ones in memory, large ones in a folder, by another thread,
 * while this one finds out what stands in the next.
 */
export class LargeFiles {
  readonly #folder: string
  readonly #address: URL | undefined
  #thread: Worker | undefined
  /** Why the thread is no more. */
  #end: Failure | undefined
  /** Those that are not written yet, in their order. */
  readonly #waiting: ((outcome: Outcome) => void)[] = []
  readonly #outcomes: Promise<Outcome>[] = []

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
    // A text that is in memory as a whole would only be in memory twice.
    if (this.#address === undefined || parts.length === 1) assemble(path, parts)
    else this.#send({ path, parts }, this.#address)
    return { aside: path }
  }

  /** Waits until all is written; throws why something is not. */
  async written(): Promise<void> {
    const outcomes = await Promise.all(this.#outcomes)
    const failure = outcomes.find((outcome) => outcome !== undefined)
    if (failure !== undefined) throw errorOf(failure)
  }

  /** Nothing is written after it. */
  async close(): Promise<void> {
    await this.#thread?.terminate()
  }

  #send(order: Order, address: URL): void {
    this.#thread ??= this.#started(address)
    this.#outcomes.push(
      new Promise((resolve) => {
        if (this.#end === undefined) this.#waiting.push(resolve)
        else resolve(this.#end)
      }),
    )
    this.#thread.postMessage(order)
  }

  #started(address: URL): Worker {
    const thread = new Worker(address, { resourceLimits: HEAP })
    thread.on('message', (outcome: Outcome) => this.#waiting.shift()?.(outcome))
    thread.on('error', (error) => this.#ended(error))
    thread.on('exit', () => this.#ended(new Error('the thread that writes large files ended before all were written')))
    return thread
  }

  /** Nobody else would answer those that still wait, and those that come. */
  #ended(error: unknown): void {
    this.#end ??= failureOf(error)
    for (const resolve of this.#waiting.splice(0)) resolve(this.#end)
  }
}
