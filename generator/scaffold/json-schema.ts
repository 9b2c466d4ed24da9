import { isObject } from '../kit/mapping.ts'
import type { VendorDocument } from '../load/vendor-document.ts'
import { ConversionReport } from './conversion-report.ts'
import type { ApiDescription, EventDraft } from './draft.ts'
import { below, entriesOf, listMember, member, textMember } from './json.ts'
import { LONGEST_EVENT_NAME, snakeName, UniqueNames } from './names.ts'
import { cleaned, cut } from './plain-text.ts'
import { type Found, References } from './references.ts'

/**
 * Reads a JSON Schema: of one body, of a choice of bodies (`oneOf`, `anyOf`), each of which is an event, or of nothing
 * but definitions, each of which is one.
 */
export function jsonSchemaDraft({ file, value: document }: VendorDocument): ApiDescription {
  const references = new References(document)
  const report = new ConversionReport()
  const title = textMember(document, 'title')
  const description = textMember(document, 'description')
  const bodies = bodiesIn({ value: document, pointer: '' }, references, new Set())
  const names = new UniqueNames(LONGEST_EVENT_NAME)
  return {
    kind: 'JSON Schema',
    label: 'JSON Schema',
    files: [file],
    ...(title === undefined ? {} : { title: cleaned(title) }),
    ...(description === undefined ? {} : { description: cleaned(description) }),
    endpoints: [],
    events: bodies.flatMap((body): readonly EventDraft[] => {
      const original = originalName(body, file)
      const wanted = snakeName(original, LONGEST_EVENT_NAME)
      if (wanted === undefined || wanted.length < 2) {
        report.add(
          `the schema "${cut(cleaned(original), 60)}"`,
          'its name has no two letters of which an event could be named',
          { file, pointer: body.pointer },
        )
        return []
      }
      return [eventOf(body, { name: names.take(wanted), original, file })]
    }),
    exactNumbers: false,
    references,
    report,
  }
}

function eventOf(
  { value, pointer }: Found,
  { name, original, file }: { readonly name: string; readonly original: string; readonly file: string },
): EventDraft {
  const [summary, description] = [textMember(value, 'title'), textMember(value, 'description')]
  return {
    name,
    original,
    direction: 'inbound',
    ...(summary === undefined ? {} : { summary: cleaned(summary) }),
    ...(description === undefined ? {} : { description: cleaned(description) }),
    deprecated: member(value, 'deprecated') === true,
    schema: value,
    pointer,
    file,
    examples: [],
    samples: [],
  }
}

/** Schemas of whole bodies, each once, in the order of the document. */
function bodiesIn(found: Found, references: References, met: Set<string>): readonly Found[] {
  const meant = references.follow(found)
  if ('reason' in meant || met.has(meant.pointer)) return []
  met.add(meant.pointer)
  const { value, pointer } = meant
  if (!isObject(value)) return []
  const isBody = ['properties', 'allOf', 'items', 'additionalProperties'].some((keyword) =>
    Object.hasOwn(value, keyword),
  )
  const keyword = ['oneOf', 'anyOf'].find((name) => listMember(value, name).length > 0)
  if (!isBody && keyword !== undefined)
    return listMember(value, keyword).flatMap((branch, index) =>
      bodiesIn({ value: branch, pointer: below(pointer, keyword, index) }, references, met),
    )
  if (isBody || Object.hasOwn(value, 'type')) return [meant]
  return ['$defs', 'definitions'].flatMap((definitions) =>
    entriesOf(value, definitions)
      .map(([name, schema]) => ({ value: schema, pointer: below(pointer, definitions, name) }))
      .filter(({ value: schema }) => isObject(member(schema, 'properties')) || listMember(schema, 'allOf').length > 0),
  )
}

function originalName({ value, pointer }: Found, file: string): string {
  const [, definition] = /\/(?:\$defs|definitions)\/([^/]+)$/.exec(pointer) ?? []
  const stem = (file.split(/[\\/]/).at(-1) ?? file).replace(/(?:\.schema)?\.(?:json|ya?ml)$/i, '')
  return definition?.replaceAll('~1', '/').replaceAll('~0', '~') ?? textMember(value, 'title') ?? stem
}
