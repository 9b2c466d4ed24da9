import { type Code, indented, joined, union } from './code.ts'
import type { Placeholders } from './placeholder-schema.ts'

/** The type that carries all others through json-schema-to-typescript; it is not printed. */
export const ROOT_TYPE = 'Root'

/** What stands in the printed types besides placeholders; `key` and `k` name the key of an index signature. */
const WORDS = new Set([
  ROOT_TYPE,
  'Record',
  'boolean',
  'export',
  'interface',
  'k',
  'key',
  'never',
  'null',
  'number',
  'string',
  'type',
  'undefined',
  'unknown',
])

/** Before the placeholder of a comment. */
const COMMENT = ' * '

/**
 * Lays out what json-schema-to-typescript printed without its formatter, and fills in the placeholders: one declaration
 * for each type, by the type's name.
 *
 * The printed text has no user text in it, so its lines are of few kinds: `/**`, ` * doc3`, ` *\/`, and code, in which
 * blocks open at the end of a line and close at the start of one.
 */
export function parseDeclarations(printed: string, placeholders: Placeholders): ReadonlyMap<string, Code> {
  const declarations = new Map<string, Code>()
  let block: Code[] = []
  let name = ''
  let depth = 0
  for (const line of printed.split('\n')) {
    if (line === '' || line === '/**' || line === ' */') continue
    if (line.startsWith('}')) depth -= 1
    const [key = ''] = /^\w+/.exec(line) ?? []
    const comment = placeholders.commentOf(key)
    if (comment !== undefined) block.push(shifted(comment, depth))
    block.push(shifted(lineOf(line, { placeholders, depth }), depth))
    if (line.endsWith('{')) depth += 1
    const [, declared] = /^export (?:type|interface) (\w+)/.exec(line) ?? []
    if (declared !== undefined) name = declared
    if (depth > 0 || line.startsWith(COMMENT)) continue
    if (name !== ROOT_TYPE) declarations.set(placeholders.codeOf(name), joined(block, '\n'))
    block = []
  }
  return declarations
}

function shifted(line: Code, depth: number): Code {
  return depth <= 0 ? line : shifted(indented(line), depth - 1)
}

interface Place {
  readonly placeholders: Placeholders
  readonly depth: number
}

function lineOf(line: string, { placeholders, depth }: Place): Code {
  if (line.startsWith(COMMENT)) return placeholders.codeOf(line.slice(COMMENT.length))
  const plain = withoutOuterParentheses(line)
  if (!plain.includes(' | ')) return filled(plain, placeholders)
  const [, before, members] = /^(.*?(?::| =)) (\w+(?: \| \w+)+)$/.exec(plain) ?? []
  if (before === undefined || members === undefined) return filled(plain, placeholders)
  const left = filled(before, placeholders)
  const alternatives = members.split(' | ').map((member) => filled(member, placeholders))
  return joined([left, union(alternatives, left.length + 2 * depth)], '')
}

/** `key1: (string | number)` → `key1: string | number`; parentheses inside a type stay. */
function withoutOuterParentheses(line: string): string {
  if (!line.endsWith(')')) return line
  return line.replace(/^(.*?(?::| =)) \(([^()]*)\)$/, '$1 $2')
}

/** Every word is either TypeScript's own or a placeholder; anything else would be a text that slipped through. */
function filled(line: string, placeholders: Placeholders): Code {
  return line
    .replace(/^\[k: string\]/, '[key: string]')
    .replace(/\w+/g, (word) => (WORDS.has(word) ? word : placeholders.codeOf(word))) as Code
}
