import type { InputDraft } from './draft.ts'
import { entriesOf, listMember, member, textMember } from './json.ts'
import { plainText } from './plain-text.ts'
import type { References } from './references.ts'
import { writtenTypes } from './schema-types.ts'

/** A parameter that callers cannot give as a value of the query or a header. */
interface Lost {
  readonly name: string
  readonly reason: string
}

/** Headers that OpenAPI describes elsewhere (3.1, 4.8.12), and those that the kit sends itself. */
const OTHER_HEADERS = ['accept', 'content-type', 'authorization', 'cookie']
const LONGEST_NAME = 80

/** The parameters of the query, and the headers, of a call. The parameters of an operation precede those of its path. */
export function inputsIn(
  parameters: readonly unknown[],
  references: References,
): { readonly inputs: readonly InputDraft[]; readonly lost: readonly Lost[] } {
  const inputs = new Map<string, InputDraft>()
  const lost: Lost[] = []
  for (const value of parameters) {
    const found = references.follow({ value, pointer: '' })
    if ('reason' in found) continue
    const place = member(found.value, 'in')
    const name = textMember(found.value, 'name')
    if (name === undefined || (place !== 'query' && place !== 'header')) continue
    if (inputs.has(`${place} ${name}`) || (place === 'header' && OTHER_HEADERS.includes(name.toLowerCase()))) continue
    const read = inputOf(found.value, { name, place }, references)
    if ('reason' in read) lost.push({ name, reason: read.reason })
    else inputs.set(`${place} ${name}`, read)
  }
  return { inputs: [...inputs.values()], lost }
}

function inputOf(
  parameter: unknown,
  { name, place }: Pick<InputDraft, 'name' | 'place'>,
  references: References,
): InputDraft | { readonly reason: string } {
  if (name.length > LONGEST_NAME || (place === 'header' && !/^[A-Za-z0-9-]+$/.test(name)))
    return { reason: 'a definition can have no parameter of that name' }
  const schema = followed(member(parameter, 'schema') ?? {}, references)
  const types = writtenTypes(schema).filter((type) => type !== 'null')
  const isList = types.length === 1 && types[0] === 'array'
  const style = member(parameter, 'style') ?? (place === 'query' ? 'form' : 'simple')
  if (member(parameter, 'content') !== undefined || types.includes('object') || (types.includes('array') && !isList))
    return { reason: 'its value is not text, a number, a boolean or a list' }
  if (isList && style !== 'form' && style !== 'simple') return { reason: `its style is ${plainText(String(style))}` }
  const isComma = isList && (place === 'header' || member(parameter, 'explode') === false)
  const type = isList ? 'list' : types.length === 1 ? types[0] : undefined
  const values = listMember(isList ? followed(member(schema, 'items') ?? {}, references) : schema, 'enum')
  const isEnum = (isList || type === 'string') && values.length > 0 && values.every((one) => isText(one))
  const description = plainText(textMember(parameter, 'description') ?? textMember(schema, 'description') ?? '')
  const example = exampleIn(parameter, schema)
  return {
    name,
    place,
    ...(type === undefined || type === 'string' ? {} : { type: type as NonNullable<InputDraft['type']> }),
    ...(isEnum ? { enum: [...new Set(values as readonly string[])] } : {}),
    ...(isComma ? { list: 'comma' } : {}),
    required: member(parameter, 'required') === true,
    ...(description === '' ? {} : { description }),
    ...(example === undefined ? {} : { example }),
  }
}

function followed(value: unknown, references: References): unknown {
  const found = references.follow({ value, pointer: '' })
  return 'reason' in found ? {} : found.value
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

const LONGEST_EXAMPLE = 120

function exampleIn(parameter: unknown, schema: unknown): InputDraft['example'] {
  const [named] = entriesOf(parameter, 'examples').map(([, one]) => member(one, 'value'))
  const found = member(parameter, 'example') ?? named ?? member(schema, 'example') ?? listMember(schema, 'examples')[0]
  if (typeof found === 'number' || typeof found === 'boolean') return found
  return typeof found === 'string' && found !== '' && found.length <= LONGEST_EXAMPLE ? plainText(found) : undefined
}
