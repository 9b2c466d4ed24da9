import type { Mended } from '../check/mending.ts'
import { renderJson } from '../diagnostics/render-json.ts'
import type { Colors } from '../diagnostics/render-text.ts'
import { visible } from '../diagnostics/render-text.ts'
import { count } from '../text/count.ts'
import { assemble, type RunOptions } from './assemble.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'
import type { Reading } from './read-registry.ts'
import type { Watch } from './watch.ts'

export interface ValidateOptions extends RunOptions {
  readonly definitions: string
}

/** Holds every definition against the format and the rules. */
export async function validate(options: ValidateOptions): Promise<Outcome> {
  const standing = await assemble({ ...options, targets: [], isTrial: true })
  if (standing.kind === 'findings') return findingsOutcome(standing)
  await standing.discard()
  return validOutcome(standing.fileCount)
}

function outcomeOf(reading: Reading, done?: string): Outcome {
  return reading.diagnostics.length > 0 ? findingsOutcome(reading, done) : validOutcome(reading.fileCount)
}

function validOutcome(fileCount: number): Outcome {
  return {
    exitCode: 0,
    findings: [],
    json: { ok: true, files: fileCount, findings: [] },
    text: (colors) => `${colors.green('valid')}: ${count(fileCount, 'definition')}`,
  }
}

/** Mends what has one right answer, then holds every definition against the format and the rules. */
export async function validateAndFix(options: { readonly definitions: string }): Promise<Outcome> {
  const { fixDefinitions } = await import('./validate-fix.ts')
  const { mended, reading } = await fixDefinitions(options.definitions)
  const rest = outcomeOf(reading, mended.length === 0 ? undefined : `${mended.length} more mended`)
  return {
    ...rest,
    json: { ...rest.json, mended: mended.map(({ finding }) => renderJson(finding)) },
    text: (colors) => [...mended.map((one) => mendedLine(one, colors)), rest.text(colors)].join('\n'),
  }
}

function mendedLine({ finding: { file, span, code, fix }, lines }: Mended, colors: Colors): string {
  const head = `${colors.green('mended')} ${file}:${span.start.line}:${span.start.column} ${fix?.summary} [${code}]`
  return lines === undefined ? head : `${head}\n  ${visible(lines.before)} → ${visible(lines.after)}`
}

/** Validates again whenever a definition is saved; gives the last outcome when it is told to stop. */
export async function watchAndValidate(options: ValidateOptions & Watch): Promise<Outcome> {
  const { runOnChange } = await import('./watch.ts')
  return runOnChange(options.definitions, () => validate(options), options)
}
