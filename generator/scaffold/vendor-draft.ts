import { OperationalError } from '../diagnostics/operational-error.ts'
import { isObject } from '../kit/mapping.ts'
import type { VendorDocument } from '../load/vendor-document.ts'
import { asyncApiDraft } from './asyncapi.ts'
import type { ApiDescription, AuthDraft, DocumentKind, Draft, InputDraft, ParameterDraft } from './draft.ts'
import { member, memberAt, textMember } from './json.ts'
import { jsonSchemaDraft } from './json-schema.ts'
import { openApiDraft } from './openapi.ts'
import { samplesDraft } from './samples.ts'
import { type SensitiveDataFilter, sensitiveDataFilter } from './sensitive-data-filter.ts'

const HELP = 'give --from an OpenAPI 3 or AsyncAPI 2 or 3 document, a JSON Schema, or payloads that the vendor sends'

/** Reads what a vendor publishes, of whichever kind it is. */
export async function vendorDraft(files: readonly VendorDocument[], wantedAuth?: string): Promise<Draft> {
  const kinds = files.map((file) => ({ file, kind: kindOf(file) }))
  const [first] = kinds
  if (first === undefined) throw new OperationalError('--from names no file', { help: HELP })
  const document = kinds.find(({ kind }) => kind !== 'sample payloads')
  const sensitiveData = await sensitiveDataFilter(files)
  if (document === undefined) return masked(await samplesDraft(files, sensitiveData), sensitiveData)
  if (kinds.length > 1)
    throw new OperationalError(
      `${document.file.file}: this is ${KINDS[document.kind]}, and such a document is read alone`,
      {
        help: 'name one document after --from, or sample payloads alone',
      },
    )
  return masked(readingOf(document, wantedAuth), sensitiveData)
}

function readingOf(
  { file, kind }: { readonly file: VendorDocument; readonly kind: DocumentKind },
  wantedAuth?: string,
): ApiDescription {
  switch (kind) {
    case 'OpenAPI':
      return openApiDraft(file, wantedAuth)
    case 'AsyncAPI':
      return asyncApiDraft(file, wantedAuth)
    default:
      return jsonSchemaDraft(file)
  }
}

/** Texts for people are imported without what looks like a secret or like somebody's data. */
function masked(reading: ApiDescription, sensitiveData: SensitiveDataFilter): Draft {
  const texts = <Part extends object>(part: Part): Part =>
    Object.fromEntries(
      Object.entries(part).map(([name, value]) => [
        name,
        TEXTS.has(name) && typeof value === 'string' ? sensitiveData.masked(value) : value,
      ]),
    ) as Part
  const { auth } = reading
  const named = auth === undefined ? {} : { auth: maskedAuth(texts(auth), texts) }
  const parameter = ({ example, ...said }: ParameterDraft): ParameterDraft => ({
    ...texts(said),
    ...(example === undefined ? {} : { example: sensitiveData.replacedText(example) }),
  })
  const input = ({ example, ...said }: InputDraft): InputDraft => ({
    ...texts(said),
    ...(example === undefined
      ? {}
      : { example: sensitiveData.replaced(example) as NonNullable<InputDraft['example']> }),
  })
  const endpoints = reading.endpoints.map((endpoint) => ({
    ...texts(endpoint),
    parameters: endpoint.parameters.map(parameter),
    inputs: endpoint.inputs.map(input),
  }))
  return { ...texts(reading), ...named, endpoints, events: reading.events.map(texts), sensitiveData }
}

const TEXTS: ReadonlySet<string> = new Set(['title', 'summary', 'description', 'label'])

function maskedAuth(auth: AuthDraft, texts: <Part extends object>(part: Part) => Part): AuthDraft {
  return auth.type === 'oauth2'
    ? { ...auth, scopes: auth.scopes.map(texts) }
    : { ...auth, fields: auth.fields.map(texts) }
}

const KINDS: Readonly<Record<DocumentKind, string>> = {
  OpenAPI: 'an OpenAPI document',
  AsyncAPI: 'an AsyncAPI document',
  'JSON Schema': 'a JSON Schema',
  'sample payloads': 'a payload',
}

function kindOf({ file, value }: VendorDocument): DocumentKind {
  const stranger = strangerIn(value)
  if (stranger !== undefined) throw new OperationalError(`${file}: ${stranger.what}`, { help: stranger.help })
  if (Object.hasOwn(value as object, 'openapi')) {
    const version = String(member(value, 'openapi'))
    if (/^3\.[0-9]+(?:\.|$)/.test(version)) return 'OpenAPI'
    throw new OperationalError(`${file}#/openapi: OpenAPI ${version.slice(0, 20)} is not known here`, {
      help: 'convert it to OpenAPI 3.0 or 3.1',
    })
  }
  if (Object.hasOwn(value as object, 'asyncapi')) {
    const version = String(member(value, 'asyncapi'))
    if (/^[23]\./.test(version)) return 'AsyncAPI'
    throw new OperationalError(`${file}#/asyncapi: AsyncAPI ${version.slice(0, 20)} is not known here`, {
      help: 'convert it to AsyncAPI 2 or 3',
    })
  }
  return isSchema(value) ? 'JSON Schema' : 'sample payloads'
}

/** Files that are often at hand, and are none of those that can be read. */
function strangerIn(value: unknown): { readonly what: string; readonly help: string } | undefined {
  if (typeof value !== 'object' || value === null)
    return { what: 'this is neither a description of an API nor a payload, but a single value', help: HELP }
  if (member(value, 'swagger') !== undefined && member(value, 'paths') !== undefined)
    return {
      what: 'this is Swagger 2.0, which is not read',
      help: 'convert it to OpenAPI 3, for example at https://converter.swagger.io',
    }
  if (textMember(member(value, 'info'), 'schema')?.includes('getpostman') === true)
    return { what: 'this is a Postman collection, which says nothing of schemas', help: HELP }
  if (memberAt(value, 'data', '__schema') !== undefined || member(value, '__schema') !== undefined)
    return { what: 'this is a GraphQL schema, which is not read', help: HELP }
  if (textMember(value, 'arazzo') !== undefined)
    return {
      what: 'this is an Arazzo document, which describes workflows',
      help: 'name the OpenAPI document that it refers to',
    }
  return undefined
}

const TYPES = ['object', 'array', 'string', 'integer', 'number', 'boolean', 'null']

function isSchema(value: unknown): boolean {
  if (!isObject(value)) return false
  if (/json-schema\.org/.test(textMember(value, '$schema') ?? '')) return true
  const isDescribing = [
    'properties',
    'items',
    '$defs',
    'definitions',
    'allOf',
    'anyOf',
    'oneOf',
    'additionalProperties',
  ].some((keyword) => typeof value[keyword] === 'object' && Object.hasOwn(value, keyword))
  const isTyped = TYPES.includes(String(value.type)) && isDescribing
  return (
    isTyped ||
    (isDescribing && (Object.hasOwn(value, '$schema') || isObject(value.$defs) || isObject(value.definitions)))
  )
}
