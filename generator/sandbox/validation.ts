import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { bodyStatus, refuse } from '../kit/gateway-problem.ts'
import { isDeeper } from '../kit/mapping.ts'
import { readBody } from '../kit/webhook.ts'
import type { ConnectorEvent, Registry } from '../model/connector.ts'
import { eventRequest, logsRequest, operations } from '../targets/json/requests.ts'

/** A list that helps; more lines of the same help nobody. */
const SHOWN = 20
/** Deeper than any vendor nests, and far from what a database can take. */
const DEEPEST = 100

const ajv = new Ajv2020({ allErrors: true, strict: false })
addFormats.default(ajv)

const schemas: Readonly<Record<string, object>> = { events: eventRequest, logs: logsRequest, ...operations }
const compiled = new WeakMap<object, ValidateFunction>()

/** Compiled when it is first needed: all of them at once would hold up the start. */
function validatorOf(schema: object): ValidateFunction {
  const known = compiled.get(schema) ?? ajv.compile(schema)
  compiled.set(schema, known)
  return known
}

/** The body of a request as text; refused where it is larger, or no text. */
export async function bodyText(request: Request, largest: number): Promise<string> {
  const bytes = await readBody(request, largest)
  if (typeof bytes === 'string')
    refuse({ status: bodyStatus(bytes), error: `integration_validation:${bytes.toUpperCase()}` })
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    refuse({ status: 400, error: 'integration_validation:BODY_MALFORMED', message: 'the body is no UTF-8' })
  }
}

/** Reads the body of a request to one of the three endpoints. */
export function parsedBody(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const message = error instanceof Error ? error.message : 'no JSON'
    refuse({ status: 400, error: 'integration_validation:BODY_MALFORMED', message })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuse({ status: 400, error: 'integration_validation:BODY_NO_OBJECT', message: 'the body must be a JSON object' })
  if (isDeeper(value, DEEPEST)) refuse({ status: 413, error: 'integration_validation:BODY_TOO_DEEP' })
  return value as Readonly<Record<string, unknown>>
}

/** Holds a request against the schema of its endpoint. */
export function requireRequest(
  endpoint: 'connectors' | 'events' | 'logs',
  body: Readonly<Record<string, unknown>>,
): void {
  const name = endpoint === 'connectors' ? body.operation : endpoint
  if (name === undefined) refuse({ status: 400, error: 'integration_validation:OPERATION_REQUIRED' })
  const schema = typeof name === 'string' && Object.hasOwn(schemas, name) ? schemas[name] : undefined
  if (schema === undefined) {
    const message = `operation is one of ${Object.keys(operations).join(', ')}`
    refuse({ status: 400, error: 'integration_validation:OPERATION_UNKNOWN', message })
  }
  const validate = validatorOf(schema)
  if (validate(body)) return
  const errors = validate.errors ?? []
  const missing = errors.find(({ keyword }) => keyword === 'required')
  // Of two that would do, the code is the one that callers know.
  const code =
    missing === undefined ? 'REQUEST_INVALID' : `${String(missing.params.missingProperty).toUpperCase()}_REQUIRED`
  refuse({ status: 400, error: `integration_validation:${code}`, message: inWords(errors) })
}

/** Says what of an event's data does not fit its schema; undefined where all does. */
export type DataCheck = (connector: string, event: string, data: unknown) => string | undefined

/** Checks by the schemas of a registry; each is compiled when it is first needed. */
export function dataCheckOf({ connectors }: Registry): DataCheck {
  const events = new Map<string, ConnectorEvent>(
    connectors.flatMap(({ code, events }) => events.map((event) => [`${code} ${event.name}`, event] as const)),
  )
  return (connector, name, data) => {
    const event = events.get(`${connector} ${name}`)
    if (event === undefined) return undefined
    const validate = validatorOf(event.data)
    return validate(data) ? undefined : inWords(validate.errors ?? [])
  }
}

function inWords(errors: readonly ErrorObject[]): string {
  const lines = errors.map(({ instancePath, message, keyword, params }) => {
    const place = instancePath === '' ? '' : `${instancePath} `
    if (keyword === 'additionalProperties')
      return `${place}has the unknown field ${JSON.stringify(params.additionalProperty)}`
    if (keyword === 'required') return `${place}${params.missingProperty} is missing`
    if (keyword === 'enum') return `${place}must be one of ${(params.allowedValues as readonly unknown[]).join(', ')}`
    return `${place}${message ?? 'does not fit'}`
  })
  const shown = [...new Set(lines)]
  return shown.slice(0, SHOWN).join('; ') + (shown.length > SHOWN ? `; and ${shown.length - SHOWN} more` : '')
}
