import { Fault } from '../diagnostics/fault.ts'
import { commit } from '../output/commit.ts'
import type { Change, Plan } from '../output/plan.ts'
import { pathOf, plan } from '../output/plan.ts'
import { readTree } from '../output/tree.ts'
import { count } from '../text/count.ts'
import { chooseTargets, emit } from './emit.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'
import type { Reading } from './read-registry.ts'
import { readRegistry } from './read-registry.ts'

export interface OutputOptions {
  readonly definitions: string
  readonly out: string
  /** Names of targets; empty means all. */
  readonly targets: readonly string[]
}

export interface Planned extends Plan {
  readonly reading: Reading
}

/** What `generate` would do: reads, checks, makes every file in memory and compares. Writes nothing. */
export async function planOutput(options: OutputOptions): Promise<Planned | Reading> {
  const chosen = chooseTargets(options.targets)
  const reading = await readRegistry(options.definitions)
  if (reading.diagnostics.length > 0) return reading
  const files = await emit(reading.registry, chosen)
  const existing = await readTree(
    options.out,
    chosen.map(({ folder }) => folder),
  )
  return { ...plan(files, existing), reading }
}

/** Validates, makes every file and replaces what differs. */
export async function generate(options: OutputOptions): Promise<Outcome> {
  const planned = await planOutput(options)
  if (!('changes' in planned)) return findingsOutcome(planned)
  refuseBlocked(options.out, planned.changes)
  await commit(options.out, planned.changes)
  return outcomeOf(planned, options.out)
}

function refuseBlocked(out: string, changes: readonly Change[]): void {
  const blocked = changes.filter(({ kind }) => kind === 'blocked').map(pathOf)
  if (blocked.length === 0) return
  throw new Fault(
    `these are not generated and stand where generated files go: ${blocked.map((path) => `${out}/${path}`).join(', ')}`,
    {
      help: 'move them away; only files that carry our header are replaced. Nothing was written',
    },
  )
}

function outcomeOf({ changes, unchanged, reading }: Planned, out: string): Outcome {
  const paths = (kind: Change['kind']) => changes.filter((change) => change.kind === kind).map(pathOf)
  const [created, updated, deleted, stray] = [paths('create'), paths('update'), paths('delete'), paths('stray')]
  const events = reading.registry.connectors.reduce((sum, connector) => sum + connector.events.length, 0)
  return {
    exitCode: 0,
    findings: [],
    json: {
      ok: true,
      connectors: reading.registry.connectors.length,
      events,
      created,
      updated,
      deleted,
      unchanged,
      stray,
    },
    text: (colors) =>
      [
        ...stray.map((path) => `${colors.yellow('stray')}   ${out}/${path}: not generated; left alone`),
        ...created.map((path) => `${colors.green('created')} ${out}/${path}`),
        ...updated.map((path) => `${colors.cyan('updated')} ${out}/${path}`),
        ...deleted.map((path) => `${colors.red('deleted')} ${out}/${path}`),
        `${colors.bold(count(reading.registry.connectors.length, 'connector'))}, ${count(events, 'event')}: ${created.length} created, ${updated.length} updated, ${deleted.length} deleted, ${unchanged} unchanged`,
      ].join('\n'),
  }
}
