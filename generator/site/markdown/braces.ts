import type MarkdownIt from 'markdown-it'

/**
 * VitePress makes a Vue template of every page, in which two braces begin an expression. No page has expressions: as
 * character references the braces are text to Vue, wherever they stand.
 */
export function showBraces(md: MarkdownIt): void {
  const render = md.render.bind(md)
  md.render = (source, env) => render(source, env).replaceAll('{{', '&#123;&#123;')
}
