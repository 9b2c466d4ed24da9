import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { renderJson } from '../diagnostics/render-json.ts'
import type { Colors } from '../diagnostics/render-text.ts'
import { count } from '../text/count.ts'
import { ended } from './ended.ts'
import { mend } from './mend.ts'
import type { Outcome } from './outcome.ts'
import { findingsOutcome } from './outcome.ts'
import type { Reading } from './read-registry.ts'
import { readRegistry } from './read-registry.ts'
import { watchFolder } from './watch-folder.ts'

/** Holds every definition against the format and the rules. */
export async function validate(options: { readonly definitions: string }): Promise<Outcome> {
  return outcomeOf(await readRegistry(options.definitions))
}

function outcomeOf(reading: Reading, done?: string): Outcome {
  if (reading.diagnostics.length > 0) return findingsOutcome(reading, done)
  return {
    exitCode: 0,
    findings: [],
    json: { ok: true, files: reading.fileCount, findings: [] },
    text: (colors) => `${colors.green('valid')}: ${count(reading.fileCount, 'definition')}`,
  }
}

/** Mends what has one right answer, then holds every definition against the format and the rules. */
export async function validateAndFix(options: { readonly definitions: string }): Promise<Outcome> {
  const { mended, reading } = await mend(options.definitions)
  const rest = outcomeOf(reading, mended.length === 0 ? undefined : `${mended.length} more mended`)
  return {
    ...rest,
    json: { ...rest.json, mended: mended.map(renderJson) },
    text: (colors) => [...mended.map((finding) => mendedLine(finding, colors)), rest.text(colors)].join('\n'),
  }
}

function mendedLine({ file, span, code, fix }: Diagnostic, colors: Colors): string {
  return `${colors.green('mended')} ${file}:${span.start.line}:${span.start.column} ${fix?.summary} [${code}]`
}

export interface WatchOptions {
  readonly definitions: string
  /** Ends the watching. */
  readonly signal: AbortSignal
  /** Gets what is found at first, and again after every change. */
  readonly onOutcome: (outcome: Outcome) => void
  /** Gets what keeps the definitions from being read, such as a folder that was moved away. */
  readonly onFault: (error: unknown) => void
}

/** Validates again whenever a definition is saved; gives the last outcome when it is told to stop. */
export async function validateAgain(options: WatchOptions): Promise<Outcome> {
  const { definitions, signal, onOutcome, onFault } = options
  let last = await validate({ definitions })
  const watcher = await watchFolder(definitions, async () => {
    try {
      last = await validate({ definitions })
      onOutcome(last)
    } catch (error) {
      onFault(error)
    }
  })
  onOutcome(last)
  await ended(signal)
  await watcher.close()
  return last
}
