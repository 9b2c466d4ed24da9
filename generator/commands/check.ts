import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { FILE_START } from '../diagnostics/diagnostic.ts'
import type { Change } from '../files/plan.ts'
import { build } from '../pipeline/build.ts'
import { count } from '../text/count.ts'
import { defineCommand } from './command.ts'
import type { OutputOptions } from './generate.ts'
import { FINDING_FORMATS, outputParameters, runOptions } from './options.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'

export const command = defineCommand({
  description: 'compare the output folder with the definitions, without changing it',
  examples: ['check', 'check --connectors', 'check --no-cache --format github'],
  formats: FINDING_FORMATS,
  parameters: outputParameters,
  run: (options, context) => checkOutput({ ...options, ...runOptions(options, 'outside CI', context) }),
})

const WORDS: Readonly<Record<Change['kind'], string>> = {
  create: 'missing',
  update: 'stale',
  delete: 'left over',
  stray: 'not generated',
  blocked: 'not generated, and in the way',
}

/** Compares the output folder with the output of the definitions. Writes nothing. */
export async function checkOutput(options: OutputOptions): Promise<Outcome> {
  const result = await build({ ...options, mode: 'compare' })
  if (result.kind === 'findings') return findingsOutcome(result)
  const { changes, unchanged } = result
  const differences = changes.map(({ kind, path }) => ({ path, problem: WORDS[kind] }))
  const remedy = `npx --no hera-connectors generate${options.onlyConnectors ? ' --connectors' : ''}`
  const findings = changes.map((change) => findingOf(change, options.out, remedy))
  return {
    exitCode: differences.length === 0 ? 0 : 1,
    findings,
    json: { ok: differences.length === 0, differences, unchanged },
    text: (colors) =>
      [
        ...differences.map(({ path, problem }) => `${colors.red(problem)} ${options.out}/${path}`),
        differences.length === 0
          ? `${colors.green('up to date')}: ${count(unchanged, 'file')}`
          : `${colors.red(count(differences.length, 'difference'))}, ${count(unchanged, 'file')} up to date; run: ${remedy} (what is not generated, move away by hand)`,
      ].join('\n'),
  }
}

/** A file that is not as the definitions make it, as a finding about that file. */
function findingOf(change: Change, out: string, remedy: string): Diagnostic {
  const isOurs = change.kind === 'create' || change.kind === 'update' || change.kind === 'delete'
  return {
    code: `output/${WORDS[change.kind].replace(/,.*/, '').replaceAll(' ', '-')}`,
    file: `${out}/${change.path}`,
    span: FILE_START,
    message: `the file is ${WORDS[change.kind]}`,
    help: isOurs ? `run: ${remedy}` : 'move it away by hand, or out of the output folder',
  }
}
