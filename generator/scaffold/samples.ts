import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { OperationalError } from '../diagnostics/operational-error.ts'
import { parseExactly } from '../kit/exact-numbers.ts'
import { isObject } from '../kit/mapping.ts'
import type { VendorDocument } from '../load/vendor-document.ts'
import { ConversionReport } from './conversion-report.ts'
import type { ApiDescription, EventDraft, SampleDraft } from './draft.ts'
import { TYPE_FIELDS } from './event-routing.ts'
import { below, isSame, type JsonObject, member } from './json.ts'
import { LONGEST_EVENT_NAME, sentence, snakeName, UniqueNames, wordsOf } from './names.ts'
import { cut } from './plain-text.ts'
import { References } from './references.ts'
import { isStorable } from './schema-types.ts'
import type { SensitiveDataFilter } from './sensitive-data-filter.ts'

/** One event in a delivery that somebody has recorded. */
interface Part {
  readonly value: JsonObject
  readonly sample: SampleDraft
  readonly file: string
  /** The body is a list, and this one of its elements. */
  readonly isElement: boolean
}

/** Events of all samples; the vendors with the most have a few hundred. */
const MOST_EVENTS = 500
/** Different fields in all samples of one event; the schema inferred from more of them is of no use. */
const MOST_FIELDS = 3_000

/** Reads recorded deliveries: equal ones by what they say of themselves, else by the names of their files, are one event. */
export async function samplesDraft(
  files: readonly VendorDocument[],
  sensitiveData: SensitiveDataFilter,
): Promise<ApiDescription> {
  const report = new ConversionReport()
  const exact = usable(files, report).map((file) => {
    const replaced = withoutSensitiveData(file, sensitiveData, report)
    return { file: replaced, value: exactValue(replaced) }
  })
  const parts = exact.flatMap(({ file, value }) => partsOf(file, value))
  const groups = grouped(parts)
  if (groups.length > MOST_EVENTS)
    throw new OperationalError(`the samples are of ${groups.length} events; at most ${MOST_EVENTS} are read`, {
      help: 'give --from fewer samples at a time',
    })
  const names = new UniqueNames(LONGEST_EVENT_NAME)
  const events: EventDraft[] = []
  for (const { original, parts: members } of groups) events.push(await eventOf(names, original, members))
  return {
    kind: 'sample payloads',
    label: 'sample payloads',
    files: files.map(({ file }) => file),
    endpoints: [],
    events,
    exactNumbers: exact.some(({ file, value }) => JSON.stringify(value) !== JSON.stringify(file.value)),
    references: new References({}),
    report,
  }
}

/** The files that can be read. One bad file is left out; an error is thrown only if no file remains. */
function usable(files: readonly VendorDocument[], report: ConversionReport): readonly VendorDocument[] {
  const errors: OperationalError[] = []
  const kept = files.filter((file) => {
    try {
      return partsOf(file, exactValue(file)).length > 0
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error
      errors.push(error)
      report.add('a sample', error.message.slice(error.message.indexOf(': ') + 2), { file: file.file, pointer: '' })
      return false
    }
  })
  const [first] = errors
  if (kept.length === 0 && first !== undefined) throw first
  return kept
}

/** The file with made-up values in place of what looks like secrets or personal data. */
function withoutSensitiveData(
  document: VendorDocument,
  sensitiveData: SensitiveDataFilter,
  report: ConversionReport,
): VendorDocument {
  const suspects = sensitiveData.allIn(document.value)
  if (suspects.length === 0) return document
  for (const { what, pointer } of suspects)
    report.add('a value', `it looks like ${what}; a made-up value replaces it`, { file: document.file, pointer })
  const value = sensitiveData.replaced(document.value)
  const text = sensitiveData.replacedText(document.text)
  // The text keeps ids beyond 2^53, unless it spells a part in another way than the value.
  return { ...document, value, text: isJsonOf(text, value) ? text : JSON.stringify(value, undefined, 2) }
}

function isJsonOf(text: string, value: unknown): boolean {
  try {
    return isSame(JSON.parse(text), value)
  } catch {
    return false
  }
}

/** Ids beyond 2^53 are kept as text. */
function exactValue({ file, text, value }: VendorDocument): unknown {
  let exact: unknown
  try {
    exact = parseExactly(text)
  } catch {
    exact = value
  }
  requireStorable(file, exact, '')
  return exact
}

function requireStorable(file: string, value: unknown, pointer: string): void {
  if (typeof value !== 'object' || value === null) {
    if (isStorable(value)) return
    throw new OperationalError(`${file}#${pointer}: the value cannot be stored`, {
      help: 'take out NUL, halves of surrogate pairs and numbers beyond 2^53',
    })
  }
  for (const [step, inside] of Object.entries(value)) {
    if (step === '__proto__')
      throw new OperationalError(`${file}#${pointer}: no key may be called "__proto__"`, {
        help: 'take it out of the sample',
      })
    requireStorable(file, inside, below(pointer, step))
  }
}

function partsOf({ file, text, value: read }: VendorDocument, value: unknown): readonly Part[] {
  const isJson = /^\s*[[{]/.test(text)
  const stem = (file.split(/[\\/]/).at(-1) ?? file).replace(/\.\w+$/, '')
  const sample = {
    name: cut(sentence(wordsOf(stem).join('_')) || 'Sample', 100),
    body: isJson ? text : JSON.stringify(read),
  }
  const elements = Array.isArray(value) ? value : [value]
  if (elements.length === 0)
    throw new OperationalError(`${file}: the list is empty`, { help: 'name a delivery that holds something' })
  return elements.map((element, index): Part => {
    if (isObject(element)) return { value: element, sample, file, isElement: Array.isArray(value) }
    throw new OperationalError(
      `${file}#${Array.isArray(value) ? `/${index}` : ''}: a delivery is an object, or a list of objects`,
      {
        help: 'name a file that holds what the vendor sends',
      },
    )
  })
}

function grouped(parts: readonly Part[]): readonly { readonly original: string; readonly parts: readonly Part[] }[] {
  const field = TYPE_FIELDS.find((name) => parts.every(({ value }) => nameIn(value, name) !== undefined))
  const groups = new Map<string, Part[]>()
  for (const part of parts) {
    const original = (field === undefined ? undefined : nameIn(part.value, field)) ?? fileName(part.file)
    const members = groups.get(original)
    if (members === undefined) groups.set(original, [part])
    else members.push(part)
  }
  return [...groups].map(([original, members]) => ({ original, parts: members }))
}

function nameIn(value: JsonObject, field: string): string | undefined {
  const found = member(value, field)
  return typeof found === 'string' && /^[A-Za-z][\w .:/-]{1,80}$/.test(found) ? found : undefined
}

/** `issues.opened.payload-2.json` → `issues.opened` */
function fileName(file: string): string {
  const stem = (file.split(/[\\/]/).at(-1) ?? file).replace(/\.\w+$/, '')
  return stem.replace(/(?:[._-]+(?:\d+|payload|sample|example))+$/i, '') || stem
}

async function eventOf(names: UniqueNames, original: string, parts: readonly Part[]): Promise<EventDraft> {
  const wanted = snakeName(original, LONGEST_EVENT_NAME)
  const [first] = parts
  if (first === undefined || wanted === undefined || wanted.length < 2)
    throw new OperationalError(`${first?.file ?? 'the sample'}: nothing of which an event could be named`, {
      help: 'rename the file after the event, such as order-paid.json',
    })
  const fields = fieldsIn(parts)
  if (fields.size > MOST_FIELDS)
    throw new OperationalError(`${first.file}: "${original}" has more than ${MOST_FIELDS} different fields`, {
      help: 'name a shorter sample, in particular one in which no ids are names of fields',
    })
  const isList = parts.some(({ isElement }) => isElement)
  const schema = await inferredFrom(parts.map(({ value }) => value))
  const samples = new Map(parts.map(({ sample }) => [sample.body, sample]))
  const { definitions, ...body } = schema
  const whole = isList ? { type: 'array', items: body, definitions } : schema
  return {
    name: names.take(wanted),
    original,
    direction: 'inbound',
    deprecated: false,
    schema: whole,
    references: new References(whole),
    pointer: '',
    file: first.file,
    examples: [],
    samples: [...samples.values()],
  }
}

/** The paths of all fields, which the elements of a list have in common. */
function fieldsIn(parts: readonly Part[]): ReadonlySet<string> {
  const fields = new Set<string>()
  const visit = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const element of value) visit(element, `${path}/-`)
    else if (isObject(value))
      for (const [name, inside] of Object.entries(value)) {
        fields.add(below(path, name))
        visit(inside, below(path, name))
      }
  }
  for (const { value } of parts) visit(value, '')
  return fields
}

// Inference ------------------------------------------------------------------------------------------------------------

async function inferredFrom(values: readonly JsonObject[]): Promise<JsonObject> {
  const { InputData, jsonInputForTargetLanguage, quicktype } = await import('quicktype-core')
  const source = jsonInputForTargetLanguage('schema')
  await source.addSource({ name: 'body', samples: values.map((value) => JSON.stringify(value)) })
  const inputData = new InputData()
  inputData.addInput(source)
  const { lines } = await quicktype({
    inputData,
    lang: 'schema',
    inferMaps: false,
    inferEnums: false,
    inferBooleanStrings: false,
    inferIntegerStrings: false,
    combineClasses: false,
    alphabetizeProperties: false,
  })
  const inferred = opened(JSON.parse(lines.join('\n'))) as JsonObject
  const fitting = fitsAll(inferred, values) ? inferred : (withoutFormats(inferred) as JsonObject)
  return withConstants(rooted(fitting), values)
}

/** What one payload shows is not all that there can be. */
function opened(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(opened)
  if (!isObject(schema)) return schema
  const { title: _, $schema: __, 'qt-uri-protocols': ___, additionalProperties, ...rest } = schema
  const kept = isObject(additionalProperties) ? { additionalProperties: opened(additionalProperties) } : {}
  return {
    ...Object.fromEntries(
      Object.entries(rest).map(([name, inside]) => [
        name,
        name === 'properties' ? membersOpened(inside) : opened(inside),
      ]),
    ),
    ...kept,
  }
}

/** A field may be called `title`, too. */
function membersOpened(properties: unknown): unknown {
  return isObject(properties)
    ? Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, opened(schema)]))
    : properties
}

function withoutFormats(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutFormats)
  if (!isObject(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([name, inside]) => name !== 'format' || isObject(inside))
      .map(([name, inside]) => [name, withoutFormats(inside)]),
  )
}

/** Whether our own reading of formats agrees with the one by which they were inferred. */
function fitsAll(schema: JsonObject, values: readonly JsonObject[]): boolean {
  const ajv = new Ajv({ strict: false, validateFormats: true })
  addFormats.default(ajv)
  const validate = ajv.compile(schema)
  return values.every((value) => validate(value))
}

/** The body's own schema at the top, where its constants can be set. */
function rooted({ $ref, definitions, ...rest }: JsonObject): JsonObject {
  const name = typeof $ref === 'string' ? $ref.slice('#/definitions/'.length) : ''
  const body = member(definitions, name)
  return isObject(body) ? { ...body, definitions } : { ...rest, definitions }
}

/** What every payload of the event says of itself is what makes it this event. */
function withConstants(schema: JsonObject, values: readonly JsonObject[]): JsonObject {
  const constants = [...TYPE_FIELDS, 'action'].flatMap((name) => {
    const said = new Set(values.map((value) => nameIn(value, name)))
    const [only] = said
    return said.size === 1 && only !== undefined ? [[name, { type: 'string', const: only }] as const] : []
  })
  const properties = member(schema, 'properties')
  return { ...schema, properties: { ...(isObject(properties) ? properties : {}), ...Object.fromEntries(constants) } }
}
