import { BuildIndex } from './build-index.ts'
import type { BuildOptions, BuildResult, Findings } from './build-options.ts'

/**
 * Compares the output folder with the definitions; with the mode `write`, makes it agree with them. If nothing changed
 * since the last run, the index has the answer and the pipeline is not even loaded.
 */
export async function build(options: BuildOptions): Promise<BuildResult | Findings> {
  const index = new BuildIndex(options)
  const unchanged = index.resultIfUnchanged()
  if (unchanged !== undefined) return unchanged
  const { runPipeline } = await import('./pipeline.ts')
  return runPipeline(options, index)
}
