import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { isOurs } from './compare.ts'
import type { Content } from './content.ts'
import type { Tree } from './tree.ts'

/** One difference between what the registry gives and what stands on disk. */
export type Change =
  | { readonly kind: 'create'; readonly path: string; readonly content: Content }
  | { readonly kind: 'update'; readonly path: string; readonly content: Content }
  /** Left over from an earlier run: it carries our header, but nothing makes it any more. */
  | { readonly kind: 'delete'; readonly path: string }
  /** Not ours: it is reported and left alone. */
  | { readonly kind: 'stray'; readonly path: string }
  /** Something that is not ours stands where a file has to go. */
  | { readonly kind: 'blocked'; readonly path: string }

export interface Plan {
  /** Sorted by path. */
  readonly changes: readonly Change[]
  readonly unchanged: number
}

/** What stands in the output folder and nothing makes. */
export function leftOver(
  out: string,
  tree: Tree,
  { wanted, changes }: { readonly wanted: readonly string[]; readonly changes: readonly Change[] },
): readonly Change[] {
  const missing = changes.filter(({ kind }) => kind === 'create').length
  const isPlain = tree.isPlain && !changes.some(({ kind }) => kind === 'blocked')
  // All that is wanted and not missing is there, so nothing else is: most runs need not look at a single name.
  if (isPlain && tree.amount === wanted.length - missing) return []
  const known = new Set(wanted)
  return tree.paths().flatMap((path): readonly Change[] => {
    if (known.has(path)) return []
    const ours = isOurFile(join(out, path))
    // Another run at the same time may have removed it.
    return ours === undefined ? [] : [{ kind: ours ? 'delete' : 'stray', path }]
  })
}

/** Undefined where nothing is; a symbolic link is never ours, whatever it leads to. */
function isOurFile(path: string): boolean | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  return found.isFile() ? isOurs(path) : false
}
