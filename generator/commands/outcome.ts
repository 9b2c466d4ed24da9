import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { renderJson } from '../diagnostics/render-json.ts'
import type { Colors } from '../diagnostics/render-text.ts'
import { renderText } from '../diagnostics/render-text.ts'
import type { Findings } from '../pipeline/build-options.ts'
import { count } from '../text/count.ts'

/** What a command found out, for people and for programs. */
export interface Outcome {
  /** 0: fine. 1: findings, or output that is not up to date. */
  readonly exitCode: 0 | 1
  readonly text: (colors: Colors) => string
  readonly json: object
  /** For commands whose results belong into a document. */
  readonly markdown?: () => string
  /** What is wrong, and where; missing for commands whose results are no findings. */
  readonly findings?: readonly Diagnostic[]
}

type Found = Omit<Findings, 'kind'>

/** The outcome of every command whose definitions have findings: all of them, and what was done all the same. */
export function findingsOutcome({ diagnostics, texts, fileCount }: Found, done = 'nothing was changed'): Outcome {
  const files = new Set(diagnostics.map(({ file }) => file)).size
  return {
    exitCode: 1,
    findings: diagnostics,
    json: { ok: false, files: fileCount, findings: diagnostics.map(renderJson) },
    text: (colors) =>
      [
        renderText(diagnostics, { colors, textOf: (file) => texts.get(file) }),
        `${colors.red(count(diagnostics.length, 'finding'))} in ${files} of ${count(fileCount, 'definition')}; ${done}`,
        colors.dim('hera-connectors explain <code in brackets> says why, with a good example'),
        '',
      ].join('\n'),
  }
}
