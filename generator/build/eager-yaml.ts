import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

/**
 * The lexer and the parser of `yaml` can read a text piece by piece: each token is handed up through three or four
 * generators. That, and the garbage it leaves, is half of the time that reading a definition takes, and nobody here has
 * a text in pieces. In the bundle the same code collects its tokens in a list.
 */
export const eagerYaml: Plugin = {
  name: 'eager-yaml',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]yaml[\\/].*[\\/]parse[\\/](?:lexer|parser)\.js$/ }, async ({ path }) => ({
      contents: eager(await readFile(path, 'utf8')),
    }))
  },
}

/** How a generator of the library becomes a method that collects; what else could be left of one is a syntax error. */
const REWRITES: readonly (readonly [written: RegExp, instead: string])[] = [
  [/^( +)\*(?=\w+\()/gm, '$1'],
  [/\byield\* /g, ''],
  [/\byield ([^;]+);/g, 'this.collected.push($1);'],
  [/^( +)constructor\(.*\{$/gm, '$1collected = [];\n$&'],
  // The last statements of `lex` and of `parse`, which alone are called from outside.
  [/\bnext = this\.parseNext\(next\);|if \(!incomplete\)\s+this\.end\(\);/g, '$&\nreturn this.collected.splice(0);'],
]

function eager(source: string): string {
  return REWRITES.reduce((text, [written, instead]) => {
    if (text.search(written) === -1) throw new Error(`yaml is no longer written as ${written} expects`)
    return text.replace(written, instead)
  }, source)
}
