import type { Markdown } from '../markdown.ts'
import { code, join, text } from '../markdown.ts'

/** A text of ours, in which names stand between back-ticks. */
export function prose(plain: string): Markdown {
  // Every second piece stands between two of them.
  const pieces = plain.split('`').map((piece, index) => {
    if (index % 2 === 1) return code(piece)
    const [, before = '', middle = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(piece) ?? []
    return `${before}${text(middle)}${after}` as Markdown
  })
  return join(pieces, '')
}
