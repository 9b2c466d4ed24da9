import type { Format } from './commands/command.ts'
import type { Outcome } from './commands/outcome.ts'
import { version } from './compiled/package.js'
import { colorsOn, noColors } from './terminal.ts'

export interface RenderOptions {
  readonly format: Format
  /** Duration of the run, shown to people. */
  readonly seconds: number
}

/** Renders an outcome in the format that the user chose. */
export async function renderOutcome(
  { text, json, markdown, findings = [] }: Outcome,
  { format, seconds }: RenderOptions,
): Promise<string> {
  switch (format) {
    case 'json':
      return JSON.stringify(json, null, 2)
    case 'github': {
      const { renderGithub } = await import('./diagnostics/render-github.ts')
      // Annotations are complete; without any, the log still gets a summary.
      return findings.length === 0 ? text(noColors) : renderGithub(findings)
    }
    case 'sarif': {
      const [{ renderSarif }, { summaryOf }] = await Promise.all([
        import('./diagnostics/render-sarif.ts'),
        import('./check/rules/rules.ts'),
      ])
      return renderSarif(findings, { version, summaryOf })
    }
    case 'markdown':
      return markdown?.() ?? text(noColors)
    case 'text':
      return `${text(await colorsOn('stdout'))} (${seconds.toFixed(2)} s)`
    default:
      return format satisfies never
  }
}
