import type MarkdownIt from 'markdown-it'

/** Puts the welcome, a component of the theme, below the title of the first page. */
export function greetOnHome(md: MarkdownIt): void {
  md.core.ruler.push('welcome', ({ tokens, env, Token }) => {
    if (env.relativePath !== 'index.md') return
    const end = tokens.findIndex(({ type, tag }) => type === 'heading_close' && tag === 'h1')
    const welcome = new Token('html_block', '', 0)
    welcome.content = '<HomeWelcome />\n'
    if (end !== -1) tokens.splice(end + 1, 0, welcome)
  })
}
