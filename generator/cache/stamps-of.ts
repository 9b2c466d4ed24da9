import { availableParallelism } from 'node:os'
import { buildId } from './build-id.ts'
import { blocksOf, type Look, look, NUMBERS } from './look.ts'

/** Below this a thread's start costs more than it saves. */
const FEWEST_FOR_THREADS = 20_000
/** The file system answers a few threads at once, and not many. */
const MOST_THREADS = 4
/** Milliseconds after which a thread that took a block is given up. */
const PATIENCE = 10_000

/** The stamps of these paths, `NUMBERS` for each; NaN where nothing is. */
export async function stampsOf(paths: readonly string[]): Promise<Float64Array> {
  const size = paths.length * NUMBERS * Float64Array.BYTES_PER_ELEMENT
  const shared: Look = {
    paths,
    stamps: new Float64Array(new SharedArrayBuffer(size)),
    blocks: new Int32Array(new SharedArrayBuffer(8)),
  }
  const others = paths.length < FEWEST_FOR_THREADS ? 0 : Math.min(MOST_THREADS, availableParallelism()) - 1
  if (others > 0) await startLookers(shared, others)
  look(shared)
  if (isDone(shared)) return shared.stamps
  const alone = { paths, stamps: new Float64Array(shared.stamps.length), blocks: new Int32Array(2) }
  look(alone)
  return alone.stamps
}

/** Lets other threads look too. This one looks meanwhile, and needs them no more when all is seen. */
async function startLookers({ paths, stamps, blocks }: Look, amount: number): Promise<void> {
  // The sources have no such module: it would have to be compiled first.
  if (buildId === undefined) return
  const { Worker } = await import('node:worker_threads')
  const workerData = { paths: paths.join('\n'), stamps, blocks }
  for (let count = 0; count < amount; count += 1) {
    const looker = new Worker(new URL('./looker.mjs', import.meta.url), { workerData })
    looker.unref()
    // One that cannot start has taken nothing.
    looker.on('error', () => {})
  }
}

function isDone({ paths, blocks }: Look): boolean {
  const all = blocksOf(paths)
  for (let done = Atomics.load(blocks, 1); done < all; done = Atomics.load(blocks, 1)) {
    if (Atomics.wait(blocks, 1, done, PATIENCE) === 'timed-out') return false
  }
  return true
}
