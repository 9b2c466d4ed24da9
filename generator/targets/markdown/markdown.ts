import { fragment } from '../fragment.ts'
import {
  escaped,
  escapedAddress,
  escapedInStrings,
  fitsCodeSpan,
  isNameAlone,
  isWordsAlone,
  reference,
} from './escape.ts'

declare const brand: unique symbol

/**
 * Markdown that is safe to place in a page as it is. Only this module makes it out of text that a definition can hold,
 * so that no such text acts as markup, as a template of VitePress, or as JSX of MDX.
 */
export type Markdown = string & { readonly [brand]: 'Markdown' }

/** A piece that one connector gave, under a name of this target. */
export function fragmentOf(connectorCode: string, name: 'record' | 'page'): Markdown {
  return fragment(connectorCode, name) as Markdown
}

/** Nothing at all. */
export const nothing = '' as Markdown

/**
 * Plain text as inline Markdown that shows exactly that text. Line breaks become spaces. VitePress decodes character
 * references before it looks for its templates, so two braces together also need to be marked as no template.
 */
export function text(plain: string): Markdown {
  if (plain === '' || isWordsAlone(plain)) return plain as Markdown
  const safe = escaped(plain.replace(/\s*[\n\r\t\v\f]\s*/g, ' ').trim())
  return (plain.includes('{{') ? `<span v-pre>${safe}</span>` : safe) as Markdown
}

/** Plain text whose lines are paragraphs: in a folded YAML text a blank line arrives as one line break. */
export function paragraphs(plain: string): Markdown {
  return join(plain.split(/[\n\r]/).map(text), '\n\n')
}

/** Text in code type: a code span, or an element where a span could not hold it. */
export function code(plain: string): Markdown {
  if (isNameAlone(plain)) return `\`${plain}\`` as Markdown
  if (!fitsCodeSpan(plain)) {
    const safe = escaped(plain).replace(/[\n\r\t\v\f]|^ | $| (?= )/g, reference)
    return `<code v-pre>${safe}</code>` as Markdown
  }
  const marks = '`'.repeat(longestRun(plain) + 1)
  const padding = /^`|`$/.test(plain) ? ' ' : ''
  return `${marks}${padding}${plain}${padding}${marks}` as Markdown
}

/** Texts in code type, in a row. */
export function codes(items: readonly string[]): Markdown {
  return join(items.map(code), ', ')
}

/** `One of: a, b.` */
export function labelledCodes(label: string, items: readonly string[]): Markdown {
  return `${text(label)} ${codes(items)}.` as Markdown
}

/** Bold type. */
export function strong(content: Markdown): Markdown {
  return `**${content}**` as Markdown
}

/**
 * A block of code. Characters that a reader does not see become escapes, which is why they may stand inside strings
 * and comments only.
 */
export function fence(language: 'json' | 'ts' | 'yaml' | 'text', source: string): Markdown {
  const marks = '`'.repeat(Math.max(3, longestRun(source) + 1))
  return `${marks}${language}\n${escapedInStrings(source).trimEnd()}\n${marks}` as Markdown
}

/** What a form sends, as one line; its characters that a reader does not see are percent-encoded, as forms may have it. */
export function formFence(body: string): Markdown {
  const line = body.replace(/[^\x21-\x7e]|[<`]/gu, encodeURIComponent)
  return `\`\`\`text\n${line}\n\`\`\`` as Markdown
}

/** A picture that stands beside the page. */
export function image(alternative: string, address: string): Markdown {
  return `!${link(alternative, address)}` as Markdown
}

function longestRun(source: string): number {
  if (!source.includes('`')) return 0
  return Math.max(0, ...[...source.matchAll(/`+/g)].map(([run]) => run.length))
}

/** A link with a plain label. */
export function link(label: string, address: string): Markdown {
  return linked(text(label), address)
}

/** A link whose label is in code type. */
export function codeLink(label: string, address: string): Markdown {
  return linked(code(label), address)
}

/** A link that shows its address. */
export function addressLink(address: string): Markdown {
  return linked(escapedAddress(address) as Markdown, address)
}

/** What could end the address or begin markup in it is percent-encoded. */
function linked(label: Markdown, address: string): Markdown {
  if (isNameAlone(address)) return `[${label}](${address})` as Markdown
  const safe = address.replace(/[<>()[\]{}"\\|`\s]/g, percentEncoded).replaceAll('&', '&amp;')
  return `[${label}](${safe})` as Markdown
}

/** Parentheses too, which encodeURIComponent leaves alone. */
function percentEncoded(sign: string): string {
  return encodeURIComponent(sign).replaceAll('(', '%28').replaceAll(')', '%29')
}

/** Pieces put together; those that say nothing leave no gap. */
export function join(pieces: readonly Markdown[], separator: '' | ' ' | ', ' | ': ' | '; ' | '\n\n'): Markdown {
  return pieces.filter((piece) => piece !== '').join(separator) as Markdown
}

/** A GFM table of one-line cells; nothing where there is no row. */
export function table(header: readonly string[], rows: readonly (readonly Markdown[])[]): Markdown {
  if (rows.length === 0) return nothing
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(header), `|${'---|'.repeat(header.length)}`, ...rows.map(line)].join('\n') as Markdown
}

/** What a table of facts says of one thing; nothing where it is not known. */
export type Fact = readonly [name: string, value: Markdown]

/** A table of names and values, without the facts that are not known. */
export function factTable(facts: readonly Fact[]): Markdown {
  const known = facts.filter(([, value]) => value !== '')
  return table(
    ['fact', 'value'],
    known.map(([name, value]) => [text(name), value]),
  )
}

/** A numbered or plain list of one-line items. */
export function list(items: readonly Markdown[], kind: 'numbered' | 'plain' = 'plain'): Markdown {
  return items.map((item, index) => `${kind === 'numbered' ? `${index + 1}.` : '-'} ${item}`).join('\n') as Markdown
}

/**
 * A double-quoted YAML string, which takes every text. VitePress writes front matter into a script element and into an
 * attribute as it is, so an invisible word joiner keeps a text from opening or closing an element, and straight quotes,
 * which would end the attribute, become typographic ones.
 */
export function yamlString(plain: string): string {
  const line = plain.replace(/\s+/g, ' ').trim()
  return escapedInStrings(JSON.stringify(line.replace(/<(?=[a-z/!?])/gi, '<\u2060').replaceAll('"', '”')))
}
