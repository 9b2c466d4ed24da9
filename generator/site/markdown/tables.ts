import type MarkdownIt from 'markdown-it'

/** A table that is wider than the page scrolls inside a box of its own. */
export function boxTables(md: MarkdownIt): void {
  md.renderer.rules.table_open = () => '<div class="table-box"><table>\n'
  md.renderer.rules.table_close = () => '</table></div>\n'
}
