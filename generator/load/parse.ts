import type { CST, Document, YAMLError } from 'yaml'
import { Composer, LineCounter, Parser, YAMLParseError } from 'yaml'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { FILE_START } from '../diagnostics/diagnostic.ts'
import type { SourceDocument } from './source-document.ts'
import { spanBetween } from './span.ts'
import { syntaxFix } from './syntax-fix.ts'
import { plainValue } from './value.ts'

interface Source {
  readonly file: string
  readonly text: string
}

interface Parsed {
  readonly document?: SourceDocument
  readonly diagnostics: readonly Diagnostic[]
}

/** YAML 1.2 core text → value and positions. Never throws for what a file can hold. */
export function parse(source: { readonly file: string; readonly stem: string; readonly text: string }): Parsed {
  const conflict = conflictMarker(source)
  if (conflict !== undefined) return { diagnostics: [conflict] }
  const lines = new LineCounter()
  const parsed = parseYaml(source.text, lines)
  if (parsed === undefined) return { diagnostics: [tooDeep(source.file)] }
  const problems = syntaxFindings(source, parsed, lines)
  const version = versionFinding(source.file, parsed)
  if (version !== undefined) problems.push(version)
  if (problems.length > 0) return { diagnostics: problems }
  if (parsed.contents === null) return { diagnostics: [empty(source.file)] }
  const { value, root, diagnostics } = plainValue({ file: source.file, document: parsed, lines })
  return { document: { ...source, value, root }, diagnostics }
}

/**
 * The parser keeps its own stack, the composer recurses: what nests too deeply is refused in between. A stack that runs
 * out would not throw reliably; V8 can end the process instead.
 */
function parseYaml(text: string, lines: LineCounter): Document.Parsed | undefined {
  const tokens = [...new Parser(lines.addNewLine).parse(text)]
  if (tokens.some(isTooDeep)) return undefined
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    strict: true,
    // The composer compares every key with every other; `plainValue` finds duplicates without that.
    uniqueKeys: false,
  })
  const [document, second] = composer.compose(tokens, true, text.length)
  if (document === undefined) throw new Error('the composer gives a document even for an empty text')
  if (second !== undefined)
    document.errors.push(new YAMLParseError(second.range.slice(0, 2) as [number, number], 'MULTIPLE_DOCS', ''))
  return document
}

/** Levels in the syntax tree; a level of values takes up to two. */
const DEEPEST_SYNTAX = 200

function isTooDeep(token: CST.Token): boolean {
  const open: { readonly token: CST.Token; readonly depth: number }[] = [{ token, depth: 0 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { depth } = next
    if (depth > DEEPEST_SYNTAX) return true
    for (const inside of tokensInside(next.token)) open.push({ token: inside, depth: depth + 1 })
  }
  return false
}

function tokensInside(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value]
  if (!('items' in token)) return []
  return token.items.flatMap(({ key, value }) => [key, value].filter((part) => part !== undefined && part !== null))
}

/** Left by a merge; as YAML they would be reported as half a dozen different mistakes. */
function conflictMarker({ file, text }: { readonly file: string; readonly text: string }): Diagnostic | undefined {
  const found = /^(?:<{7}|>{7})(?: .*)?$/m.exec(text)
  if (found === null) return undefined
  const line = text.slice(0, found.index).split('\n').length
  const start = { line, column: 1, offset: found.index }
  return {
    code: 'load/merge-conflict',
    file,
    span: { start, end: { line, column: found[0].length + 1, offset: found.index + found[0].length } },
    message: 'the file holds a merge conflict',
    help: 'decide which side to keep and delete the lines with <<<<<<<, ======= and >>>>>>>',
  }
}

function tooDeep(file: string): Diagnostic {
  return {
    code: 'load/too-deep',
    file,
    span: FILE_START,
    message: 'the file nests too deeply to be read',
    help: 'look for brackets or dashes that are opened and never closed',
  }
}

function empty(file: string): Diagnostic {
  return {
    code: 'load/empty',
    file,
    span: FILE_START,
    message: 'the file is empty',
    help: 'start from another definition, or delete the file',
  }
}

function versionFinding(file: string, document: Document.Parsed): Diagnostic | undefined {
  const { explicit, version } = document.directives.yaml
  if (!explicit || version === '1.2') return undefined
  return {
    code: 'load/yaml-version',
    file,
    span: FILE_START,
    message: `the file asks for YAML ${version}`,
    help: 'definitions are YAML 1.2: remove the %YAML line',
  }
}

const SYNTAX_HELP: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'an alias takes no tag and no anchor: remove it',
  BAD_INDENT: 'align the line with its neighbours; two spaces a level',
  BAD_QUOTED_SCALAR: 'close the quote; to write a quote inside quotes, double it or escape it with a backslash',
  BLOCK_AS_IMPLICIT_KEY: 'put the value on its own line, or quote text that holds ": "',
  BLOCK_IN_FLOW: 'inside { } and [ ] write everything in flow style',
  MISSING_CHAR: 'a sign is missing here; often a ":" after a key, a closing bracket or a quote',
  MULTIPLE_DOCS: 'one file holds one connector: remove the "---"',
  MULTILINE_IMPLICIT_KEY: 'a key stands on one line; is a ":" missing, or text not quoted?',
  TAB_AS_INDENT: 'YAML is indented with spaces, not tabs',
  TAG_RESOLVE_FAILED: 'remove the tag: definitions are plain YAML, and a quoted value is text',
  UNEXPECTED_TOKEN: 'check the indentation and the quotes around here',
}

/** One slip makes the parser stumble again and again: what follows the first few findings only repeats them. */
const MOST_SYNTAX_FINDINGS = 3

function syntaxFindings(source: Source, document: Document.Parsed, lines: LineCounter): Diagnostic[] {
  const errors = [...document.errors, ...document.warnings]
  if (errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) return [tooDeep(source.file)]
  const firstOnLine = new Map<number, Diagnostic>()
  for (const error of errors.sort((left, right) => left.pos[0] - right.pos[0])) {
    const finding = syntaxFinding(source, error, lines)
    if (!firstOnLine.has(finding.span.start.line)) firstOnLine.set(finding.span.start.line, finding)
  }
  return [...firstOnLine.values()].slice(0, MOST_SYNTAX_FINDINGS)
}

function syntaxFinding({ file, text }: Source, error: YAMLError, lines: LineCounter): Diagnostic {
  const [from, to] = error.pos
  const fix = syntaxFix(error.code, from, text)
  return {
    code: `yaml/${error.code.toLowerCase().replaceAll('_', '-')}`,
    file,
    span: spanBetween(lines, from, to),
    message: SYNTAX_MESSAGE[error.code] ?? lowerFirst(error.message.split('\n')[0] ?? error.message),
    help: SYNTAX_HELP[error.code] ?? 'check the indentation, the quotes and the colons around here',
    ...(fix === undefined ? {} : { fix }),
  }
}

/** Where the parser's own words speak to a programmer. */
const SYNTAX_MESSAGE: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'the file holds more than one document',
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
