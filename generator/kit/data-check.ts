import { isObject } from './mapping.ts'
import { below } from './pointer.ts'

/** A schema of event data: the part of JSON Schema 2020-12 that definitions use. */
export interface DataSchema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, DataSchema>>
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly items?: DataSchema | boolean
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly properties?: Readonly<Record<string, DataSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: DataSchema | boolean
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly anyOf?: readonly DataSchema[]
  readonly oneOf?: readonly DataSchema[]
  readonly allOf?: readonly DataSchema[]
  /** Annotations, which are not checked. */
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly deprecated?: boolean
  readonly 'x-unit'?: string
}

/** Problems that are reported at most; more lines help nobody. */
const SHOWN = 20
/** Levels of nesting and references that are followed at most. */
const DEEPEST = 200

/** The mismatches between data and a schema, as a sentence with JSON Pointers; undefined if there are none. */
export function dataProblems(schema: DataSchema, data: unknown): string | undefined {
  const problems = [...new Set(problemsIn(schema, data, { root: schema, at: '', depth: 0 }))]
  if (problems.length === 0) return undefined
  const others = problems.length - SHOWN
  return problems.slice(0, SHOWN).join('; ') + (others > 0 ? `; and ${others} more` : '')
}

interface Position {
  readonly root: DataSchema
  /** The JSON Pointer of the value. */
  readonly at: string
  readonly depth: number
}

type Check = (schema: DataSchema, data: unknown, position: Position) => readonly string[]

const problemsIn: Check = (schema, data, position) => {
  const { root, at, depth } = position
  const place = at === '' ? '' : `${at} `
  if (depth > DEEPEST) return [`${place}is nested too deeply`]
  const inside = { ...position, depth: depth + 1 }
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type
  if (types?.some((type) => isOfType(data, type)) === false) return [`${place}must be ${types.join(' or ')}`]
  const found: string[] = []
  const report = (isFine: boolean, problem: string) => {
    if (!isFine) found.push(`${place}${problem}`)
  }
  if (schema.$ref !== undefined) {
    const target = root.$defs?.[schema.$ref.replace(/^#\/\$defs\//, '')]
    found.push(...(target === undefined ? [`${place}has an unknown schema`] : problemsIn(target, data, inside)))
  }
  if (schema.enum !== undefined)
    report(
      schema.enum.some((value) => isEqual(value, data)),
      `must be one of ${schema.enum.join(', ')}`,
    )
  if ('const' in schema) report(isEqual(schema.const, data), 'must be equal to constant')
  for (const part of schema.allOf ?? []) found.push(...problemsIn(part, data, inside))
  const matches = (part: DataSchema) => problemsIn(part, data, inside).length === 0
  if (schema.anyOf !== undefined) report(schema.anyOf.some(matches), 'must match a schema in anyOf')
  if (schema.oneOf !== undefined)
    report(schema.oneOf.filter(matches).length === 1, 'must match exactly one schema in oneOf')
  if (typeof data === 'string') textProblems(schema, data, report)
  if (typeof data === 'number') numberProblems(schema, data, report)
  if (Array.isArray(data)) found.push(...listProblems(schema, data, position))
  else if (isObject(data)) found.push(...objectProblems(schema, data, position))
  return found
}

function isOfType(data: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return data === null
    case 'array':
      return Array.isArray(data)
    case 'object':
      return isObject(data)
    case 'integer':
      return Number.isInteger(data)
    case 'number':
      return typeof data === 'number' && Number.isFinite(data)
    default:
      return typeof data === type
  }
}

type Report = (isFine: boolean, problem: string) => void

function textProblems({ minLength, maxLength, pattern, format }: DataSchema, data: string, report: Report): void {
  const length = minLength === undefined && maxLength === undefined ? 0 : [...data].length
  if (minLength !== undefined) report(length >= minLength, `must NOT have fewer than ${minLength} characters`)
  if (maxLength !== undefined) report(length <= maxLength, `must NOT have more than ${maxLength} characters`)
  if (pattern !== undefined) report(patternOf(pattern).test(data), `must match pattern "${pattern}"`)
  const hasFormat = format !== undefined && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined
  if (hasFormat !== undefined) report(hasFormat(data), `must match format "${format}"`)
}

function numberProblems(schema: DataSchema, data: number, report: Report): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema
  if (minimum !== undefined) report(data >= minimum, `must be >= ${minimum}`)
  if (maximum !== undefined) report(data <= maximum, `must be <= ${maximum}`)
  if (exclusiveMinimum !== undefined) report(data > exclusiveMinimum, `must be > ${exclusiveMinimum}`)
  if (exclusiveMaximum !== undefined) report(data < exclusiveMaximum, `must be < ${exclusiveMaximum}`)
}

function listProblems(schema: DataSchema, data: readonly unknown[], position: Position): readonly string[] {
  const { items, minItems, maxItems, uniqueItems = false } = schema
  const place = position.at === '' ? '' : `${position.at} `
  const found: string[] = []
  if (minItems !== undefined && data.length < minItems) found.push(`${place}must NOT have fewer than ${minItems} items`)
  if (maxItems !== undefined && data.length > maxItems) found.push(`${place}must NOT have more than ${maxItems} items`)
  if (uniqueItems && new Set(data.map(canonical)).size < data.length)
    found.push(`${place}must NOT have duplicate items`)
  for (const [index, item] of data.entries()) {
    const inside = { ...position, at: `${position.at}/${index}`, depth: position.depth + 1 }
    if (items === false) found.push(`${inside.at} must not be there`)
    else if (typeof items === 'object') found.push(...problemsIn(items, item, inside))
    if (found.length > SHOWN) break
  }
  return found
}

function objectProblems(
  schema: DataSchema,
  data: Readonly<Record<string, unknown>>,
  position: Position,
): readonly string[] {
  const { properties = {}, required = [], additionalProperties = true, minProperties, maxProperties } = schema
  const place = position.at === '' ? '' : `${position.at} `
  const found = required.filter((name) => !Object.hasOwn(data, name)).map((name) => `${place}${name} is missing`)
  const members = Object.entries(data)
  if (minProperties !== undefined && members.length < minProperties)
    found.push(`${place}must NOT have fewer than ${minProperties} properties`)
  if (maxProperties !== undefined && members.length > maxProperties)
    found.push(`${place}must NOT have more than ${maxProperties} properties`)
  for (const [name, value] of members) {
    const inside = { ...position, at: below(position.at, name), depth: position.depth + 1 }
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (own !== undefined) found.push(...problemsIn(own, value, inside))
    else if (additionalProperties === false) found.push(`${place}has the unknown field ${JSON.stringify(name)}`)
    else if (typeof additionalProperties === 'object') found.push(...problemsIn(additionalProperties, value, inside))
    if (found.length > SHOWN) break
  }
  return found
}

function isEqual(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right)
}

/** The same text for equal values, whatever the order of their members. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inside: unknown) =>
    isObject(inside)
      ? Object.fromEntries(Object.entries(inside).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inside,
  )
}

const patterns = new Map<string, RegExp>()

function patternOf(text: string): RegExp {
  const pattern = patterns.get(text) ?? new RegExp(text, 'u')
  patterns.set(text, pattern)
  return pattern
}

function isDate(text: string): boolean {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  if (Number(year) < 100) date.setUTCFullYear(Number(year))
  return year !== '' && date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
}

/** RFC 3339: a leap second is allowed where there can be one. */
function isTime(text: string): boolean {
  const [, hour = '', minute = '', second = '', zone = ''] =
    /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(z|[+-]\d\d(?::?\d\d)?)$/i.exec(text) ?? []
  const [, sign = '+', zoneHour = '0', zoneMinute = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? []
  if (zone === '' || Number(zoneHour) > 23 || Number(zoneMinute ?? 0) > 59) return false
  if (Number(hour) <= 23 && Number(minute) <= 59 && Number(second) < 60) return true
  const shift = (Number(zoneHour) * 60 + Number(zoneMinute ?? 0)) * (sign === '-' ? 1 : -1)
  const utc = (Number(hour) * 60 + Number(minute) + shift + 2880) % 1440
  return Number(second) === 60 && utc === 1439
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/

function isIpv6(text: string): boolean {
  return /^[\da-f:.]+$/i.test(text) && text.includes(':') && URL.canParse(`http://[${text}]/`)
}

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': (text) => {
    const [date = '', time = '', ...rest] = text.split(/[t\s]/i)
    return rest.length === 0 && isDate(date) && isTime(time)
  },
  date: isDate,
  time: isTime,
  duration: (text) => /^P(?!$)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)$/.test(text),
  email: (text) =>
    /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i.test(
      text,
    ),
  uri: (text) => /^[a-z][a-z0-9+.-]*:[^\s"<>\\^`{|}]*$/i.test(text) && !/%(?![\da-f]{2})/i.test(text),
  uuid: (text) => /^(?:urn:uuid:)?[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(text),
  ipv4: (text) => IPV4.test(text),
  ipv6: isIpv6,
  hostname: (text) =>
    /^(?=.{1,253}\.?$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-0-9a-z]{0,61}[0-9a-z])?)*\.?$/i.test(text),
}
