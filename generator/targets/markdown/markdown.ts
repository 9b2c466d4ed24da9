/** Text that is safe to place in a page as it is. Only this module makes it. */
export type Markdown = string & { readonly Markdown: unique symbol }

/**
 * Plain text as inline Markdown that shows exactly that text, in CommonMark, GFM, MDX and VitePress. Line breaks become
 * spaces. Braces are character references, which MDX needs; where two stand together VitePress would still take them
 * for a template, after decoding them, unless it is told to leave them alone.
 */
export function text(plain: string): Markdown {
  const escaped = plain
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('{', '&#123;')
    .replaceAll('}', '&#125;')
    .replace(/[\\`*[\]|~]/g, '\\$&')
    // An underscore inside a word, as in page_id, is no emphasis.
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/^([-+#=:])/, '\\$1')
    .replace(/^(\d+)([.)])/, '$1\\$2')
  return (/\{\{|\}\}/.test(plain) ? `<span v-pre>${escaped}</span>` : escaped) as Markdown
}

/** Plain text whose lines are paragraphs: in a folded YAML text a blank line arrives as one line break. */
export function paragraphs(plain: string): Markdown {
  return plain
    .split('\n')
    .filter((paragraph) => paragraph.trim() !== '')
    .map(text)
    .join('\n\n') as Markdown
}

/** A code span. */
export function code(plain: string): Markdown {
  const line = plain.replace(/\s+/g, ' ')
  const fence = '`'.repeat(longestRun(line) + 1)
  const padding = /^[` ]|[` ]$/.test(line) ? ' ' : ''
  return `${fence}${padding}${line}${padding}${fence}` as Markdown
}

/** Code spans in a row. */
export function codes(items: readonly string[]): Markdown {
  return items.map(code).join(', ') as Markdown
}

/** A block of code. */
export function fence(language: 'json' | 'ts' | 'bash' | 'http', source: string): Markdown {
  const marks = '`'.repeat(Math.max(3, longestRun(source) + 1))
  return `${marks}${language}\n${source.replace(/\n$/, '')}\n${marks}` as Markdown
}

function longestRun(source: string): number {
  return Math.max(0, ...[...source.matchAll(/`+/g)].map(([run]) => run.length))
}

/** A link whose text is plain. What could end the address or begin markup in it is percent-encoded. */
export function link(label: string, address: string): Markdown {
  const safe = address.replace(
    /[<>()[\]{}\\|`\s]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
  return `[${text(label)}](${safe})` as Markdown
}

/** Pieces of Markdown put together. */
export function join(pieces: readonly Markdown[], separator: string): Markdown {
  return pieces.join(separator) as Markdown
}

/** A GFM table; empty where there is no row. */
export function table(header: readonly string[], rows: readonly (readonly Markdown[])[]): Markdown {
  if (rows.length === 0) return '' as Markdown
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(header), `|${'---|'.repeat(header.length)}`, ...rows.map(line)].join('\n') as Markdown
}

/** A bar inside a code span has to be escaped in a table, although nothing else is escaped there. */
function cell(content: string): string {
  return content.replace(/(?<!\\)\|/g, '\\|').replaceAll('\n', ' ')
}

/** A numbered or plain list. */
export function list(items: readonly Markdown[], kind: 'numbered' | 'plain' = 'plain'): Markdown {
  return items.map((item, index) => `${kind === 'numbered' ? `${index + 1}.` : '-'} ${item}`).join('\n') as Markdown
}

/** A double-quoted YAML string, which takes every text. */
export function yamlString(plain: string): string {
  return JSON.stringify(plain.replace(/\s+/g, ' ').trim()).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
