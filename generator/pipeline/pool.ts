// Compiles definitions and stores their artifacts: on this thread if they are few, on worker threads if they are many.
import { availableParallelism } from 'node:os'
import { buildId } from './build-id.ts'
import type { ArtifactCache } from './cache.ts'
import { type CompileJob, type CompileResult, compileDefinition } from './compile.ts'
import type { DefinitionFile } from './definition-folders.ts'
import type { BatchResult } from './worker.ts'

/** Fewer definitions take less time on one thread: every worker has to start and to warm up. */
export const FEWEST_FOR_THREADS = 120
/** Every worker has libraries and a heap of its own. */
const MOST_THREADS = 8
/** Definitions that a worker receives at once. */
const BATCH = 8

/** The module that workers run. Without a build there is none. */
const worker = buildId === undefined ? undefined : new URL('./worker.mjs', import.meta.url).href

/** Compiles definitions in any order and hands over each result. */
export async function compileAll(
  files: readonly DefinitionFile[],
  { job, cache }: { readonly job: CompileJob; readonly cache: ArtifactCache },
  onResult: (result: CompileResult) => void,
): Promise<void> {
  if (worker !== undefined && files.length >= FEWEST_FOR_THREADS) return onThreads(worker, files, job, onResult)
  for (const file of files) {
    onResult(await compileDefinition(file, job, cache))
    // A timer that draws the progress gets its turn.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function onThreads(
  filename: string,
  files: readonly DefinitionFile[],
  job: CompileJob,
  onResult: (result: CompileResult) => void,
): Promise<void> {
  const { Tinypool } = await import('tinypool')
  const amount = Math.min(MOST_THREADS, availableParallelism())
  const pool = new Tinypool({ filename, runtime: 'worker_threads', minThreads: amount, maxThreads: amount })
  let next = 0
  const serve = async (): Promise<void> => {
    while (next < files.length) {
      const batch = files.slice(next, next + BATCH)
      next += batch.length
      const answer: BatchResult = await pool.run({ job, files: batch })
      if ('failure' in answer) throw Object.assign(new Error(), answer.failure)
      answer.results.forEach(onResult)
    }
  }
  try {
    // One more than there are workers, so that none of them waits for this thread.
    await Promise.all(Array.from({ length: amount + 1 }, serve))
  } finally {
    await pool.destroy()
  }
}
