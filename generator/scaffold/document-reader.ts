import { ConversionReport } from './conversion-report.ts'
import { References } from './references.ts'

/** What readers of every kind of published document share: the document, its references, and what is said of it. */
export class DocumentReader {
  readonly report = new ConversionReport()
  readonly references: References
  protected readonly file: string
  protected readonly document: unknown

  constructor(file: string, document: unknown) {
    this.file = file
    this.document = document
    this.references = new References(document)
  }

  protected note(what: string, reason: string, pointer: string): void {
    this.report.add(what, reason, { file: this.file, pointer })
  }
}
