import { basename, join, resolve } from 'node:path'
import { digest } from '../cache/digest.ts'
import { Objects } from '../cache/objects.ts'
import { checkAlone } from '../check/check.ts'
import { inspect } from '../check/inspection/inspect.ts'
import { reviewed } from '../check/review.ts'
import type { Definition } from '../compiled/definition.ts'
import { fileOf, loadDefinition } from '../load/load.ts'
import { readSample } from '../load/samples.ts'
import type { SourceDocument } from '../load/source-document.ts'
import type { Connector, OutputFile } from '../model/connector.ts'
import { model } from '../model/model.ts'
import { Aside, Nowhere } from '../output/aside.ts'
import { compareContent, compareText } from '../output/compare.ts'
import type { Place } from '../output/content.ts'
import type { Change } from '../output/plan.ts'
import type { Contribution, Target } from '../targets/target.ts'
import { targets } from '../targets/targets.ts'
import { readListed } from './changed.ts'
import type { Done, Job, Task } from './job.ts'
import type { Made, MadeByTarget, MadeFile, MadeText } from './made.ts'

/** Does the definitions of one run, one after the other; several makers can share the work. */
export class Maker {
  readonly #job: Job
  readonly #objects: Objects | undefined
  readonly #aside: Pick<Aside, 'put' | 'keep'>
  readonly #targets: readonly Target[]

  constructor(job: Job) {
    this.#job = job
    this.#objects = job.objects === undefined ? undefined : new Objects(job.objects)
    this.#aside = job.isTrial ? new Nowhere() : new Aside(job.aside)
    this.#targets = targets.filter(({ name }) => job.targets.includes(name))
  }

  /** Everything that one definition decides by itself. */
  async make({ name, anew }: Task): Promise<Done> {
    const { folder } = this.#job
    const text = readListed(folder, name)
    if (typeof text !== 'string') return { name, diagnostics: [text], changes: [] }
    const key = digest(this.#job.salt, name, text)
    const known = anew === true ? undefined : await this.#remembered(key)
    if (known !== undefined) return { name, key, made: known, diagnostics: [], changes: [] }
    const { document: loaded, diagnostics } = await loadDefinition(folder, name, text)
    const [document] = await inspect(loaded === undefined ? [] : [loaded])
    const source = { file: fileOf(folder, name), text }
    if (document === undefined) return { name, text, diagnostics: reviewed(source, diagnostics), changes: [] }
    const { diagnostics: found, outline } = checkAlone(document)
    if (outline === undefined || found.length > 0)
      return { name, text, ...outlined(outline), diagnostics: reviewed(source, found), changes: [] }
    return { name, key, diagnostics: [], ...(await this.#made(document, outline, key)) }
  }

  /** What an earlier run made of the same definition, where all that came of it still stands on disk. */
  async #remembered(key: string): Promise<Made | undefined> {
    const known = this.#objects?.read(key) as Made | undefined
    if (known === undefined) return undefined
    for (const sample of known.samples) {
      const text = await readSample(this.#job.folder, sample.name)
      if (typeof text !== 'string' || digest(text) !== sample.digest) return undefined
    }
    const files = Object.values(known.targets).flatMap((target) => target.files)
    if (!files.every((file) => this.#stands(file))) return undefined
    this.#objects?.touch(key)
    return known
  }

  #stands({ path, size, digest: wanted }: MadeFile): boolean {
    return compareContent(join(this.#job.out ?? '', path), size, (bytes) => digest(bytes) === wanted).kind === 'same'
  }

  async #made(document: SourceDocument, outline: NonNullable<Made['outline']>, key: string) {
    const { out } = this.#job
    const [connector] = model([checkedIn(this.#job.folder, document)]).connectors
    if (connector === undefined) throw new Error('one definition makes one connector')
    const fragments: Record<string, Place> = {}
    const changes: Change[] = []
    const byTarget: Record<string, MadeByTarget> = {}
    for (const target of out === undefined ? [] : this.#targets) {
      const contribution = await target.ofConnector(connector)
      byTarget[target.name] = madeOf(contribution)
      for (const [name, text] of Object.entries(contribution.fragments ?? {})) {
        const key = `${target.name} ${name}`
        fragments[key] = this.#aside.keep(key, text)
      }
      for (const file of contribution.files) changes.push(...this.#change(out ?? '', file))
    }
    const made = knownOf({ document, outline, connector, byTarget })
    this.#objects?.write(key, made)
    return { made, fragments, changes }
  }

  #change(out: string, { path, text }: OutputFile): readonly Change[] {
    const { kind } = compareText(join(out, path), text)
    if (kind === 'same') return []
    return [kind === 'blocked' ? { kind, path } : { kind, path, content: this.#aside.put(text) }]
  }
}

function outlined(outline: Made['outline'] | undefined): Pick<Done, 'outline'> {
  return outline === undefined ? {} : { outline }
}

/** Output names a definition by its folder's own name, so that it is the same wherever the folder lies. */
export function checkedIn(folder: string, document: SourceDocument) {
  return {
    file: `${basename(resolve(folder))}/${document.stem}.yaml`,
    definition: document.value as Definition,
    ...(document.samples === undefined ? {} : { samples: document.samples }),
  }
}

function knownOf({
  document,
  outline,
  connector,
  byTarget,
}: {
  readonly document: SourceDocument
  readonly outline: Made['outline']
  readonly connector: Connector
  readonly byTarget: Made['targets']
}): Made {
  return {
    code: connector.code,
    events: connector.events.length,
    outline,
    samples: [...(document.samples ?? [])].map(([name, text]) => ({ name, digest: digest(text) })),
    targets: byTarget,
  }
}

function madeOf({ summary, files, fragments = {} }: Contribution<unknown>): MadeByTarget {
  const text = JSON.stringify(summary)
  return {
    summary: text,
    summary_digest: digest(text),
    files: files.map(({ path, text }) => ({ path, ...madeText(text) })),
    fragments: Object.fromEntries(Object.entries(fragments).map(([name, text]) => [name, madeText(text)])),
  }
}

function madeText(text: string): MadeText {
  return { size: Buffer.byteLength(text), digest: digest(text) }
}
