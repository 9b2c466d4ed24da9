import { availableParallelism } from 'node:os'
import { buildId } from '../cache/build-id.ts'
import { errorOf } from '../output/failure.ts'
import { isLarge } from './engine.ts'
import type { Done, Job, Task } from './job.ts'
import { Maker } from './make.ts'
import type { Answer, Batch } from './worker.ts'

export interface Fleet {
  /** Does the tasks and hands over what came of each, in any order. */
  readonly run: (tasks: readonly Task[], onDone: (done: Done) => void) => Promise<void>
  readonly close: () => Promise<void>
}

/** Below this it costs more than it saves that every thread has to start, and to warm up its code. */
export const FEWEST_FOR_THREADS = 120
/** Every thread has libraries and a heap of its own. */
const MOST_THREADS = 8
/** Definitions that a thread gets at once. */
const BATCH = 8

/** The modules that threads run. The sources have none: they would have to be compiled first. */
export const workerAddress = buildId === undefined ? undefined : new URL('./worker.mjs', import.meta.url).href
export const writerAddress = buildId === undefined ? undefined : new URL('./writer.mjs', import.meta.url)

/** Does everything on this thread. */
export function alone(job: Job): Fleet {
  const maker = new Maker(job)
  return { run: oneByOne((task) => maker.make(task)), close: async () => {} }
}

/** Between two tasks others have their turn, such as a timer that draws how far the run is. */
export function oneByOne(make: (task: Task) => Promise<Done>): Fleet['run'] {
  return async (tasks, onDone) => {
    for (const task of tasks) {
      onDone(await make(task))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

/** Shares the work among threads that run the module at this address. */
export async function threads(job: Job, worker: string, tasks: number): Promise<Fleet> {
  const { Tinypool } = await import('tinypool')
  const amount = Math.min(MOST_THREADS, availableParallelism())
  const pool = new Tinypool({
    filename: worker,
    runtime: 'worker_threads',
    minThreads: amount,
    maxThreads: amount,
    // Each definition leaves garbage that dies young, and little that lives longer.
    resourceLimits: { maxYoungGenerationSizeMb: isLarge(tasks) ? 32 : 64, maxOldGenerationSizeMb: 160 },
  })
  return {
    async run(tasks, onDone) {
      let next = 0
      const one = async (): Promise<void> => {
        while (next < tasks.length) {
          const batch = tasks.slice(next, next + BATCH)
          next += batch.length
          const answer: Answer = await pool.run({ job, tasks: batch } satisfies Batch)
          if ('failure' in answer) throw errorOf(answer.failure)
          answer.done.forEach(onDone)
        }
      }
      // One batch waits while one is done, so that no thread stands idle and no memory is taken by waiting.
      await Promise.all(Array.from({ length: amount + 1 }, one))
    },
    close: () => pool.destroy(),
  }
}
