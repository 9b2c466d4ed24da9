import { resolve } from 'node:path'
import type { Assembled, Findings } from '../assembly/assembly.ts'
import type { Earlier } from '../assembly/earlier.ts'
import { recall, remember, type Totals } from '../assembly/remember.ts'
import { buildId } from '../cache/build-id.ts'
import { diskTime, settledTime } from '../cache/clock.ts'
import { realPlace } from '../cache/followed.ts'
import type { Subject } from '../cache/state.ts'
import type { Change, Plan } from '../output/plan.ts'
import { emptyFolder, explainFolder } from './definitions-folder-errors.ts'

/** How a run goes about it; what comes out is the same. */
export interface RunOptions {
  /** Folder of what earlier runs remember; none where nothing is to be trusted or remembered. */
  readonly cacheFolder?: string
  readonly onProgress?: (done: number, all: number) => void
}

export interface Wanted extends RunOptions {
  readonly definitions: string
  /** The output folder; without one, definitions are only checked. */
  readonly out?: string
  /** Names of targets; empty means all. */
  readonly targets: readonly string[]
  /** Whether the output is compared only: such a run cannot be committed. */
  readonly isTrial: boolean
}

/** A registry without findings, and how the output folder compares with it. */
export interface Standing extends Plan {
  readonly kind: 'standing'
  readonly fileCount: number
  readonly connectors: number
  readonly events: number
  /** Carries the changes out. */
  readonly commit: () => Promise<void>
  /** Leaves everything as it is. */
  readonly discard: () => Promise<void>
}

/** Checks every definition, and finds out what has to change in the output folder. Writes nothing there. */
export async function assemble(wanted: Wanted): Promise<Findings | Standing> {
  const { definitions, out, targets, cacheFolder: cache } = wanted
  // From the sources nothing tells when the code changes.
  const memory = buildId === undefined ? undefined : cache
  const place = [definitions, realPlace(definitions), out ?? '', realPlace(out ?? ''), ...targets].join('\n')
  const subject = { place, build: buildId ?? '' }
  // Before anything is looked at: what is changed from now on may not be what was seen.
  const begun = memory === undefined ? undefined : diskTime(memory)
  const known = memory === undefined ? undefined : await recall(memory, subject)
  if (known?.kind === 'unchanged') return recalled(known.totals)
  return anew({ wanted, memory, subject, begun, earlier: await known?.earlier(out ?? '') })
}

function recalled({ fileCount, connectors, events, unchanged, stray }: Totals): Standing {
  const changes = stray.map((path): Change => ({ kind: 'stray', path }))
  const nothing = async () => {}
  return { kind: 'standing', fileCount, connectors, events, unchanged, changes, commit: nothing, discard: nothing }
}

interface Anew {
  readonly wanted: Wanted
  readonly memory: string | undefined
  readonly subject: Subject
  /** As in `Remembered`. */
  readonly begun: number | undefined
  readonly earlier: Earlier | undefined
}

async function anew({ wanted, memory, subject, begun, earlier }: Anew): Promise<Findings | Standing> {
  const { definitions, out, onProgress } = wanted
  const [{ assembleRegistry }, { chooseTargets }] = await Promise.all([
    import('../assembly/assembly.ts'),
    import('./emit.ts'),
  ])
  const chosen = out === undefined ? [] : chooseTargets(wanted.targets)
  const result = await assembleRegistry({
    folder: definitions,
    targets: chosen,
    isTrial: wanted.isTrial,
    ...(earlier === undefined ? {} : { earlier }),
    salt: [buildId, resolve(definitions).split(/[\\/]/).at(-1), ...chosen.map(({ name }) => name)].join('\n'),
    ...(out === undefined ? {} : { out }),
    ...(memory === undefined ? {} : { objects: `${memory}/objects` }),
    ...(onProgress === undefined ? {} : { onProgress }),
  }).catch(explainFolder(definitions))
  if (result.fileCount === 0) throw emptyFolder(definitions)
  if (result.kind === 'findings') return result
  const note = async (staged?: number): Promise<void> => {
    if (memory === undefined || begun === undefined) return
    const subfolders = chosen.map(({ folder }) => folder)
    await remember({
      cache: memory,
      subject,
      begun,
      ...(staged === undefined ? {} : { staged }),
      ...(earlier === undefined ? {} : { earlier }),
      folder: definitions,
      subfolders,
      assembled: result,
      ...(out === undefined ? {} : { out }),
    })
  }
  return standing(result, { note, timeOfStaging: () => (memory === undefined ? undefined : settledTime(memory)) })
}

interface Notes {
  readonly note: (staged?: number) => Promise<void>
  readonly timeOfStaging: () => number | undefined
}

function standing(result: Assembled, { note, timeOfStaging }: Notes): Standing {
  const { fileCount, connectors, events, changes, unchanged } = result
  const isDone = changes.every(({ kind }) => kind === 'stray')
  return {
    ...{ kind: 'standing', fileCount, connectors, events, changes, unchanged },
    commit: async () => {
      let staged: number | undefined
      try {
        result.commit(() => {
          staged = timeOfStaging()
        })
        await note(staged)
      } finally {
        result.discard()
      }
    },
    discard: async () => {
      try {
        if (isDone) await note()
      } finally {
        result.discard()
      }
    },
  }
}
