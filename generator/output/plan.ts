import type { OutputFile } from '../model/connector.ts'
import { compareText } from '../text/compare-text.ts'
import type { Existing } from './tree.ts'

/** One difference between what the registry gives and what stands on disk. */
export type Change =
  | { readonly kind: 'create'; readonly file: OutputFile }
  | { readonly kind: 'update'; readonly file: OutputFile; readonly before: string }
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

/** What has to happen so that the output folder holds exactly these files. Pure. */
export function plan(files: readonly OutputFile[], existing: readonly Existing[]): Plan {
  const wanted = new Map(files.map((file) => [file.path, file]))
  const present = new Map(existing.map((entry) => [entry.path, entry]))
  const made = files.map((file) => changeOf(file, present.get(file.path)))
  const left = existing
    .filter(({ path }) => !wanted.has(path))
    .map(({ path, ours }): Change => ({ kind: ours ? 'delete' : 'stray', path }))
  const changes = [...made.filter((change) => change !== undefined), ...left]
  return {
    changes: changes.sort((first, second) => compareText(pathOf(first), pathOf(second))),
    unchanged: made.filter((change) => change === undefined).length,
  }
}

function changeOf(file: OutputFile, existing: Existing | undefined): Change | undefined {
  if (existing === undefined) return { kind: 'create', file }
  if (existing.text === file.text) return undefined
  if (existing.text === undefined || !existing.ours) return { kind: 'blocked', path: file.path }
  return { kind: 'update', file, before: existing.text }
}

export function pathOf(change: Change): string {
  switch (change.kind) {
    case 'create':
    case 'update':
      return change.file.path
    case 'delete':
    case 'stray':
    case 'blocked':
      return change.path
    default:
      return change satisfies never
  }
}
