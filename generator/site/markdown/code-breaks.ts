import type MarkdownIt from 'markdown-it'

/** Long names in code type, such as smart codes and addresses, break after a dot or slash rather than within a word. */
export function breakCode(md: MarkdownIt): void {
  const { code_inline: code } = md.renderer.rules
  md.renderer.rules.code_inline = (tokens, index, options, env, self) => {
    const html = code?.(tokens, index, options, env, self) ?? ''
    return html.replace(/(?<=>)[^<]+/, (text) => text.replaceAll(/(?<=\w[./])(?=\w)/g, '<wbr>'))
  }
}
