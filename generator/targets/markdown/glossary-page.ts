import type { OutputFile } from '../../model/connector.ts'
import { guidePage } from './guide-page.ts'

/** What the words of the guide mean. */
export function glossaryPage(): OutputFile {
  return guidePage({ name: 'glossary', title: 'Glossary', description: 'What the words of this guide mean.' }, {})
}
