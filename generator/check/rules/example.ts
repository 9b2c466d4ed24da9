import type { ErrorObject, ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import safe from 'safe-regex2'
import type { DataSchema } from '../../compiled/definition.ts'
import type { ValuePath } from '../../load/source-document.ts'
import { referenced, tokensOf } from '../../model/json-pointer.ts'
import { loopFrom } from './loop.ts'
import { referencesOf, subschemas } from './subschemas.ts'

interface ExampleError {
  /** Below the example. */
  readonly path: ValuePath
  readonly message: string
}

/** An event's schema is asked about each of its examples in turn. */
const compiled = new WeakMap<DataSchema, ValidateFunction | string | undefined>()

/** Holds one example against its schema; a schema that JSON Schema itself refuses is an error too. */
export function exampleErrors(schema: DataSchema, example: unknown): readonly ExampleError[] {
  const validate = validatorOf(schema)
  if (validate === undefined) return []
  if (typeof validate === 'string') return [{ path: [], message: `the schema cannot be used: ${validate}` }]
  if (validate(example)) return []
  return (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if').map((error) => errorOf(error, example))
}

/** A validator, why there can be none, or undefined for a schema that another rule refuses and nobody should run. */
function validatorOf(schema: DataSchema): ValidateFunction | string | undefined {
  if (compiled.has(schema)) return compiled.get(schema)
  const made = isRunnable(schema) ? compile(schema) : undefined
  compiled.set(schema, made)
  return made
}

/** An unsafe pattern could take for ever, a reference that leads nowhere or round in a circle could not end. */
function isRunnable(schema: DataSchema): boolean {
  const inside = subschemas(schema)
  if (inside.some(({ schema: { pattern } }) => pattern !== undefined && !safe(pattern))) return false
  if (inside.some(({ schema: { $ref } }) => $ref !== undefined && referenced(schema, $ref) === undefined)) return false
  return !Object.keys(schema.$defs ?? {}).some(
    (name) => loopFrom(name, (from) => referencesOf(schema, from)) !== undefined,
  )
}

function compile(schema: DataSchema): ValidateFunction | string {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    addUsedSchema: false,
  })
  addFormats.default(ajv)
  ajv.addKeyword('x-unit')
  try {
    return ajv.compile(schema)
  } catch (error) {
    // ajv throws for what it refuses, such as a pattern that is no regular expression.
    return error instanceof Error ? error.message : String(error)
  }
}

function errorOf(error: ErrorObject, example: unknown): ExampleError {
  const base = pathIn(example, error.instancePath)
  const name = base.at(-1)
  const subject = name === undefined ? 'the example' : `"${name}"`
  if (error.keyword === 'additionalProperties') {
    const extra = String(error.params.additionalProperty)
    return { path: [...base, extra], message: `the schema does not know "${extra}"` }
  }
  if (error.keyword === 'required')
    return { path: base, message: `${subject} lacks "${error.params.missingProperty}", which the schema requires` }
  if (error.keyword === 'enum')
    return { path: base, message: `${subject} is not one of ${error.params.allowedValues.join(', ')}` }
  return { path: base, message: `${subject} ${error.message ?? 'does not fit the schema'}` }
}

function pathIn(example: unknown, instancePath: string): ValuePath {
  const path: (string | number)[] = []
  let current = example
  for (const token of tokensOf(instancePath)) {
    path.push(Array.isArray(current) ? Number(token) : token)
    current = (current as Readonly<Record<string, unknown>> | null | undefined)?.[token]
  }
  return path
}
