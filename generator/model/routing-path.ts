import type { Path } from '../kit/mapping.ts'
import { PathError, parsePath } from './json-path.ts'

/** The path of a routing rule, or the reason why it is not one. */
export function routingPath(from: string): { readonly path: Path } | { readonly problem: string } {
  try {
    const path = parsePath(from, ['delivery', 'request'])
    const [start, member] = path
    const isOfRequest = start === 'request'
    return isOfRequest && member !== 'headers' && member !== 'query'
      ? { problem: `$.request.${member} identifies no installation` }
      : { path }
  } catch (error) {
    if (!(error instanceof PathError)) throw error
    return { problem: error.message }
  }
}
