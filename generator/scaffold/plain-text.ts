import MarkdownIt from 'markdown-it'

const markdown = new MarkdownIt({ html: true })

/** What a text in Markdown says, as plain text: paragraphs parted by blank lines, links by their words. */
export function plainText(text: string): string {
  const paragraphs: string[] = []
  for (const block of markdown.parse(cleaned(text), {})) {
    if (block.type === 'inline') paragraphs.push(inlineText(block.children ?? []))
    if (block.type === 'fence' || block.type === 'code_block') paragraphs.push(block.content.trim())
    if (block.type === 'html_block') paragraphs.push(withoutTags(block.content))
  }
  return paragraphs
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '')
    .join('\n\n')
}

function inlineText(tokens: readonly { readonly type: string; readonly content: string }[]): string {
  return tokens
    .map(({ type, content }) => {
      if (type === 'softbreak' || type === 'hardbreak' || type === 'html_inline') return ' '
      return type === 'text' || type === 'code_inline' || type === 'image' || type === 'text_special' ? content : ''
    })
    .join('')
    .replace(/ {2,}/g, ' ')
}

function withoutTags(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Without what no database can hold and no reader can see: NUL, other controls, halves of surrogate pairs. */
export function cleaned(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(/\r\n?/g, '\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
      .trim()
  )
}

/** The first sentence or line of a text, with an ellipsis where it has to be cut. */
export function firstSentence(text: string, longest: number): string {
  const [line = ''] = cleaned(text).split('\n')
  const sentence = /^.{12,}?[.!?](?= |$)/.exec(line)?.[0] ?? line
  return cut(sentence, longest)
}

/** A text of at most so many characters, cut between words. */
export function cut(text: string, longest: number): string {
  if (text.length <= longest) return text
  const kept = text
    .slice(0, longest - 1)
    .toWellFormed()
    .replace(/\uFFFD$/, '')
  return `${kept.replace(/\s+\S*$/, '')}…`
}
