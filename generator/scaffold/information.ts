import { webAddress } from './addresses.ts'
import type { Reading } from './draft.ts'
import { member, textMember } from './json.ts'
import { plainText } from './plain-text.ts'

type Information = Pick<Reading, 'title' | 'summary' | 'description' | 'version' | 'documentation' | 'support'>

/** What OpenAPI and AsyncAPI documents alike say of themselves; AsyncAPI 3 keeps its documentation within. */
export function informationIn(document: unknown): Information {
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
