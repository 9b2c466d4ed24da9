import { OperationalError } from '../diagnostics/operational-error.ts'
import type { Change } from '../files/plan.ts'
import { build } from '../pipeline/build.ts'
import type { BuildResult, RunOptions } from '../pipeline/build-options.ts'
import { count } from '../text/count.ts'
import { defineCommand, flag, type Values } from './command.ts'
import { FINDING_FORMATS, outputParameters, runOptions } from './options.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'
import type { Watch } from './watch.ts'

export interface OutputOptions extends RunOptions, Omit<Values<typeof outputParameters>, 'cache'> {}

export const command = defineCommand({
  description: 'validate the definitions and write the generated files; the default command',
  examples: ['generate', 'generate --connectors', 'generate --watch', 'generate --target sql json --out build'],
  formats: FINDING_FORMATS,
  parameters: {
    ...outputParameters,
    watch: flag('--watch', 'regenerate when a definition changes'),
  },
  run({ watch, ...flags }, context) {
    const options = { ...flags, ...runOptions(flags, 'always', context) }
    return watch ? context.showEachRun((each) => watchAndGenerate({ ...options, ...each })) : generate(options)
  },
})

/** Validates the definitions, generates every file and replaces the files that differ. */
export async function generate(options: OutputOptions): Promise<Outcome> {
  const result = await build({ ...options, mode: 'write' })
  if (result.kind === 'findings') return findingsOutcome(result)
  const blocked = result.changes.filter(({ kind }) => kind === 'blocked')
  if (blocked.length > 0) throw blockedError(options.out, blocked)
  return outcomeOf(result, options.out)
}

/** Regenerates when a definition changes; returns the last outcome once it is stopped. */
async function watchAndGenerate(options: OutputOptions & Watch): Promise<Outcome> {
  const { runOnChange } = await import('./watch.ts')
  return runOnChange(options.definitions, () => generate(options), options)
}

function blockedError(out: string, blocked: readonly Change[]): OperationalError {
  const paths = blocked.map(({ path }) => `${out}/${path}`).join(', ')
  return new OperationalError(`these are in the place of generated files, and are not generated: ${paths}`, {
    help: 'move them away; only files that carry our header are replaced. Nothing was written',
  })
}

function outcomeOf({ changes, unchanged, connectors, events }: BuildResult, out: string): Outcome {
  const paths = (wanted: Change['kind']) => changes.filter(({ kind }) => kind === wanted).map(({ path }) => path)
  const [created, updated, deleted, stray] = [paths('create'), paths('update'), paths('delete'), paths('stray')]
  return {
    exitCode: 0,
    findings: [],
    json: { ok: true, connectors, events, created, updated, deleted, unchanged, stray },
    text: (colors) =>
      [
        ...listed(stray, (path) => `${colors.yellow('stray')}   ${out}/${path}: not generated; left alone`),
        ...listed(created, (path) => `${colors.green('created')} ${out}/${path}`),
        ...listed(updated, (path) => `${colors.cyan('updated')} ${out}/${path}`),
        ...listed(deleted, (path) => `${colors.red('deleted')} ${out}/${path}`),
        `${colors.bold(count(connectors, 'connector'))}, ${count(events, 'event')}: ${created.length} created, ${updated.length} updated, ${deleted.length} deleted, ${unchanged} unchanged`,
      ].join('\n'),
  }
}

/** Lines of one kind: a large registry changes more files than anybody reads. */
const MOST_LINES = 20

function listed(paths: readonly string[], lineOf: (path: string) => string): readonly string[] {
  const more = paths.length - MOST_LINES
  const lines = paths.slice(0, MOST_LINES).map(lineOf)
  return more > 0 ? [...lines, `        and ${more} more; --format json names them all`] : lines
}
