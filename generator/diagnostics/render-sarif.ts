import type { ArtifactLocation, Log, ReportingDescriptor, Result, Fix as SarifFix } from 'sarif'
import { compareText } from '../text/compare-text.ts'
import type { Diagnostic, Fix } from './diagnostic.ts'

interface SarifOptions {
  readonly version: string
  /** What a kind of finding is about, by its code; a kind that is not there speaks through its findings. */
  readonly summaryOf: (code: string) => string | undefined
}

/**
 * Findings as a SARIF 2.1.0 log, which code scanning and editors read.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function renderSarif(diagnostics: readonly Diagnostic[], { version, summaryOf }: SarifOptions): string {
  const codes = [...new Set(diagnostics.map(({ code }) => code))].sort(compareText)
  const rules = codes.map((id): ReportingDescriptor => {
    const summary = summaryOf(id)
    return { id, ...(summary === undefined ? {} : { shortDescription: { text: summary } }) }
  })
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'hera-connectors', version, rules } },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((diagnostic) => resultOf(diagnostic, codes)),
      },
    ],
  }
  return JSON.stringify(log, null, 2)
}

function resultOf({ code, file, span, message, help, fix }: Diagnostic, codes: readonly string[]): Result {
  const { start, end } = span
  const artifactLocation = { uri: encodeURI(file.replaceAll('\\', '/')) }
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: 'error',
    message: { text: `${message}; ${help}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation,
          region: {
            startLine: start.line,
            startColumn: start.column,
            endLine: end.line,
            endColumn: end.column,
            charOffset: start.offset,
            charLength: end.offset - start.offset,
          },
        },
      },
    ],
    ...(fix === undefined ? {} : { fixes: [fixOf(fix, artifactLocation)] }),
  }
}

function fixOf({ summary, edits }: Fix, artifactLocation: ArtifactLocation): SarifFix {
  const replacements = edits.map(({ from, to, text }) => ({
    deletedRegion: { charOffset: from, charLength: to - from },
    insertedContent: { text },
  }))
  return { description: { text: summary }, artifactChanges: [{ artifactLocation, replacements }] }
}
