import { digest } from '../cache/digest.ts'
import type { OutputFile } from '../model/connector.ts'
import { contentOf } from '../output/aside.ts'
import { isMadeOf, lengthOf, type Segment, sizeOf } from '../output/assemble.ts'
import { type Comparison, compareFile } from '../output/compare.ts'
import { placeIn } from '../output/place-in.ts'
import type { Change } from '../output/plan.ts'
import { piecesOf } from '../targets/fragment.ts'
import type { Summarized, Target } from '../targets/target.ts'
import type { Earlier, RegistryFileDetails } from './earlier.ts'
import type { Contributor } from './held.ts'

export interface RegistryFile {
  readonly path: string
  /** Of its parts. */
  readonly digest: string
  readonly segments: readonly Segment[]
  /** File names of the definitions whose texts it holds and nobody has made. */
  readonly missing: readonly string[]
  /** As in `RegistryFileDetails`. */
  readonly fragments: RegistryFileDetails['fragments']
}

/** What a target has to know of each connector. The text that it was is forgotten: nobody wants it twice. */
export function takeSummaries({ name }: Target, contributors: readonly Contributor[]): readonly Summarized<unknown>[] {
  return contributors.map(({ code, summaries }) => {
    const summary: unknown = JSON.parse(summaries.get(name) ?? 'null')
    summaries.delete(name)
    return { code, summary }
  })
}

/** The files of a target over all connectors, as they are put together: one after the other, since some are large. */
export function* registryFiles(
  target: Target,
  summaries: readonly Summarized<unknown>[],
  contributors: readonly Contributor[],
): Generator<RegistryFile> {
  const byCode = new Map(contributors.map((contributor) => [contributor.code, contributor]))
  for (const file of target.ofRegistry(summaries)) yield laidOut(file, { target: target.name, byCode })
}

interface Sources {
  readonly target: string
  readonly byCode: ReadonlyMap<string, Contributor>
}

function laidOut({ path, text }: OutputFile, { target, byCode }: Sources): RegistryFile {
  const segments: Segment[] = []
  const missing = new Set<string>()
  const fragments: Record<string, (string | number)[]> = {}
  const digests: string[] = []
  let offset = 0
  const add = (segment: Segment) => {
    segments.push(segment)
    offset += lengthOf(segment)
  }
  for (const piece of piecesOf(text)) {
    if (typeof piece === 'string') {
      add({ text: piece })
      continue
    }
    const contributor = found(byCode, piece.code)
    const key = `${target} ${piece.name}`
    const kept = contributor.fragments[key]
    if (kept === undefined) throw new Error(`no connector gave the fragment "${piece.name}" of ${piece.code}`)
    if (kept.place === undefined) missing.add(contributor.name)
    fragments[key] ??= []
    fragments[key].push(piece.code, offset)
    digests.push(kept.digest)
    add(kept)
  }
  return { path, segments, missing: [...missing], fragments, digest: digest(text, digests.join(' ')) }
}

function found(byCode: ReadonlyMap<string, Contributor>, code: string): Contributor {
  const contributor = byCode.get(code)
  if (contributor === undefined) throw new Error(`a file names a connector that is not there: ${code}`)
  return contributor
}

/** How a file compares with what stands on disk; what has not changed since an earlier run is not read again. */
export function comparisonOf(
  out: string,
  { path, segments, digest: own }: RegistryFile,
  earlier: Earlier | undefined,
): Comparison['kind'] {
  const place = placeIn(out)(path)
  const before = earlier?.details.registryFiles.find((file) => file.path === path)
  if (before !== undefined && earlier?.files(place) !== undefined) return before.digest === own ? 'same' : 'update'
  return compareFile(place, sizeOf(segments), () => isMadeOf(place, segments, digest)).kind
}

/** A file that is to be written, with its content made ready in memory or in a folder. */
export function changeOf({ path, segments }: RegistryFile, kind: 'create' | 'update', folder: string): Change {
  return { kind, path, content: contentOf(segments, folder) }
}
