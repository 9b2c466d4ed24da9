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
  /** Whether a file carries our header; undefined if it no longer exists, or is not part of the comparison. */
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
  /** Not generated, and in the place of a generated file or of a folder of them. */
  | { readonly kind: 'blocked'; readonly path: string }

/** The changes after which the output folder contains exactly the wanted files. */
export interface Plan {
  /** Sorted by path. */
  readonly changes: readonly Change[]
  /** How many wanted files are up to date. */
  readonly unchanged: number
}

/** Compares the wanted files with the disk. */
export function plan(wanted: readonly WantedFile[], disk: Disk): Plan {
  const present = new Set(disk.paths)
  const paths = new Set(wanted.map(({ path }) => path))
  const blockers = new Set<string>()
  const changes: Change[] = []
  let unchanged = 0
  for (const file of wanted) {
    const blocker = foldersAbove(file.path).find((folder) => present.has(folder))
    if (blocker !== undefined) {
      blockers.add(blocker)
      continue
    }
    const kind = disk.compare(file)
    if (kind === 'same') unchanged += 1
    else changes.push(kind === 'blocked' ? { kind, path: file.path } : { kind, path: file.path, file })
  }
  for (const path of blockers) changes.push({ kind: 'blocked', path })
  for (const path of disk.paths) {
    if (paths.has(path) || blockers.has(path)) continue
    const isGenerated = disk.isGenerated(path)
    // A concurrent run may have removed it.
    if (isGenerated !== undefined) changes.push({ kind: isGenerated ? 'delete' : 'stray', path })
  }
  return { changes: changes.sort((left, right) => compareText(left.path, right.path)), unchanged }
}

/** The folders that contain a file. A file or a link in the place of one of them must not be followed or replaced. */
function foldersAbove(path: string): readonly string[] {
  const names = path.split('/').slice(0, -1)
  return names.map((_, index) => names.slice(0, index + 1).join('/'))
}
