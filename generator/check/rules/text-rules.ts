import type { SourceDocument, Suspicion, ValuePath } from '../../load/source-document.ts'
import type { RuleTable, SourceReport } from './rule.ts'

export const textRules = {
  'text/secret': {
    scope: 'source',
    summary: 'No value, comment or sample looks like a real key or token.',
    help: 'replace it by a value that is plainly made up; if it was real, revoke it now',
    reads: [],
    confidential: true,
    waivable: true,
    check(document, report) {
      tell({ document, kind: 'secret', code: 'text/secret', help: this.help, report })
    },
  },
  'text/personal-data': {
    scope: 'source',
    summary: 'No value, comment or sample looks like data of a real person.',
    help: 'replace it by one that belongs to nobody: name@example.com, +1 650 555 0100, a test card number',
    reads: [],
    confidential: true,
    waivable: true,
    check(document, report) {
      tell({ document, kind: 'personal data', code: 'text/personal-data', help: this.help, report })
    },
  },
} satisfies RuleTable

interface Telling {
  readonly document: SourceDocument
  readonly kind: Suspicion['kind']
  readonly code: string
  readonly help: string
  readonly report: SourceReport
}

/** What the inspection found, each with the waiver that would mark it as harmless. */
function tell({ document, kind, code, help, report }: Telling): void {
  for (const { what, path, span, sample } of (document.suspicions ?? []).filter(
    (suspicion) => suspicion.kind === kind,
  )) {
    const where = sample === undefined ? '' : `, on line ${sample.line} of ${sample.file}`
    const waiver = `{ rule: ${code}, at: ${placeOf(path)}, reason: … }`
    report(
      { path, ...(span === undefined ? {} : { span }) },
      `this looks like ${what}${where}`,
      undefined,
      `${help}; if it is harmless, add under \`waivers\`: ${waiver}`,
    )
  }
}

/** As a JSON Pointer; of a sample as a whole, since its parts are of one piece. */
function placeOf(path: ValuePath): string {
  const whole = path[0] === 'webhook' && path[1] === 'samples' ? path.slice(0, 3) : path
  return whole.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
