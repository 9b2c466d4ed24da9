import type { Position } from '../../diagnostics/diagnostic.ts'
import { snippet } from '../../diagnostics/explanation.ts'
import type { SourceDocument, ValuePath } from '../../load/source-document.ts'
import { locateValue } from '../../load/source-document.ts'
import { leavesOf } from './leaves.ts'
import type { RuleTable } from './rule.ts'

/** What a YAML language server reads to find the definition format. */
const MODELINE = /^#\s*yaml-language-server:\s*\$schema=\S*connector\.schema\.json\s*$/m
const USUAL_MODELINE = '# yaml-language-server: $schema=../schema/connector.schema.json\n'

/** Rules about the text of a definition: YAML that is read differently than its author meant it, and its layout. */
export const styleRules = {
  'style/entry-in-text': {
    scope: 'source',
    summary: 'No list entry is swallowed by the text above it.',
    help: 'indent the line as the entry above it, or put the whole text in quotes',
    why: 'A line that is indented deeper than the entry above it goes on with that entry, so two entries become one.',
    about: ['problem.causes'],
    bad: snippet`
      - The verify token differs.
        - The address is wrong.
    `,
    good: '- The verify token differs.',
    reads: [],
    check(document, report) {
      for (const { path, text, from } of plainTexts(document, holdsDash)) {
        const found = /\n[ \t]*(- [^\r\n]*)/.exec(text)
        if (found === null) continue
        const [all, entry = ''] = found
        report(
          { path, span: spanOn(document.text, from + found.index + all.length - entry.length, entry.length) },
          'the line begins like a list entry, but goes on with the text above it',
        )
      }
    },
  },
  'style/anchor-unused': {
    scope: 'source',
    summary: 'Every anchor is repeated somewhere.',
    help: 'put the whole text in quotes; an anchor that nothing repeats can go',
    why: 'What begins with "&" is the name of an anchor, so the first word of the text is gone.',
    about: ['definition'],
    bad: "legal: &Acme's terms of use.",
    good: 'legal: Acme terms of use.',
    reads: [],
    check({ anchors }, report) {
      for (const { name, span, isRepeated } of anchors) {
        if (!isRepeated) report({ path: [], span }, `"&${name}" is read as a YAML anchor, and is no part of the value`)
      }
    },
  },
  'style/stray-sign': {
    scope: 'source',
    summary: 'No value is wrapped in curly quotes or ends in the comma of another notation.',
    help: 'write straight quotes, or none',
    why: 'Curly quotes and the commas of JSON are part of a YAML text, and would be shown and stored with it.',
    about: ['definition'],
    bad: 'vendor: Acme,',
    good: 'vendor: Acme',
    reads: [],
    check(document, report) {
      for (const { path, text, from } of plainTexts(document, holdsStraySign)) {
        const [, inside] = /^[\u201c\u201d\u201e]([^\u201c\u201d\u201e]*)[\u201c\u201d]$/.exec(text) ?? []
        const edit = { from, to: from + text.length }
        if (inside !== undefined)
          report({ path }, 'the quotes are curly, so they are part of the text', {
            summary: 'write straight quotes',
            edits: [{ ...edit, text: JSON.stringify(inside) }],
          })
        else if (/^[^\s,"'[\]{}]+,$/.test(text))
          report(
            { path },
            'a comma stands after the value, so it is part of it',
            { summary: 'delete the comma', edits: [{ ...edit, text: text.slice(0, -1) }] },
            'delete the comma',
          )
      }
    },
  },
  'style/hidden-character': {
    scope: 'source',
    summary: 'No character changes the visible order of characters, and no name contains an invisible one.',
    help: 'remove it; type the text again where it was pasted',
    why: 'With bidirectional controls a reviewer does not read the published string, and two names that look alike can differ.',
    about: ['definition'],
    bad: 'vendor: "Acme\\u202E"',
    good: 'vendor: Acme',
    reads: [],
    check(document, report) {
      for (const { index, 0: character } of document.text.matchAll(BIDIRECTIONAL))
        report({ path: [], span: spanOn(document.text, index, 1) }, `the text contains ${nameOf(character)}`)
      for (const { value, path } of leavesOf(document.value)) {
        if (typeof value !== 'string' || document.text.includes(value)) continue
        const [escaped] = value.match(BIDIRECTIONAL) ?? []
        if (escaped !== undefined) report({ path }, `the text contains ${nameOf(escaped)}`)
      }
      for (const { value, path } of leavesOf(document.value)) {
        const name = path.at(-1)
        if (typeof value !== 'string' || typeof name !== 'string' || !NAME_FIELDS.includes(name)) continue
        const [invisible] = INVISIBLE.exec(value) ?? []
        if (invisible !== undefined) report({ path }, `the name contains ${nameOf(invisible)}`)
      }
    },
  },
  'style/modeline': {
    scope: 'source',
    summary: 'A definition names its schema in a comment, so that every editor can complete and explain.',
    help: `begin the file with ${USUAL_MODELINE.trimEnd()}`,
    why: 'With the comment every editor that knows YAML completes fields, explains them and marks mistakes while one types.',
    about: ['definition'],
    bad: snippet`
      code: acme-crm
      name: Acme CRM
    `,
    good: snippet`
      # yaml-language-server: $schema=../../schema/connector.schema.json
      code: acme-crm
      name: Acme CRM
    `,
    reads: [],
    check({ text }, report) {
      if (MODELINE.test(text)) return
      const start: Position = { line: 1, column: 1, offset: 0 }
      report({ path: [], span: { start, end: start } }, 'no comment names the schema of the file', {
        summary: 'add the comment',
        edits: [
          { from: 0, to: 0, text: text.includes('\r\n') ? USUAL_MODELINE.replace('\n', '\r\n') : USUAL_MODELINE },
        ],
      })
    },
  },
} satisfies RuleTable

/** Embeddings, overrides and isolates; marks and joiners are needed where scripts mix. */
const BIDIRECTIONAL = /[\u202a-\u202e\u2066-\u2069]/g
/** Zero-width spaces and joiners, marks of direction, soft hyphens. */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff]/
const NAME_FIELDS: readonly string[] = ['name', 'vendor', 'label', 'title', 'code', 'namespace']

function nameOf(character: string): string {
  return `the invisible character U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}

interface PlainText {
  readonly path: ValuePath
  /** As it is written. */
  readonly text: string
  readonly from: number
}

function holdsDash(value: string): boolean {
  return value.includes('-')
}

function holdsStraySign(value: string): boolean {
  return value.endsWith(',') || /^[\u201c\u201d\u201e]/.test(value)
}

/** Texts without quotes; only those whose value makes it likely are looked up in the file. */
function plainTexts(document: SourceDocument, isLikely: (value: string) => boolean): readonly PlainText[] {
  const found: PlainText[] = []
  for (const { value, path } of leavesOf(document.value)) {
    if (typeof value !== 'string' || !isLikely(value)) continue
    const { start, end } = locateValue(document, path)
    const text = document.text.slice(start.offset, end.offset)
    if (text !== '' && !/^["'|>]/.test(text)) found.push({ path, text, from: start.offset })
  }
  return found
}

function spanOn(text: string, offset: number, length: number) {
  const before = text.slice(0, offset)
  const start = { line: before.split('\n').length, column: offset - before.lastIndexOf('\n'), offset }
  return { start, end: { ...start, column: start.column + length, offset: offset + length } }
}
