import { createRequire } from 'node:module'
import type { ValidateFunction } from 'ajv'
import type { DataSchema } from '../../compiled/definition.ts'

/** Loading ajv takes longer than reading all definitions of a small registry, and few runs need it. */
const load = createRequire(import.meta.url)

/** A validator of event data by ajv in strict mode, or why the schema can have none. */
export function compileSchema(schema: DataSchema): ValidateFunction | string {
  const { Ajv2020 } = load('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js')
  const addFormats = load('ajv-formats') as typeof import('ajv-formats')
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
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
