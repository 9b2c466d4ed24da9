import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { JSONSchema } from 'json-schema-to-typescript'
import { compile } from 'json-schema-to-typescript'

/** Prints the TypeScript type of what a schema describes, so that it is never written twice. */
export async function schemaType(schemaPath: string, name: string): Promise<string> {
  const schema = withNames(JSON.parse(await readFile(schemaPath, 'utf8')), name)
  return compile(schema, name, {
    bannerComment: `// Generated from schema/${basename(schemaPath)} by \`npm run build\`. Do not edit.`,
    additionalProperties: false,
    format: false,
    ignoreMinAndMaxItems: true,
  })
}

/** Types are named after their key under $defs; titles of single values would only add aliases. */
function withNames(schema: JSONSchema, name: string): JSONSchema {
  const named = withoutTitles(schema) as JSONSchema
  named.title = name
  for (const [key, definition] of Object.entries((named.$defs ?? {}) as Record<string, JSONSchema>)) {
    if (definition.type === 'object') definition.title = key.charAt(0).toUpperCase() + key.slice(1)
  }
  return named
}

function withoutTitles(value: unknown, insideProperties = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutTitles(item))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => insideProperties || (key !== 'title' && key !== 'examples'))
  return Object.fromEntries(
    entries.map(([key, item]) => [
      key,
      withoutTitles(item, !insideProperties && (key === 'properties' || key === '$defs')),
    ]),
  )
}
