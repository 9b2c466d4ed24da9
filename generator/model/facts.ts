/** A statement about the vendor, and the sources that it, or an object around it, cites. */
export interface Fact {
  readonly path: readonly (string | number)[]
  readonly cites: readonly string[]
}

/**
 * The facts of a connector, written as paths from its root. `*` is every entry of a mapping or a list. Steps,
 * troubleshooting and samples are not listed: most of them describe HERA, or are made up.
 */
export const FACTS: readonly string[] = [
  'auth.fields.*',
  'auth.alternatives.*',
  'auth.oauth',
  'auth.scopes.*',
  'auth.tokens.*',
  'auth.refresh',
  'api.response_headers.*',
  'api.endpoints.*',
  'rate_limits.*',
  'privacy',
  'events.*',
  'webhook.handshakes.*',
  'webhook.signatures.*',
  'webhook.subscriptions.*',
  'webhook.delivery',
]

/** The facts of a definition, or of a connector made from one. Parts that are missing have none. */
export function factsOf(root: object): readonly Fact[] {
  return FACTS.flatMap((place) => factsAt({ value: root, path: [], cites: [] }, place.split('.')))
}

/** The sources under `cites`: none, one or several. */
export function sourcesOf(cites: unknown): readonly string[] {
  return [cites].flat().filter((source) => typeof source === 'string')
}

interface Found extends Fact {
  readonly value: unknown
}

function factsAt({ value, path, cites }: Found, [segment, ...rest]: readonly string[]): readonly Fact[] {
  if (typeof value !== 'object' || value === null) return []
  const own = sourcesOf((value as { readonly cites?: unknown }).cites)
  const near = own.length > 0 ? own : cites
  if (segment === undefined) return isOurs(value) ? [] : [{ path, cites: near }]
  return entriesOf(value)
    .filter(([key]) => segment === '*' || key === segment)
    .flatMap(([key, child]) => factsAt({ value: child, path: [...path, key], cites: near }, rest))
}

function entriesOf(value: object): readonly (readonly [string | number, unknown])[] {
  return Array.isArray(value) ? [...value.entries()] : Object.entries(value)
}

/** No vendor documents an event that HERA emits itself. */
function isOurs(value: object): boolean {
  return (value as { readonly source?: unknown }).source === 'emitted'
}
