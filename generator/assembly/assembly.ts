import { join } from 'node:path'
import { Objects } from '../cache/objects.ts'
import { checkAcross, placed } from '../check/check.ts'
import type { AcrossFinding } from '../check/outline.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { compareDiagnostics } from '../diagnostics/diagnostic.ts'
import { definitionsIn, loadDefinition, readDefinition } from '../load/load.ts'
import { type AsideFolder, asideFolder } from '../output/aside.ts'
import { commit } from '../output/commit.ts'
import { clearParcel } from '../output/parcel.ts'
import type { Change, Plan } from '../output/plan.ts'
import { leftOver } from '../output/plan.ts'
import { readTree } from '../output/tree.ts'
import type { Target } from '../targets/target.ts'
import { compareText } from '../text/compare-text.ts'
import { type Details, type Earlier, knownPlaces, placesOf, type RegistryFileDetails } from './earlier.ts'
import { alone, FEWEST_FOR_THREADS, type Fleet, threads, workerAddress } from './fleet.ts'
import { compact, type Done, type Job, type Task } from './job.ts'
import { type Made, pathsOf } from './made.ts'
import { type Contributor, changeOf, comparisonOf, type RegistryFile, registryFiles } from './registry-files.ts'

import { isIn, pack, type Shard, unpack } from './shard.ts'

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
  /** The machine's share of the definitions; its own files alone are made, and what `merge` needs beside them. */
  readonly shard?: Shard
  /** Folders of all shards, from which everything is taken that one definition decides. */
  readonly merged?: readonly string[]
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
  /** Carries the changes out. */
  readonly commit: () => void
  /** Leaves everything as it is. */
  readonly discard: () => void
  /** Everything that was read or made, for whoever wants to know later whether it is still so. */
  readonly paths: () => AssembledPaths
  /** What helps the next run. */
  readonly details: () => Details
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
  readonly #done = new Map<string, Done>()
  readonly #aside: AsideFolder
  readonly #details: RegistryFileDetails[] = []

  constructor(options: AssemblyOptions) {
    this.#options = options
    this.#aside = asideFolder(options.out ?? '')
  }

  async run(): Promise<Findings | Assembled> {
    const { shard, out = '' } = this.#options
    if (shard !== undefined) clearParcel(out)
    const all = await definitionsIn(this.#options.folder)
    const names = shard === undefined ? all : all.filter((name) => isIn(shard, name))
    const settled = this.#settle(names)
    const open = names.filter((name) => !settled.has(name))
    await this.#make(open.map((name) => ({ name })))
    const findings = await this.#findings(names)
    if (findings !== undefined) return findings
    return shard === undefined ? await this.#assembled(names) : this.#packed(names, shard)
  }

  /** Takes over what has not changed since an earlier run, without reading the definitions; gives their names. */
  #settle(names: readonly string[]): ReadonlySet<string> {
    const { earlier, objects, folder, out = '' } = this.#options
    const settled = new Set<string>()
    if (earlier === undefined || objects === undefined) return settled
    const memory = new Objects(objects)
    const keys = new Map(earlier.details.keys)
    const places = knownPlaces(out, earlier)
    for (const name of names) {
      const key = keys.get(name)
      if (key === undefined || !earlier.isSame(join(folder, name))) continue
      const made = memory.read(key) as Made | undefined
      if (made === undefined || !pathsOf(made, { folder, out }).every(earlier.isSame)) continue
      settled.add(name)
      this.#done.set(name, { name, key, made, diagnostics: [], changes: [], fragments: placesOf(places, made) })
    }
    return settled
  }

  discard(): void {
    const { out, isTrial } = this.#options
    if (out !== undefined && !isTrial) this.#aside.remove()
  }

  #fleet(amount: number): Fleet | Promise<Fleet> {
    const { folder, out, targets, salt, objects, isTrial, merged } = this.#options
    if (merged !== undefined) return unpack(merged, { definitions: folder, salt, out: out ?? '' })
    const job: Job = {
      folder,
      salt,
      isTrial,
      targets: targets.map(({ name }) => name),
      ...(out === undefined ? {} : { out }),
      ...(objects === undefined ? {} : { objects }),
    }
    if (workerAddress === undefined || amount < FEWEST_FOR_THREADS) return alone(job)
    return threads(out === undefined || isTrial ? job : { ...job, aside: this.#aside.path }, workerAddress)
  }

  /** The threads end with it: what they hold is wanted for what comes after. */
  async #make(tasks: readonly Task[]): Promise<void> {
    const fleet = await this.#fleet(tasks.length)
    let count = 0
    try {
      await fleet.run(tasks, (done) => {
        this.#done.set(done.name, compact(done))
        count += 1
        this.#options.onProgress?.(count, tasks.length)
      })
    } finally {
      await fleet.close()
    }
  }

  async #findings(names: readonly string[]): Promise<Findings | undefined> {
    const all = names.map((name) => this.#done.get(name)).filter((done) => done !== undefined)
    const across = checkAcross(all.flatMap(({ outline, made }) => outline ?? made?.outline ?? []))
    const diagnostics = all.flatMap((done) => done.diagnostics)
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

  /** Findings across definitions are few: their files are read once more to see where they stand. */
  async #place(finding: AcrossFinding, texts: Map<string, string>): Promise<Diagnostic> {
    const { folder } = this.#options
    const name = finding.file.slice(finding.file.lastIndexOf('/') + 1)
    const text = readDefinition(folder, name)
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
    const made = names.map((name) => this.#done.get(name)?.made).filter((one) => one !== undefined)
    const files = made.flatMap((one) =>
      Object.values(one.targets).flatMap((target) => target.files.map(({ path }) => path)),
    )
    const changes = [...this.#done.values()].flatMap((done) => done.changes)
    const wanted = new Set(files)
    for (const target of out === undefined ? [] : targets) {
      for (const { path, change } of await this.#registryFiles(target, names)) {
        wanted.add(path)
        if (change !== undefined) changes.push(change)
      }
    }
    const unchanged = wanted.size - changes.length
    if (out !== undefined)
      changes.push(
        ...leftOver(
          out,
          await readTree(
            out,
            targets.map(({ folder }) => folder),
          ),
          wanted,
        ),
      )
    changes.sort((left, right) => compareText(left.path, right.path))
    return this.#plan({ changes, unchanged, names, wanted })
  }

  /** The files of a shard, all new, and what goes with them. */
  #packed(names: readonly string[], shard: Shard): Assembled {
    const { out = '', folder, salt } = this.#options
    const all = names.map((name) => this.#done.get(name)).filter((done) => done !== undefined)
    const changes = all.flatMap((done) => done.changes).map((change) => ({ ...change, path: `files/${change.path}` }))
    const planned = this.#plan({ changes, unchanged: 0, names, wanted: new Set(changes.map(({ path }) => path)) })
    return {
      ...planned,
      commit: () => {
        try {
          commit(out, changes)
          pack(out, { definitions: folder, salt, shard }, all)
        } finally {
          this.discard()
        }
      },
    }
  }

  #plan({
    changes,
    unchanged,
    names,
    wanted,
  }: Plan & { readonly names: readonly string[]; readonly wanted: ReadonlySet<string> }): Assembled {
    const all = [...this.#done.values()]
    const events = all.reduce((sum, { made }) => sum + (made?.events ?? 0), 0)
    const keys = all.flatMap(({ name, key }) => (key === undefined ? [] : [[name, key] as const]))
    const samples = all.flatMap(({ made }) => made?.samples.map(({ name }) => name) ?? [])
    // What came of the definitions is on disk or in `changes` by now.
    this.#done.clear()
    return {
      kind: 'assembled',
      changes,
      unchanged,
      fileCount: names.length,
      connectors: names.length,
      events,
      commit: () => {
        try {
          commit(this.#options.out ?? '', changes)
        } finally {
          this.discard()
        }
      },
      discard: () => this.discard(),
      details: () => ({ keys, registryFiles: this.#details }),
      paths: () => ({ definitions: names, samples, output: [...wanted] }),
    }
  }

  async #registryFiles(target: Target, names: readonly string[]): Promise<readonly Planned[]> {
    const { out = '', earlier } = this.#options
    const planned: Planned[] = []
    let files = registryFiles(target, this.#contributors(names))
    const kinds = files.map((file) => comparisonOf(out, file, earlier))
    const missing = new Set(
      files.flatMap((file, index) => (kinds[index] === 'create' || kinds[index] === 'update' ? file.missing : [])),
    )
    if (missing.size > 0 && !this.#options.isTrial) {
      await this.#make([...missing].map((name) => ({ name, anew: true })))
      files = registryFiles(target, this.#contributors(names))
    }
    for (const [index, file] of files.entries()) {
      const { path, digest, fragments } = file
      this.#details.push({ path, digest, fragments })
      planned.push({ path, change: this.#change(file, kinds[index] ?? 'create') })
    }
    return planned
  }

  #change(file: RegistryFile, kind: 'same' | 'create' | 'update' | 'blocked'): Change | undefined {
    const { path } = file
    if (kind === 'same') return undefined
    if (kind === 'blocked') return { kind, path }
    return this.#options.isTrial ? { kind, path, content: { text: '' } } : changeOf(file, kind, this.#aside.path)
  }

  #contributors(names: readonly string[]): readonly Contributor[] {
    return names.flatMap((name) => {
      const { made, fragments = {} } = this.#done.get(name) ?? {}
      return made === undefined ? [] : [{ name, made, fragments }]
    })
  }
}
