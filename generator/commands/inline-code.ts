import { visible } from '../diagnostics/render-text.ts'

/** Text as inline code of Markdown, whatever it contains. */
export function inlineCode(written: string): string {
  const text = visible(written)
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length))
  const fence = '`'.repeat(longest + 1)
  return longest === 0 ? `${fence}${text}${fence}` : `${fence} ${text} ${fence}`
}
