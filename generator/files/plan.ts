import { compareText } from '../text/compare-text.ts'

/** A file that the definitions call for. */
export interface WantedFile {
  /** Relative to the output folder, with forward slashes. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Identifies the content. */
  readonly hash: string
  /** The content, in pieces. */
  readonly chunks: () => Iterable<Uint8Array>
}

/** How a wanted file compares with the disk; `blocked` means that something without our header is in its place. */
export type Comparison = 'same' | 'create' | 'update' | 'blocked'

/** The output folder as a plan sees it. */
export interface Disk {
  /** Every path in the folders of the targets. */
  readonly paths: readonly string[]
  readonly compare: (file: WantedFile) => Comparison
  /** Whether a file carries our header; undefined if it no longer exists. */
  readonly isGenerated: (path: string) => boolean | undefined
}

/** One difference between the registry and the output folder. */
export type Change =
  | { readonly kind: 'create'; readonly path: string; readonly file: WantedFile }
  | { readonly kind: 'update'; readonly path: string; readonly file: WantedFile }
  /** Left over from an earlier run: it carries our header, but no definition calls for it. */
  | { readonly kind: 'delete'; readonly path: string }
  /** Not generated: reported and left alone. */
  | { readonly kind: 'stray'; readonly path: string }
  /** Not generated, and in the place of a generated file. */
  | { readonly kind: 'blocked'; readonly path: string }

/** Lists what has to change so that the output folder contains exactly the wanted files, sorted by path. */
export function plan(wanted: readonly WantedFile[], disk: Disk): readonly Change[] {
  const paths = new Set(wanted.map(({ path }) => path))
  const changes = wanted.flatMap((file): readonly Change[] => {
    const kind = disk.compare(file)
    if (kind === 'same') return []
    return [kind === 'blocked' ? { kind, path: file.path } : { kind, path: file.path, file }]
  })
  for (const path of disk.paths) {
    if (paths.has(path)) continue
    const isGenerated = disk.isGenerated(path)
    // A concurrent run may have removed it.
    if (isGenerated !== undefined) changes.push({ kind: isGenerated ? 'delete' : 'stray', path })
  }
  return changes.sort((left, right) => compareText(left.path, right.path))
}
