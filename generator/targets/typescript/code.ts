import type { Json, JsonObject } from '../../model/connector.ts'

declare const brand: unique symbol

/**
 * TypeScript source. Only this module makes it out of text that a definition can hold, so that no such text ends a
 * comment or a string.
 */
export type Code = string & { readonly [brand]: 'Code' }

const WIDTH = 120

/**
 * Characters that a reader does not see, or that a compiler takes for the end of a line: controls, marks that turn the
 * direction of writing, zero-width spaces, line and paragraph separators, halves of a character. The joiners U+200C and
 * U+200D stay: words and emoji need them.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}/gu

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

function escaped(character: string): string {
  return SHORT_ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Source that was put together from constant text and other source. */
export function code(parts: TemplateStringsArray, ...values: readonly Code[]): Code {
  return parts.reduce((source, part, index) => source + values[index - 1] + part) as Code
}

/** Pieces of source with constant text between them. */
export function joined(pieces: readonly Code[], separator: string): Code {
  return pieces.join(separator) as Code
}

/** Nothing in such a text has to be escaped in a string literal; most are such. */
const PLAIN_IN_LITERAL = /^[ -&(-[\]-~]*$/

/** A string literal whose value is exactly the text. */
export function literal(text: string): Code {
  if (PLAIN_IN_LITERAL.test(text)) return `'${text}'` as Code
  const quoted = text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replace(UNSEEN, escaped)
  return `'${quoted}'` as Code
}

/** A name that is known to be an identifier: the names that the model decides. */
export function identifier(name: string): Code {
  if (!isIdentifier(name)) throw new Error(`not an identifier: ${name}`)
  return name as Code
}

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name)
}

/** A property's name in a type. */
export function typeKey(name: string): Code {
  return isIdentifier(name) ? (name as Code) : literal(name)
}

/** A property's name in an object literal, where a plain `__proto__` would set the prototype. */
function valueKey(name: string): Code {
  return name === '__proto__' ? code`[${literal(name)}]` : typeKey(name)
}

/** A literal of JSON's null, booleans, numbers and texts. */
export function scalar(value: string | number | boolean | null): Code {
  return typeof value === 'string' ? literal(value) : (JSON.stringify(value) as Code)
}

/** One member of an object literal, with its comment. */
export interface Member {
  readonly name: string
  readonly value: Code
  readonly comment?: Code
}

/** An object literal, one line a member. */
export function objectLiteral(members: readonly Member[]): Code {
  if (members.length === 0) return '{}' as Code
  const lines = members.map(({ name, value, comment }) => {
    const key = valueKey(name)
    const member = value === key ? code`${key},` : code`${key}: ${value},`
    return indented(comment === undefined ? member : code`${comment}\n${member}`)
  })
  return code`{\n${joined(lines, '\n')}\n}`
}

/** JSON as a literal: an object takes a line for each member, a list as many as it needs. */
export function valueLiteral(value: Json): Code {
  if (value === null || typeof value !== 'object') return scalar(value)
  if (isList(value)) return listLiteral(value.map(valueLiteral))
  return objectLiteral(Object.entries(value as JsonObject).map(([name, item]) => ({ name, value: valueLiteral(item) })))
}

/** JSON as a literal that keeps objects on one line where they are short. */
export function denseLiteral(value: Json): Code {
  if (value === null || typeof value !== 'object') return scalar(value)
  if (isList(value)) return listLiteral(value.map(denseLiteral))
  const members = Object.entries(value as JsonObject).map(([name, item]) => ({ name, value: denseLiteral(item) }))
  if (members.length === 0 || members.some((member) => isBulky(member.value))) return objectLiteral(members)
  const line = code`{ ${joined(
    members.map((member) => code`${valueKey(member.name)}: ${member.value}`),
    ', ',
  )} }`
  return line.length > DENSE ? objectLiteral(members) : line
}

/** Characters of an object or a list that still stands on one line. */
const DENSE = 80

/** Too much for a line that it shares with others. */
function isBulky(source: Code): boolean {
  return source.length > DENSE || source.includes('\n')
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value)
}

function listLiteral(items: readonly Code[]): Code {
  if (!items.some(isBulky)) {
    const line = code`[${joined(items, ', ')}]`
    if (line.length < DENSE) return line
  }
  return code`[\n${joined(
    items.map((item) => code`${indented(item)},`),
    '\n',
  )}\n]`
}

/**
 * Source moved right by one level. It has no empty lines, and literals and comments of this module hold no line breaks
 * of their own.
 */
export function indented(source: Code): Code {
  return `  ${source.replaceAll('\n', '\n  ')}` as Code
}

/** Alternatives in a type, from the space or line break on: on one line where `before` columns leave room for it. */
export function union(members: readonly Code[], before: number): Code {
  const line = code` ${joined(members, ' | ')}`
  if (line.length + before <= WIDTH) return line
  return joined(
    members.map((member) => code`\n  | ${member}`),
    '',
  )
}

/** The type of any of these strings. */
export function stringUnion(texts: readonly string[]): Code {
  const all = [...new Set(texts)].sort()
  return all.length === 0 ? code`never` : joined(all.map(literal), ' | ')
}

/** A block tag of a documentation comment, such as `@deprecated`. */
export interface Tag {
  readonly name: 'deprecated' | 'default' | 'example' | 'format' | 'maximum' | 'minimum' | 'pattern' | 'unit'
  readonly text: string
}

/** What a documentation comment says: paragraphs of plain text, then tags. */
export interface Documentation {
  readonly paragraphs: readonly string[]
  readonly tags?: readonly Tag[]
}

/** A documentation comment, or undefined where there is nothing to say. */
export function documentationComment({ paragraphs, tags = [] }: Documentation): Code | undefined {
  const all: string[] = []
  for (const paragraph of paragraphs) {
    if (paragraph.trim() === '') continue
    if (all.length > 0) all.push('')
    all.push(...lines(paragraph))
  }
  if (all.length > 0 && tags.length > 0) all.push('')
  for (const { name, text } of tags) {
    const [first, ...more] = lines(text)
    all.push(`@${name} ${first}`.trimEnd(), ...more)
  }
  const [first] = all
  if (first === undefined) return undefined
  if (all.length === 1 && first.length + 7 <= WIDTH) return `/** ${first} */` as Code
  return ['/**', ...all.map((line) => ` * ${line}`.trimEnd()), ' */'].join('\n') as Code
}

/** One line in which nothing closes a comment or reads as a tag; most texts are such. */
const PLAIN_IN_COMMENT = /^[ -)+-?A-~]*$/

/** The lines of a text as they stand in a comment: nothing in them closes it or reads as a tag. */
function lines(text: string): readonly string[] {
  if (PLAIN_IN_COMMENT.test(text)) return [text.trim()]
  return text
    .replace(/\r\n?/g, '\n')
    .trim()
    .split('\n')
    .map((line) =>
      line
        .replace(UNSEEN, (character) => (character === '\t' ? character : escaped(character)))
        .replaceAll('*/', '*\\/')
        .replace(/(?<![\p{L}\p{N}_.+-])@/gu, '\\@'),
    )
}

/** An exported interface, one line or more for each member. */
export function interfaceOf(name: Code, members: readonly Code[]): Code {
  return code`export interface ${name} ${typeBlock(members)}`
}

/** The members of a type in braces. */
export function typeBlock(members: readonly Code[]): Code {
  return members.length === 0 ? code`{}` : code`{\n${joined(members.map(indented), '\n')}\n}`
}

/** Source below its comment. */
export function commented(source: Code, comment: Code | undefined): Code {
  return comment === undefined ? source : code`${comment}\n${source}`
}

/** Lines of plain text as line comments. */
export function lineComments(texts: readonly string[]): Code {
  return texts
    .flatMap(lines)
    .map((line) => `// ${line}`.trimEnd())
    .join('\n') as Code
}
