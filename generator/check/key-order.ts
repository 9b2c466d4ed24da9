import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Located, SourceDocument } from '../load/source-document.ts'
import { locateKey } from '../load/source-document.ts'
import { keyOrderFix } from './key-order-fix.ts'
import { keyOrderViolations } from './key-order-violations.ts'

/** The mappings that `--fix` puts in the order of the definition format. The order is formatting, so no check reports it. */
export function keyOrderEdits(document: SourceDocument): readonly Diagnostic[] {
  return keyOrderViolations(document).flatMap(({ path, located, order, early, late }) => {
    const edit = keyOrderFix({ text: document.text, located, order, isAnchored: holdsAnchor(document, located) })
    if (edit === undefined) return []
    return {
      code: 'format/key-order',
      file: document.file,
      span: locateKey(document, [...path, early]),
      message: `"${early}" belongs before "${late}"`,
      help: 'move the field to its place',
      fix: { summary: 'put the fields in order', edits: [edit] },
    }
  })
}

function holdsAnchor({ anchors, aliases }: SourceDocument, { value }: Located): boolean {
  return [...anchors, ...aliases].some(
    ({ span }) => value.start.offset <= span.start.offset && span.start.offset < value.end.offset,
  )
}
