// Every file that the definitions call for: those of each connector, and those about all connectors.
import { hashOfAll } from '../files/hash.ts'
import type { WantedFile } from '../files/plan.ts'
import type { RegistryFile, Target } from '../targets/target.ts'
import type { Artifact, Section } from './artifact.ts'
import type { ArtifactCache } from './cache.ts'

/** The files of each connector for one target. Contents are read from the cache when somebody asks for them. */
export function* connectorFiles(
  target: Target,
  artifacts: readonly Artifact[],
  cache: ArtifactCache,
): Generator<WantedFile> {
  for (const artifact of artifacts) {
    for (const [path, section] of Object.entries(artifact.outputs[target.name]?.files ?? {}))
      yield { path, size: section.size, hash: section.hash, chunks: () => [cache.bytesOf(artifact, section)] }
  }
}

/** The files about the whole registry for one target. */
export function* aggregate(
  target: Target,
  artifacts: readonly Artifact[],
  cache: ArtifactCache,
): Generator<WantedFile> {
  const byCode = new Map(artifacts.map((artifact) => [artifact.code, artifact]))
  const summaries = artifacts.map(({ code, outputs }) => ({ code, summary: outputs[target.name]?.summary }))
  const fragmentOf: FragmentOf = (code, name) => {
    const artifact = byCode.get(code)
    const section = artifact?.outputs[target.name]?.fragments[name]
    if (artifact === undefined || section === undefined) throw new Error(`${code} has no fragment "${name}"`)
    return { artifact, section }
  }
  for (const file of target.aggregate(summaries)) yield registryFile(file, fragmentOf, cache)
}

type FragmentOf = (code: string, name: string) => { readonly artifact: Artifact; readonly section: Section }

function registryFile({ path, parts }: RegistryFile, fragmentOf: FragmentOf, cache: ArtifactCache): WantedFile {
  let size = 0
  // Follows from the parts: reading every fragment only to hash it would take longer than everything else.
  const hash = hashOfAll(
    parts.map((part) => {
      const section = typeof part === 'string' ? undefined : fragmentOf(part.code, part.name).section
      size += section?.size ?? Buffer.byteLength(part as string)
      return section?.hash ?? (part as string)
    }),
  )
  return {
    path,
    size,
    hash,
    *chunks() {
      for (const part of parts) {
        if (typeof part === 'string') yield Buffer.from(part)
        else {
          const { artifact, section } = fragmentOf(part.code, part.name)
          yield cache.bytesOf(artifact, section)
        }
      }
    },
  }
}
