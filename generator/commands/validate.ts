import type { AppliedFix } from '../check/apply-fixes.ts'
import { renderJson } from '../diagnostics/render-json.ts'
import type { Colors } from '../diagnostics/render-text.ts'
import { visible } from '../diagnostics/render-text.ts'
import type { Findings, RunOptions } from '../pipeline/build-options.ts'
import { readRegistry } from '../pipeline/pipeline.ts'
import { count } from '../text/count.ts'
import { defineCommand, flag } from './command.ts'
import { FINDING_FORMATS, registryParameters, runOptions } from './options.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'
import type { Watch } from './watch.ts'

export interface ValidateOptions extends RunOptions {
  readonly definitions: readonly string[]
}

export const command = defineCommand({
  description: 'validate every definition against the schema and the rules',
  examples: ['validate', 'validate --fix', 'validate --watch'],
  formats: FINDING_FORMATS,
  parameters: {
    ...registryParameters,
    watch: flag('--watch', 'validate again when a definition changes', { conflicts: 'fix' }),
    fix: flag(
      '--fix',
      'fix findings that have a single solution, such as quotes and misspelled fields, and put fields in order',
    ),
  },
  run({ watch, fix, ...flags }, context) {
    const options = { ...flags, ...runOptions(flags, watch ? 'always' : 'outside CI', context) }
    if (fix) return validateAndFix(options)
    return watch ? context.showEachRun((each) => watchAndValidate({ ...options, ...each })) : validate(options)
  },
})

/** Validates every definition against the schema and the rules. */
export async function validate(options: ValidateOptions): Promise<Outcome> {
  return outcomeOf(await readRegistry(options.definitions, options))
}

function outcomeOf({ fileCount, ...found }: Omit<Findings, 'kind'>, done?: string): Outcome {
  if (found.diagnostics.length > 0) return findingsOutcome({ ...found, fileCount }, done)
  return {
    exitCode: 0,
    findings: [],
    json: { ok: true, files: fileCount, findings: [] },
    text: (colors) => `${colors.green('valid')}: ${count(fileCount, 'definition')}`,
  }
}

/** Applies every fix, then validates every definition. */
export async function validateAndFix(options: ValidateOptions): Promise<Outcome> {
  const { fixDefinitions } = await import('./validate-fix.ts')
  const { fixed, reading } = await fixDefinitions(options.definitions, options)
  const rest = outcomeOf(reading, fixed.length === 0 ? undefined : `${fixed.length} more fixed`)
  return {
    ...rest,
    json: { ...rest.json, fixed: fixed.map(({ finding }) => renderJson(finding)) },
    text: (colors) => [...fixed.map((one) => fixedLine(one, colors)), rest.text(colors)].join('\n'),
  }
}

function fixedLine({ finding: { file, span, code, fix }, lines }: AppliedFix, colors: Colors): string {
  const head = `${colors.green('fixed')} ${file}:${span.start.line}:${span.start.column} ${fix?.summary} [${code}]`
  return lines === undefined ? head : `${head}\n  ${visible(lines.before)} → ${visible(lines.after)}`
}

/** Validates again when a definition changes; returns the last outcome once it is stopped. */
export async function watchAndValidate(options: ValidateOptions & Watch): Promise<Outcome> {
  const { runOnChange } = await import('./watch.ts')
  return runOnChange(options.definitions, () => validate(options), options)
}
