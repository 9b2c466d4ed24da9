import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { type Pattern, patterns } from './patterns.ts'

/** One place where a wording is found. */
export interface Occurrence {
  readonly path: string
  readonly line: number
  readonly pattern: Pattern
  readonly words: string
}

const root = join(import.meta.dirname, '..', '..')
const FOLDERS = ['.github', 'definitions', 'generator', 'schema', 'test']
const FILES = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', '.pre-commit-hooks.yaml', '.ci/run', 'package.json']
const EXTENSION = /\.(?:ts|mjs|cjs|js|hbs|json|md|sql|ya?ml)$/
// Payloads, generated files and files of expected output; and this folder, which quotes what it looks for.
const IGNORED =
  /^(?:definitions\/samples|generator\/compiled|test\/(?:golden|prose|fixtures\/vectors|screenshots|consumers))\/|\.vitepress\/(?:cache|dist|\.temp)\/|(?:^|\/)(?:node_modules|package-lock\.json)/

/** A space of a pattern: white space, with the comment prefix of the next line. */
const GAP = String.raw`(?:[ \t]+|[ \t]*\n[ \t]*(?:(?:\/\/|\*|#|--|>)[ \t]+)?)`
const compiled = patterns.map((pattern) => ({ pattern, expression: compile(pattern) }))

/** Every file with prose that people read, as a path from the root of the repository. */
export function proseFiles(): readonly string[] {
  const found = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) =>
      posix.join(folder, path.replaceAll('\\', '/')),
    ),
  )
  return [...FILES, ...found.filter((path) => EXTENSION.test(path) && !IGNORED.test(path))].sort()
}

export function occurrencesInFile(path: string): readonly Occurrence[] {
  return occurrencesIn(path, readFileSync(join(root, path), 'utf8'))
}

/** Finds each wording once: where two patterns match the same words, the first pattern counts. */
export function occurrencesIn(path: string, text: string): readonly Occurrence[] {
  const prose = proseOf(path, text)
  const found: { readonly start: number; readonly end: number; readonly occurrence: Occurrence }[] = []
  for (const { pattern, expression } of compiled) {
    for (const match of prose.matchAll(expression)) {
      const [start, end] = [match.index, match.index + match[0].length]
      if (found.some((other) => start < other.end && other.start < end)) continue
      const line = prose.slice(0, start).split('\n').length
      const words = match[0].replace(/\s+/g, ' ').trim()
      found.push({ start, end, occurrence: { path, line, pattern, words } })
    }
  }
  return found.sort((left, right) => left.start - right.start).map(({ occurrence }) => occurrence)
}

function compile({ find }: Pattern): RegExp {
  const caseSensitive = find.startsWith('(?-i)')
  const source = (caseSensitive ? find.slice('(?-i)'.length) : find).replace(/(?<!\[[^\]]*) /g, GAP)
  return new RegExp(source, caseSensitive ? 'g' : 'gi')
}

/** The text with everything but prose replaced by spaces, so that places stay. */
function proseOf(path: string, text: string): string {
  if (/\.hbs$/.test(path)) return text.replace(/\{\{[^}]*\}\}/g, blank)
  return /\.(?:ts|mjs|cjs|js|json)$/.test(path) ? commentsAndStringsOf(text) : text
}

const TOKEN =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`)|(?<=[(,=:[!&|?{};\s])\/(?![*/\s])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g

/** Comments, and strings of more than one word; a string of one word is a name. */
function commentsAndStringsOf(code: string): string {
  let prose = ''
  let end = 0
  for (const match of code.matchAll(TOKEN)) {
    const { comment, string } = match.groups ?? {}
    const kept =
      comment ?? (string !== undefined && /\s/.test(string) ? string.replace(/\$\{[^}]*\}/g, blank) : undefined)
    // What a test is called follows its opening, which a pattern may look for.
    const before = code.slice(end, match.index)
    const opening = /(?:\b(?:test|describe|it)|\))\(\s*$/.exec(before)?.[0] ?? ''
    prose += blank(before.slice(0, before.length - opening.length)) + opening + (kept ?? blank(match[0]))
    end = match.index + match[0].length
  }
  return prose + blank(code.slice(end))
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ')
}
