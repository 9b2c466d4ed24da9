import { digest } from '../cache/digest.ts'
import { isMadeOf, type Kept, lengthOf, type Segment, sizeOf } from '../output/assemble.ts'
import { type Comparison, compareFile } from '../output/compare.ts'
import type { Place } from '../output/content.ts'
import { type PlaceOf, placeIn } from '../output/place-in.ts'
import { type Fragment, piecesOf } from '../targets/fragment.ts'
import type { Summarized, Target } from '../targets/target.ts'
import { type Earlier, knownPlaces, placed, type RegistryFileDetails } from './earlier.ts'
import type { Contributor } from './held.ts'
import { summariesIn } from './told.ts'

export interface RegistryFile extends RegistryFileDetails {
  readonly segments: readonly Segment[]
  /** File names of the definitions whose texts it holds and nobody has made. */
  readonly missing: readonly string[]
}

/** What a target has to know of each connector. */
function summariesFor({ name }: Target, contributors: readonly Contributor[]): readonly Summarized<unknown>[] {
  const [first] = contributors
  const place = Object.keys(first?.known.summaries ?? {}).indexOf(name)
  const summaries = summariesIn(
    contributors.map(({ told }) => told),
    place,
  )
  return [...summaries].map((summary, index) => ({ code: contributors[index]?.known.code ?? '', summary }))
}

/** The files of a target over all connectors, as they are put together: one after the other, since some are large. */
export function* registryFiles(target: Target, material: Material): Generator<RegistryFile> {
  for (const { path, text } of target.ofRegistry(summariesFor(target, material.contributors))) {
    yield laidOut({ path, layout: digest(text), target: target.name }, piecesIn(text), material)
  }
}

/** The files of a target as an earlier run left them, where all are so still and what it knew is what it knows now. */
export function filesBefore(
  { name }: Target,
  { details, files }: Earlier,
  { contributors, place }: { readonly contributors: readonly Contributor[]; readonly place: PlaceOf },
): readonly RegistryFileDetails[] | undefined {
  const { definitions } = details
  const isSame = ({ known: { code, summaries } }: Contributor, index: number) =>
    definitions[index]?.code === code && definitions[index]?.summaries[name] === summaries[name]
  if (definitions.length !== contributors.length || !contributors.every(isSame)) return undefined
  const own = details.registryFiles.filter((file) => file.target === name)
  return own.every(({ path }) => files(place(path)) !== undefined) ? own : undefined
}

/** Such files with the texts of the connectors as they are now; all that stands between those is as before. */
export function laidOutAnew(
  before: readonly RegistryFileDetails[],
  material: Material,
  place: PlaceOf,
): readonly RegistryFile[] {
  return before.map((file) => laidOut(file, piecesBefore(file, place(file.path)), material))
}

/** What the files of a target over all connectors are made of. */
export interface Material {
  readonly contributors: readonly Contributor[]
  readonly byCode: ReadonlyMap<string, Contributor>
  /** Where a long text of a connector is, by target and name. */
  readonly placeOf: (contributor: Contributor, key: string) => Place | undefined
}

export function materialOf(
  { name }: Target,
  contributors: readonly Contributor[],
  { earlier, place }: { readonly earlier: Earlier | undefined; readonly place: PlaceOf },
): Material {
  let before: ReturnType<typeof knownPlaces> | undefined
  return {
    contributors,
    byCode: new Map(contributors.map((contributor) => [contributor.known.code, contributor])),
    placeOf({ known: { code }, places }, key) {
      if (places !== undefined) return places[key]
      before ??= earlier === undefined ? new Map() : knownPlaces(name, earlier, place)
      return before.get(code)?.[key]
    },
  }
}

type Piece = Segment | Fragment

function* piecesIn(text: string): Generator<Piece> {
  for (const piece of piecesOf(text)) yield typeof piece === 'string' ? { text: piece } : piece
}

/** The pieces of a file as an earlier run left it: what stands between the texts of connectors is taken from there. */
function* piecesBefore({ fragments, size }: RegistryFileDetails, path: string): Generator<Piece> {
  let end = 0
  const inOrder = placed(fragments).toSorted((left, right) => left.offset - right.offset)
  for (const { key, code, offset, length } of inOrder) {
    if (offset > end) yield between(path, end, offset)
    yield { code, name: key.slice(key.indexOf(' ') + 1) }
    end = Math.max(end, offset + length)
  }
  if (size > end) yield between(path, end, size)
}

function between(path: string, from: number, to: number): Kept {
  // Nobody compares it with anything: it comes from where it goes.
  return { size: to - from, digest: '', place: { path, offset: from, length: to - from } }
}

function laidOut(
  { path, layout, target }: Pick<RegistryFileDetails, 'path' | 'layout' | 'target'>,
  pieces: Iterable<Piece>,
  { byCode, placeOf }: Material,
): RegistryFile {
  const segments: Segment[] = []
  const missing = new Set<string>()
  const fragments: Record<string, (string | number)[]> = {}
  const digests: string[] = []
  let size = 0
  for (const piece of pieces) {
    if (!('code' in piece)) {
      segments.push(piece)
      size += lengthOf(piece)
      continue
    }
    const contributor = found(byCode, piece.code)
    const key = `${target} ${piece.name}`
    const text = contributor.known.fragments[key]
    if (text === undefined) throw new Error(`no connector gave the fragment "${piece.name}" of ${piece.code}`)
    const place = placeOf(contributor, key)
    if (place === undefined) missing.add(contributor.known.name)
    fragments[key] ??= []
    fragments[key].push(piece.code, size, text.size)
    digests.push(text.digest)
    segments.push({ ...text, place })
    size += text.size
  }
  const own = digest(layout, digests.join(' '))
  return { path, target, layout, size, segments, missing: [...missing], fragments, digest: own }
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
