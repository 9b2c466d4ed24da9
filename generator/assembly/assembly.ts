import { isStamped } from '../cache/standing.ts'
import { checkAcross, placed } from '../check/check.ts'
import type { AcrossFinding } from '../check/outline.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { compareDiagnostics } from '../diagnostics/diagnostic.ts'
import { definitionsIn, fileOf, loadDefinition } from '../load/load.ts'
import { Aside, type AsideFolder, asideFolder } from '../output/aside.ts'
import { commit } from '../output/commit.ts'
import type { Comparison } from '../output/compare.ts'
import { LargeFiles } from '../output/large-files.ts'
import { placeIn } from '../output/place-in.ts'
import type { Change, Plan } from '../output/plan.ts'
import { leftOver } from '../output/plan.ts'
import { readTree } from '../output/tree.ts'
import type { Target } from '../targets/target.ts'
import { compareText } from '../text/compare-text.ts'
import { changedFault, readListed } from './changed.ts'
import type { Details, Earlier, RegistryFileDetails } from './earlier.ts'
import { isLarge, limitHeapGrowth, optimiseLater } from './engine.ts'
import { alone, FEWEST_FOR_THREADS, type Fleet, threads, workerAddress, writerAddress } from './fleet.ts'
import { type Contributor, type Held, hold, isOfSameTexts, outlinesOf } from './held.ts'
import type { Job, Task } from './job.ts'
import {
  comparisonOf,
  filesBefore,
  laidOutAnew,
  materialOf,
  type RegistryFile,
  registryFiles,
} from './registry-files.ts'
import { settled } from './settle.ts'
import { linesOf } from './told.ts'

export interface AssemblyOptions {
  /** The folder of definitions, as the user typed it. */
  readonly folder: string
  /** The output folder; without one, definitions are only checked. */
  readonly out?: string
  readonly targets: readonly Target[]
  readonly salt: string
  /** Folder of what earlier runs remember; none where nothing is to be remembered. */
  readonly objects?: string
  /** Whether the output is compared only. */
  readonly isTrial: boolean
  /** An earlier run of the same, which left what is remembered in `objects`. */
  readonly earlier?: Earlier
  readonly onProgress?: (done: number, all: number) => void
}

export interface Findings {
  readonly kind: 'findings'
  readonly diagnostics: readonly Diagnostic[]
  /** Texts of the definitions with findings. */
  readonly texts: ReadonlyMap<string, string>
  readonly fileCount: number
}

export interface Assembled extends Plan {
  readonly kind: 'assembled'
  readonly fileCount: number
  readonly connectors: number
  readonly events: number
  /** Carries the changes out; calls back when all is written, and nothing is at its place yet. */
  readonly commit: (onStaged?: () => void) => void
  /** Removes what was put aside; to be called at the end, whether the changes were carried out or not. */
  readonly discard: () => void
  /** Of the files that were put to their places. */
  readonly inodes: () => ReadonlyMap<string, number>
  /** Everything that was read or made, for whoever wants to know later whether it is still so. */
  readonly paths: () => AssembledPaths
  /** What helps the next run. */
  readonly details: () => {
    readonly value: Pick<Details, 'definitions' | 'registryFiles'>
    /** What the definitions told, in the same order. */
    readonly lines: () => Iterable<Uint8Array>
  }
}

interface Planned {
  readonly path: string
  readonly change: Change | undefined
}

export interface AssembledPaths {
  readonly definitions: readonly string[]
  readonly samples: readonly string[]
  readonly output: readonly string[]
}

/** Does all definitions of a folder, and finds out what has to change in the output folder. Writes nothing there. */
export async function assembleRegistry(options: AssemblyOptions): Promise<Findings | Assembled> {
  const assembly = new Assembly(options)
  try {
    return await assembly.run()
  } catch (error) {
    assembly.discard()
    throw error
  }
}

class Assembly {
  readonly #options: AssemblyOptions
  readonly #held = new Map<string, Held>()
  readonly #aside: AsideFolder
  readonly #large: LargeFiles
  readonly #details: RegistryFileDetails[] = []

  constructor(options: AssemblyOptions) {
    this.#options = options
    this.#aside = asideFolder(options.out ?? '')
    this.#large = new LargeFiles(this.#aside.path, writerAddress)
  }

  async run(): Promise<Findings | Assembled> {
    const names = await definitionsIn(this.#options.folder)
    optimiseLater()
    if (isLarge(names.length)) limitHeapGrowth(20)
    const { earlier, folder } = this.#options
    if (earlier !== undefined) for (const held of settled(names, earlier, folder)) this.#held.set(held.name, held)
    const open = names.filter((name) => !this.#held.has(name))
    await this.#make(open.map((name) => ({ name })))
    const findings = await this.#findings(names)
    if (findings !== undefined) return findings
    return await this.#assembled(names)
  }

  discard(): void {
    const { out, isTrial } = this.#options
    if (out !== undefined && !isTrial) this.#aside.remove()
  }

  #fleet(amount: number): Fleet | Promise<Fleet> {
    const { folder, out, targets, salt, objects, isTrial } = this.#options
    const job: Job = {
      folder,
      salt,
      isTrial,
      targets: targets.map(({ name }) => name),
      ...(out === undefined ? {} : { out }),
      ...(objects === undefined ? {} : { objects }),
    }
    if (workerAddress === undefined || amount < FEWEST_FOR_THREADS) return alone(job)
    return threads(out === undefined || isTrial ? job : { ...job, aside: this.#aside.path }, workerAddress, amount)
  }

  /** The threads end with it: what they hold is wanted for what comes after. */
  async #make(tasks: readonly Task[]): Promise<void> {
    const told = this.#keeperOf(tasks.length)
    const fleet = await this.#fleet(tasks.length)
    let count = 0
    try {
      await fleet.run(tasks, (done) => {
        this.#held.set(
          done.name,
          hold(done, (text) => told.keep('told', text)),
        )
        count += 1
        this.#options.onProgress?.(count, tasks.length)
      })
    } finally {
      await fleet.close()
      told.close()
    }
  }

  /** Where what the definitions tell waits for the end: on disk where that is too much for memory. */
  #keeperOf(amount: number): Aside {
    const { out, isTrial } = this.#options
    const isAside = isLarge(amount) && out !== undefined && !isTrial
    return new Aside(isAside ? this.#aside.path : undefined)
  }

  async #findings(names: readonly string[]): Promise<Findings | undefined> {
    const all = names.map((name) => this.#held.get(name)).filter((held) => held !== undefined)
    const across = this.#isOutlinedAsBefore(names) ? [] : checkAcross(outlinesOf(all))
    const diagnostics = all.flatMap((held) => held.diagnostics)
    const texts = new Map<string, string>()
    for (const { text, diagnostics: own } of all) {
      const [first] = own
      if (first !== undefined && text !== undefined) texts.set(first.file, text)
    }
    for (const finding of across) diagnostics.push(await this.#place(finding, texts))
    if (diagnostics.length === 0) return undefined
    this.discard()
    return { kind: 'findings', diagnostics: diagnostics.sort(compareDiagnostics), texts, fileCount: names.length }
  }

  /** Whether rules across definitions see what they saw in an earlier run, which found nothing. */
  #isOutlinedAsBefore(names: readonly string[]): boolean {
    const { earlier } = this.#options
    if (earlier?.definitions.size !== names.length) return false
    return names.every((name) => {
      const [before, now] = [earlier.definitions.get(name), this.#held.get(name)?.contribution]
      return before !== undefined && before.known.outline === now?.known.outline
    })
  }

  /** Findings across definitions are few: their files are read once more to see where they stand. */
  async #place(finding: AcrossFinding, texts: Map<string, string>): Promise<Diagnostic> {
    const { folder } = this.#options
    const name = finding.file.slice(finding.file.lastIndexOf('/') + 1)
    const text = readListed(folder, name)
    if (typeof text !== 'string') return text
    texts.set(finding.file, text)
    const { document, diagnostics } = await loadDefinition(folder, name, text)
    const [first] = diagnostics
    if (document !== undefined) return placed(document, finding)
    if (first === undefined) throw new Error(`no document and no finding: ${finding.file}`)
    return first
  }

  async #assembled(names: readonly string[]): Promise<Assembled> {
    const { out, targets } = this.#options
    // From here on one thread has all in memory at once, and makes the largest texts.
    if (isLarge(names.length)) limitHeapGrowth(8)
    const changes = [...this.#held.values()].flatMap((held) => held.changes)
    if (out === undefined) return this.#plan({ changes, unchanged: 0, names, output: [] })
    const planned: Planned[] = []
    try {
      for (const target of targets) planned.push(...(await this.#registryFiles(target, names)))
      await this.#large.written()
    } finally {
      await this.#large.close()
      // It also explains best why a text could not be taken.
      this.#refuseMoved(out)
    }
    const own = this.#contributors(names).flatMap(({ paths }) => paths)
    // In the order that `Details` tells of.
    const output = [...planned.map(({ path }) => path), ...own]
    changes.push(...planned.flatMap(({ change }) => change ?? []))
    const unchanged = output.length - changes.length
    const folders = targets.map(({ folder }) => folder)
    const tree = readTree(out, folders, this.#options.earlier?.knownFolder)
    changes.push(...leftOver(out, tree, { wanted: output, changes }))
    changes.sort((left, right) => compareText(left.path, right.path))
    return this.#plan({ changes, unchanged, names, output })
  }

  #plan({
    changes,
    unchanged,
    names,
    output,
  }: Plan & { readonly names: readonly string[]; readonly output: readonly string[] }): Assembled {
    const all = this.#contributors(names)
    const definitions = all.map(({ known }) => known)
    const told = all.map((one) => one.told)
    const events = definitions.reduce((sum, one) => sum + one.events, 0)
    const samples = definitions.flatMap((one) => one.samples)
    let inodes: ReadonlyMap<string, number> = new Map()
    // What came of the definitions is on disk or in `changes` by now, but for what the next run wants to know.
    this.#held.clear()
    return {
      kind: 'assembled',
      changes,
      unchanged,
      fileCount: names.length,
      connectors: names.length,
      events,
      commit: (onStaged) => {
        inodes = commit(this.#options.out ?? '', changes, onStaged)
      },
      discard: () => this.discard(),
      inodes: () => inodes,
      details: () => ({
        value: { definitions, registryFiles: this.#details },
        lines: () => linesOf(told),
      }),
      paths: () => ({ definitions: names, samples, output }),
    }
  }

  async #registryFiles(target: Target, names: readonly string[]): Promise<readonly Planned[]> {
    const planned: Planned[] = []
    const waiting = new Set<string>()
    const missing = new Set<string>()
    const files = this.#filesOf(target, names)
    for (const file of files()) {
      const kind = this.#compared(file)
      if (file.missing.length === 0 || kind === 'same' || kind === 'blocked' || this.#options.isTrial) {
        planned.push(this.#planned(file, kind))
        continue
      }
      waiting.add(file.path)
      for (const name of file.missing) missing.add(name)
    }
    if (waiting.size === 0) return planned
    await this.#makeAnew([...missing])
    for (const file of files()) {
      if (waiting.has(file.path)) planned.push(this.#planned(file, this.#compared(file)))
    }
    return planned
  }

  /** The files of a target over all connectors, as often as they are asked for. */
  #filesOf(target: Target, names: readonly string[]): () => Iterable<RegistryFile> {
    const { earlier, out = '' } = this.#options
    const place = placeIn(out)
    const material = () => materialOf(target, this.#contributors(names), { earlier, place })
    const before = earlier && filesBefore(target, earlier, { contributors: this.#contributors(names), place })
    return before === undefined ? () => registryFiles(target, material()) : () => laidOutAnew(before, material(), place)
  }

  /** Makes texts that were left out before: they belong to files that were compared as the definitions were then. */
  async #makeAnew(names: readonly string[]): Promise<void> {
    const before = names.map((name) => this.#held.get(name))
    await this.#make(names.map((name) => ({ name, anew: true })))
    for (const [index, name] of names.entries()) {
      if (isOfSameTexts(before[index], this.#held.get(name))) continue
      const file = fileOf(this.#options.folder, name)
      const { samples = [] } = before[index]?.contribution?.known ?? {}
      throw changedFault(samples.length === 0 ? file : `${file} or a sample of it`)
    }
  }

  /** Texts were taken out of files as an earlier run left them: another run at the same time may have replaced those. */
  #refuseMoved(out: string): void {
    const { earlier } = this.#options
    if (earlier === undefined) return
    for (const { path } of earlier.details.registryFiles) {
      const place = placeIn(out)(path)
      const stamp = earlier.files(place)
      if (stamp !== undefined && !isStamped(place, stamp)) throw changedFault(place)
    }
  }

  #compared(file: RegistryFile): Comparison['kind'] {
    return comparisonOf(this.#options.out ?? '', file, this.#options.earlier)
  }

  #planned(file: RegistryFile, kind: Comparison['kind']): Planned {
    const { segments, missing: _, ...details } = file
    this.#details.push(details)
    const { path } = file
    if (kind === 'same') return { path, change: undefined }
    if (kind === 'blocked') return { path, change: { kind, path } }
    const content = this.#options.isTrial ? { text: '' } : this.#large.contentOf(segments)
    return { path, change: { kind, path, content } }
  }

  #contributors(names: readonly string[]): readonly Contributor[] {
    return names.flatMap((name) => this.#held.get(name)?.contribution ?? [])
  }
}
