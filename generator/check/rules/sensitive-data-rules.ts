import { snippet } from '../../diagnostics/explanation.ts'
import { below } from '../../kit/pointer.ts'
import type { SensitiveData, SourceDocument, ValuePath } from '../../load/source-document.ts'
import type { RuleTable, SourceReport } from './rule.ts'

export const sensitiveDataRules = {
  'text/secret': {
    scope: 'source',
    summary: 'No value, comment or sample looks like a real key or token.',
    help: 'replace it by a value that is plainly made up; if it was real, revoke it now',
    why: 'Definitions are public and their texts reach databases and pages; a key that was committed once is known for good. A made-up value that looks too real is better replaced; where it must stay, a waiver says why it is harmless.',
    about: ['definition'],
    bad: snippet`
      description: Your account, such as ghp_abcdefghijklmnopqrstuvwxyz0123456789.
      where_to_find: Address bar of the console.
    `,
    good: snippet`
      description: Your account at Acme.
      where_to_find: Address bar of the console.
    `,
    reads: [],
    confidential: true,
    waivable: true,
    check(document, report) {
      reportFound({ document, kind: 'secret', code: 'text/secret', help: this.help, report })
    },
  },
  'text/personal-data': {
    scope: 'source',
    summary: 'No value, comment or sample looks like data of a real person.',
    help: 'replace it by one that belongs to nobody: name@example.com, +1 650 555 0100, a test card number',
    why: 'What is committed and published cannot be taken back, and the person was not asked. Samples are made from real deliveries, so addresses, telephone numbers, cards and bank accounts slip in; those that belong to nobody pass.',
    about: ['definition'],
    bad: snippet`
      description: Your account, such as ada.lovelace@hubspot.com.
      where_to_find: Address bar of the console.
    `,
    good: snippet`
      description: Your account at Acme.
      where_to_find: Address bar of the console.
    `,
    reads: [],
    confidential: true,
    waivable: true,
    check(document, report) {
      reportFound({ document, kind: 'personal data', code: 'text/personal-data', help: this.help, report })
    },
  },
} satisfies RuleTable

interface FoundReport {
  readonly document: SourceDocument
  readonly kind: SensitiveData['kind']
  readonly code: string
  readonly help: string
  readonly report: SourceReport
}

/** Reports everything that the scan found, each with the waiver that would mark it as harmless. */
function reportFound({ document, kind, code, help, report }: FoundReport): void {
  for (const { what, path, span, sample } of (document.sensitiveData ?? []).filter((found) => found.kind === kind)) {
    const where = sample === undefined ? '' : `, on line ${sample.line} of ${sample.file}`
    const waiver = `{ rule: ${code}, at: ${pointerTo(path)}, reason: … }`
    report(
      { path, ...(span === undefined ? {} : { span }) },
      `this looks like ${what}${where}`,
      undefined,
      `${help}; if it is harmless, add under \`waivers\`: ${waiver}`,
    )
  }
}

/** As a JSON Pointer; of a sample as a whole, since its parts are of one piece. */
function pointerTo(path: ValuePath): string {
  const whole = path[0] === 'webhook' && path[1] === 'samples' ? path.slice(0, 3) : path
  return whole.reduce<string>(below, '')
}
