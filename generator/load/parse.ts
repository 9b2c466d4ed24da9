import type { CST, Document } from 'yaml'
import { Composer, LineCounter, Parser, YAMLParseError } from 'yaml'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { FILE_START } from '../diagnostics/diagnostic.ts'
import { lineAt } from './line.ts'
import { spanBetween } from './location.ts'
import { nonYamlFinding } from './non-yaml.ts'
import type { SourceDocument } from './source-document.ts'
import { diagnose } from './syntax/diagnose.ts'
import type { OpenBracket } from './syntax/syntax-diagnosis.ts'
import { plainValue } from './value.ts'

interface Source {
  readonly file: string
  readonly text: string
}

interface ParsedYaml {
  readonly document: Document.Parsed
  /** Brackets that nothing closes; looked for only where there are errors. */
  readonly open: readonly OpenBracket[]
}

interface Parsed {
  readonly document?: SourceDocument
  readonly diagnostics: readonly Diagnostic[]
}

/** YAML 1.2 core text → value and positions. Never throws for what a file can hold. */
export function parse(source: { readonly file: string; readonly stem: string; readonly text: string }): Parsed {
  const nonYaml = nonYamlFinding(source)
  if (nonYaml !== undefined) return { diagnostics: [nonYaml] }
  const lines = new LineCounter()
  const tokens = tokensOf(source.text, lines)
  if (tokens === undefined) return { diagnostics: [tooDeep(source.file)] }
  const parsed = composeYaml(source.text, tokens)
  if (parsed === undefined) return { diagnostics: [tooDeep(source.file)] }
  const { document: composed } = parsed
  const version = versionFinding(source.file, composed)
  const problems = [...syntaxFindings(source, parsed, lines), ...(version === undefined ? [] : [version])]
  if (problems.length > 0) return { diagnostics: problems }
  if (composed.contents === null) return { diagnostics: [empty(source.file)] }
  const { diagnostics, ...read } = plainValue({ ...source, document: composed, lines })
  return { document: { ...source, ...read }, diagnostics }
}

/** For what is written more freely than definitions. */
export function parseYaml(
  text: string,
  lines: LineCounter,
  options: { readonly merge: boolean },
): ParsedYaml | undefined {
  const tokens = tokensOf(text, lines)
  return tokens && composeYaml(text, tokens, options)
}

/** The syntax tree. The parser keeps its own stack, but leaves many levels at once by calling itself. */
function tokensOf(text: string, lines: LineCounter): readonly CST.Token[] | undefined {
  try {
    return [...new Parser(lines.addNewLine).parse(text)]
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/**
 * The composer recurses: what nests too deeply is refused before. A stack that runs out in there would not throw
 * reliably; V8 can end the process instead.
 */
function composeYaml(text: string, tokens: readonly CST.Token[], { merge = false } = {}): ParsedYaml | undefined {
  if (tokens.some((token) => isTooDeep(token, MAX_SYNTAX_DEPTH))) return undefined
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    strict: true,
    merge,
    // The composer compares every key with every other; `plainValue` finds duplicates without that.
    uniqueKeys: false,
  })
  const [document, second] = composer.compose(tokens, true, text.length)
  if (document === undefined) throw new Error('the composer gives a document even for an empty text')
  if (second !== undefined)
    document.errors.push(new YAMLParseError(second.range.slice(0, 2) as [number, number], 'MULTIPLE_DOCS', ''))
  return { document, open: document.errors.length === 0 ? [] : tokens.flatMap(openBrackets) }
}

/** Levels in the syntax tree; a level of values takes up to two. */
const MAX_SYNTAX_DEPTH = 200

function isTooDeep(token: CST.Token, levelsLeft: number): boolean {
  return levelsLeft < 0 || tokensInside(token).some((inside) => isTooDeep(inside, levelsLeft - 1))
}

/** Every token inside a token, itself first. */
function* walk(token: CST.Token): Generator<CST.Token> {
  const left = [token]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    yield next
    for (const inside of tokensInside(next)) left.push(inside)
  }
}

function openBrackets(token: CST.Token): readonly OpenBracket[] {
  const found: OpenBracket[] = []
  for (const inside of walk(token)) {
    if (inside.type !== 'flow-collection') continue
    const closing = inside.start.source === '[' ? 'flow-seq-end' : 'flow-map-end'
    const isClosed = inside.end.some(({ type }) => type === closing)
    if (!isClosed) found.push({ offset: inside.start.offset, sign: inside.start.source })
  }
  return found.sort((left, right) => left.offset - right.offset)
}

const NONE: readonly CST.Token[] = []

function tokensInside(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? NONE : [token.value]
  if (!('items' in token)) return NONE
  const inside: CST.Token[] = []
  for (const { key, value } of token.items) {
    if (key !== undefined && key !== null) inside.push(key)
    if (value !== undefined) inside.push(value)
  }
  return inside
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

/** Independent mistakes are few: further errors in the same section are mostly consequences of its first. */
const MAX_SYNTAX_FINDINGS = 3

function syntaxFindings(
  { file, text }: Source,
  { document, open }: ParsedYaml,
  lines: LineCounter,
): readonly Diagnostic[] {
  const errors = [...document.errors, ...document.warnings]
  if (errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) return [tooDeep(file)]
  const firstOfSection = new Map<number, Diagnostic>()
  for (const error of errors.sort((left, right) => left.pos[0] - right.pos[0])) {
    const { from, to, isLast, ...diagnosis } = diagnose({ error, text, open })
    const section = sectionAt(text, from)
    if (!firstOfSection.has(section))
      firstOfSection.set(section, { ...diagnosis, file, span: spanBetween(lines, from, to) })
    // Behind what ends the document, everything is strange.
    if (firstOfSection.size === MAX_SYNTAX_FINDINGS || isLast === true || error.message.includes('in YAML stream'))
      break
  }
  return [...firstOfSection.values()]
}

/** Offset of the line without indentation above an offset: where the top-level field begins that it lies in. */
function sectionAt(text: string, offset: number): number {
  let line = lineAt(text, offset)
  while (line.from > 0 && !/^[^\s#-]/.test(line.text)) line = lineAt(text, line.from - 1)
  return line.from
}
