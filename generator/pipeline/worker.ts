// Runs on a worker thread; see pool.ts.
import { ArtifactCache } from './cache.ts'
import { type CompileJob, type CompileResult, compileDefinition } from './compile.ts'
import type { DefinitionFile } from './definition-folders.ts'

/** An error loses its own properties between threads, so a failure carries them as data. */
export type BatchResult = { readonly results: readonly CompileResult[] } | { readonly failure: object }

let cache: ArtifactCache | undefined

/** A worker serves one run, so its cache is always the same. */
export default async function compileBatch({
  job,
  files,
}: {
  readonly job: CompileJob
  readonly files: readonly DefinitionFile[]
}): Promise<BatchResult> {
  try {
    cache ??= new ArtifactCache(job.cacheFolder)
    const results: CompileResult[] = []
    for (const file of files) results.push(await compileDefinition(file, job, cache))
    return { results }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const { message, stack, name } = error
    return { failure: { ...error, message, stack, name } }
  }
}
