import type { JsonSchema } from 'json-schema-faker'
import type { EventSchema } from '../model/connector.ts'
import { type Flattening, flatSchema } from './flat-schema.ts'

/** The same value for the same schema, every time. */
const SEED = 7

/** All fields first; other alternatives, fewer fields and other numbers where that does not fit. */
const TRIES: readonly (Flattening & { readonly seed: number })[] = [
  { seed: SEED, alternative: 0, optionals: 100 },
  { seed: SEED, alternative: 1, optionals: 100 },
  { seed: SEED, alternative: 0, optionals: 1 },
  { seed: SEED, alternative: 0, optionals: 0 },
  { seed: SEED, alternative: 1, optionals: 0 },
  { seed: SEED + 1, alternative: 2, optionals: 0 },
  { seed: SEED + 2, alternative: 3, optionals: 100 },
]

const FORMATS: Readonly<Record<string, () => string>> = {
  'date-time': () => '2026-01-31T12:00:00Z',
  date: () => '2026-01-31',
  time: () => '12:00:00Z',
  duration: () => 'P1D',
  email: () => 'ada@example.com',
  uri: () => 'https://example.com/1',
  uuid: () => '7b0c1c5e-0000-4000-8000-000000000001',
  ipv4: () => '192.0.2.1',
  ipv6: () => '2001:db8::1',
  hostname: () => 'example.com',
}

/** Values that fit a schema, as far as they can be made: first with every field that may be there, then with fewer. */
export async function* examplesFor(schema: EventSchema): AsyncGenerator<unknown> {
  const { generateSync } = await import('json-schema-faker')
  for (const { seed, ...flattening } of TRIES) {
    try {
      const flat = readable(flatSchema(schema, flattening), 'value')
      yield generateSync(flat as JsonSchema, {
        seed,
        formats: FORMATS,
        useExamplesValue: true,
        alwaysFakeOptionals: true,
        maxDefaultItems: 1,
        maxDepth: 100,
      })
    } catch {
      // What the library cannot make, or what grows too large, another try may.
    }
  }
}

/** The schema with a readable example wherever any text will do. */
function readable({ properties, items, default: _, examples, ...own }: EventSchema, name: string): object {
  const says = Object.keys(own).filter((keyword) => !['type', 'description', 'title', 'deprecated'].includes(keyword))
  const isFree = says.length === 0 && [own.type].flat().includes('string')
  const isCount = says.length === 0 && own.type === 'integer'
  const shown = examples?.find((example) => typeof example !== 'object')
  if (isFree) return { type: 'string', const: typeof shown === 'string' ? shown : `${name} 1` }
  return {
    ...own,
    ...(isCount ? { minimum: 1, maximum: 1000 } : {}),
    ...(shown === undefined ? {} : { examples: [shown] }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, property]) => [key, readable(property, key)]),
      ),
    }),
    ...(items && { items: readable(items, name) }),
  }
}
