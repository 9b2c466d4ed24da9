import type { Position, Span } from '../../diagnostics/diagnostic.ts'
import { snippet } from '../../diagnostics/explanation.ts'
import type { Located, SourceDocument } from '../../load/source-document.ts'
import { reordered } from './key-order.ts'
import { misordered } from './misordered.ts'
import type { RuleTable } from './rule.ts'

/** What a YAML language server reads to find the definition format. */
const MODELINE = /^#\s*yaml-language-server:\s*\$schema=\S*connector\.schema\.json\s*$/m
const USUAL_MODELINE = '# yaml-language-server: $schema=../schema/connector.schema.json\n'

function holdsAnchor({ anchors, aliases }: SourceDocument, { value }: Located): boolean {
  return [...anchors, ...aliases].some(
    ({ span }) => value.start.offset <= span.start.offset && span.start.offset < value.end.offset,
  )
}

export const sourceRules = {
  'style/key-order': {
    scope: 'source',
    summary: 'Fields stand in the order of the definition format, so that readers find them and changes stay small.',
    help: 'move the field to its place',
    why: 'Readers find a field where it always stands, and changes of different people meet less often.',
    about: ['definition'],
    bad: snippet`
      purpose: Keep contacts in step with Acme.
      namespace: ACME
    `,
    good: snippet`
      namespace: ACME
      purpose: Keep contacts in step with Acme.
    `,
    reads: [],
    check(document, report) {
      for (const { path, located, order, early, late } of misordered(document)) {
        const span: Span | undefined = located.children?.get(early)?.key
        const edit = reordered({ text: document.text, located, order, isAnchored: holdsAnchor(document, located) })
        report(
          { path: [...path, early], ...(span === undefined ? {} : { span }) },
          `"${early}" belongs before "${late}"`,
          edit === undefined ? undefined : { summary: 'put the fields in order', edits: [edit] },
        )
      }
    },
  },
  'style/modeline': {
    scope: 'source',
    summary: 'A definition names its schema in a comment, so that every editor can complete and explain.',
    help: `begin the file with ${USUAL_MODELINE.trimEnd()}`,
    why: 'With the comment every editor that knows YAML completes fields, explains them and marks mistakes while one types.',
    about: ['definition'],
    bad: snippet`
      code: acme-crm
      name: Acme CRM
    `,
    good: snippet`
      # yaml-language-server: $schema=../../schema/connector.schema.json
      code: acme-crm
      name: Acme CRM
    `,
    reads: [],
    check({ text }, report) {
      if (MODELINE.test(text)) return
      const start: Position = { line: 1, column: 1, offset: 0 }
      report({ path: [], span: { start, end: start } }, 'no comment names the schema of the file', {
        summary: 'add the comment',
        edits: [
          { from: 0, to: 0, text: text.includes('\r\n') ? USUAL_MODELINE.replace('\n', '\r\n') : USUAL_MODELINE },
        ],
      })
    },
  },
} satisfies RuleTable
