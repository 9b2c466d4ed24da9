import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Change } from './plan.ts'

type Written = Extract<Change, { readonly content: unknown }>

interface Staged {
  readonly temporary: string
  readonly path: string
}

/**
 * Carries a plan out. Every new text is written aside first, where it is not there already, and renamed only once all
 * are there, so a full disk or a killed run leaves whole files, old or new, and never half of one.
 */
export function commit(folder: string, changes: readonly Change[]): void {
  const stage = new Stage(folder)
  const staged: Staged[] = []
  let renamed = 0
  try {
    for (const change of changes) {
      if (change.kind === 'create' || change.kind === 'update') staged.push(stage.put(change))
    }
    for (const { temporary, path } of staged) {
      renameSync(temporary, path)
      renamed += 1
    }
  } finally {
    for (const { temporary } of staged.slice(renamed)) rmSync(temporary, { force: true })
    stage.remove()
  }
  for (const change of changes) {
    if (change.kind === 'delete') remove(folder, change.path)
  }
}

/** Remembers which folders are there: most files stand beside others. */
class Stage {
  readonly #root: string
  /** Not beside its place: another run at the same time would take it for something that is left over. */
  readonly #aside: string
  readonly #folders = new Set<string>()
  #texts = 0

  constructor(root: string) {
    this.#root = root
    this.#aside = join(root, `.aside-${randomUUID()}`)
  }

  put({ path: place, content }: Written): Staged {
    const path = join(this.#root, place)
    const folder = dirname(path)
    if (!this.#folders.has(folder)) mkdirSync(folder, { recursive: true })
    this.#folders.add(folder)
    if ('aside' in content) return { temporary: content.aside, path }
    if (this.#texts === 0) mkdirSync(this.#aside, { recursive: true })
    this.#texts += 1
    const temporary = join(this.#aside, String(this.#texts))
    if ('copy' in content) copyFileSync(content.copy, temporary)
    else writeFileSync(temporary, content.text)
    return { temporary, path }
  }

  remove(): void {
    rmSync(this.#aside, { recursive: true, force: true })
  }
}

/** Removes a file, and the folders above it that are empty then. */
function remove(folder: string, path: string): void {
  rmSync(join(folder, path), { force: true })
  for (let above = dirname(path); above !== '.'; above = dirname(above)) {
    try {
      rmdirSync(join(folder, above))
    } catch {
      return
    }
  }
}
