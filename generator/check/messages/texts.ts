import { dateMistake } from './dates.ts'
import { describe, listed, show } from './describe.ts'
import { correctionOf, formOf, misfitsIn } from './forms.ts'
import type { Message, SchemaViolation } from './message.ts'
import { codeOf, nameOf, rewriting, schemaOf, writtenAt } from './message.ts'

/** A text that is not written as its field wants it: what is wrong, and what was meant. */
export function misspelledText(violation: SchemaViolation): Message | undefined {
  const { error } = violation
  if (typeof error.data !== 'string' || !['pattern', 'format', 'enum'].includes(error.keyword)) return undefined
  return (
    wrapped(violation, error.data) ??
    sourceKey(violation, error.data) ??
    formed(violation, error.data) ??
    address(violation, error.data) ??
    dateMistake(violation, error.data)
  )
}

const CURLY = /^[\u201c\u201d\u201e](.*)[\u201c\u201d]$/

/** Curly quotes, or a comma, around a value that would do without them. */
function wrapped(violation: SchemaViolation, data: string): Message | undefined {
  const code = codeOf(violation)
  const { text, span } = writtenAt(violation)
  const [, inside] = CURLY.exec(data) ?? []
  if (inside !== undefined)
    return {
      code,
      message: 'the quotes are curly, so they are part of the text',
      help: `write straight quotes: ${JSON.stringify(inside)}`,
      at: 'value',
      fix: { ...rewriting(span, JSON.stringify(inside)), summary: 'write straight quotes' },
    }
  if (!/^[^"'\s,]+,$/.test(text)) return undefined
  return {
    code,
    message: 'a comma stands after the value',
    help: 'delete it',
    at: 'value',
    fix: { ...rewriting(span, text.slice(0, -1)), summary: 'delete the comma' },
  }
}

/** `cites` names sources by their keys. */
function sourceKey(violation: SchemaViolation, data: string): Message | undefined {
  const known = sourceKeysOf(violation)
  if (schemaOf(violation).title !== 'Source key' || known.length === 0) return undefined
  const names = data.split(/[,;]\s*/)
  const isList = names.length > 1 && names.every((name) => known.includes(name))
  return {
    code: codeOf(violation),
    message: isList ? `${show(data)} is one text, not a list` : `${show(data)} is not the key of a source`,
    help: isList ? `write [${names.join(', ')}]` : `write one of: ${known.join(', ')}`,
    at: 'value',
    ...(isList ? { fix: rewriting(writtenAt(violation).span, `[${names.join(', ')}]`) } : {}),
  }
}

export function sourceKeysOf({ document }: SchemaViolation): readonly string[] {
  const { sources } = document.value as { readonly sources?: unknown }
  return typeof sources === 'object' && sources !== null ? Object.keys(sources) : []
}

function formed(violation: SchemaViolation, data: string): Message | undefined {
  const { pattern } = schemaOf(violation)
  const form = formOf(schemaOf(violation))
  if (form === undefined || violation.error.keyword !== 'pattern') return undefined
  const correction = correctionOf(form)
  const meant = correction?.propose(data) ?? sampleMeant(violation, data)
  const fits = meant !== undefined && new RegExp(String(pattern)).test(meant.replace(/^"(.*)"$/, '$1'))
  const wrong = correction?.reason?.(data)
  const misfits = misfitsIn(data, form)
  const what = wrong ?? (misfits.length > 0 ? `holds ${listed(misfits)}` : `is not ${form.is}`)
  const file = schemaOf(violation).title === 'Code' ? `, and name the file ${meant}.yaml` : ''
  return {
    code: 'pattern',
    message: `${show(data)} ${what}`,
    help: fits ? `write ${meant}${file === '' ? ` (${form.is})` : file}` : `write ${form.is}`,
    at: 'value',
    // Only what says how it is wrong is certain of what was meant; names are the author's.
    ...(fits && wrong !== undefined ? { fix: rewriting(writtenAt(violation).span, meant) } : {}),
  }
}

/** A file that is named without its folders. */
function sampleMeant({ document, path }: SchemaViolation, data: string): string | undefined {
  const { code } = document.value as { readonly code?: unknown }
  return path.at(-1) === 'file' && typeof code === 'string' ? `samples/${code}/${data.replace(/^.*\//, '')}` : undefined
}

function address(violation: SchemaViolation, data: string): Message | undefined {
  if (violation.error.params.format !== 'uri') return undefined
  const isHost = /^[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?$/.test(data)
  return {
    code: 'format',
    message: `${show(data)} is not a complete web address`,
    help: isHost ? `write https://${data}` : describe(schemaOf(violation)),
    at: 'value',
  }
}

/** What an empty list, mapping or text should hold. */
export function emptyValue(violation: SchemaViolation): Message {
  const { error, path } = violation
  const name = nameOf(path)
  const schema = schemaOf(violation)
  const words: Readonly<Record<string, string>> = {
    minItems: `the list "${name}" is empty`,
    minProperties: `"${name}" holds no entry`,
    minLength: error.data === '' ? `"${name}" is empty` : `"${name}" is too short`,
  }
  const entry = error.keyword === 'minLength' ? 'write it' : 'write at least one entry'
  return { code: 'empty', message: words[error.keyword] ?? '', help: `${entry}: ${describe(schema)}`, at: 'value' }
}
