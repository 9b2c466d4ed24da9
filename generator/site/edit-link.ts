import { definitionOf, GUIDE, readPage } from './guide.ts'

/** Where the words of those pages stand that come from no definition. */
const TEMPLATES = 'generator/targets/markdown'

/** What is edited to change a page, given its file, seen from the checkout. */
export function sourceOf(filePath: string): string {
  if (!filePath.startsWith(`${GUIDE}/`)) return filePath
  return definitionOf(readPage(filePath.slice(GUIDE.length + 1))) ?? TEMPLATES
}

/** Where the forge shows, and lets one edit, a file or folder of the main branch. */
export function editAddress(repository: string, source: string): string {
  const isFile = /\.\w+$/.test(source)
  return `${repository}/${isFile ? 'edit' : 'tree'}/main/${source}`
}
