import type { ApiDescription } from './draft.ts'
import { member, textMember } from './json.ts'
import { plainText } from './plain-text.ts'
import { webAddress } from './web-address.ts'

type DocumentInfo = Pick<ApiDescription, 'title' | 'summary' | 'description' | 'version' | 'documentation' | 'support'>

/** What OpenAPI and AsyncAPI documents alike say of themselves; AsyncAPI 3 keeps its documentation within. */
export function documentInfo(document: unknown): DocumentInfo {
  const info = member(document, 'info')
  const texts = ['title', 'summary', 'description', 'version'].flatMap((name) => {
    const text = plainText(textMember(info, name) ?? '')
    return text === '' ? [] : [[name, text] as const]
  })
  const external = member(document, 'externalDocs') ?? member(info, 'externalDocs')
  const documentation = webAddress(textMember(external, 'url'))
  const support = webAddress(textMember(member(info, 'contact'), 'url'))
  return {
    ...Object.fromEntries(texts),
    ...(documentation === undefined ? {} : { documentation }),
    ...(support === undefined ? {} : { support }),
  }
}
