import type { Auth } from '../compiled/definition.ts'

type Member = keyof Auth

interface AuthElement {
  /** Members that an active connector with this type must have. */
  readonly needs: readonly Member[]
  /** Members that have a meaning only with types that list them here or under `needs`. */
  readonly allows: readonly Member[]
}

/** All types of authentication; the schema has the same list in `auth.type`. */
export const authElements: Readonly<Record<Auth['type'], AuthElement>> = {
  api_key: { needs: [], allows: ['scopes', 'tokens', 'refresh'] },
  oauth2: {
    needs: ['authorization_url', 'token_url', 'oauth', 'scopes', 'tokens', 'refresh'],
    allows: ['revocation_url', 'introspection_url', 'scope_separator'],
  },
  webhook: { needs: [], allows: ['scopes', 'tokens', 'refresh'] },
  unknown: { needs: [], allows: ['scopes', 'tokens', 'refresh'] },
}

const TYPED: ReadonlySet<string> = new Set(
  Object.values(authElements).flatMap(({ needs, allows }) => [...needs, ...allows]),
)

/** Members that the type of authentication needs and that are missing. */
export function missingMembers(auth: Auth): readonly Member[] {
  return authElements[auth.type].needs.filter((member) => auth[member] === undefined)
}

/** Members that have no effect with the type of authentication. */
export function superfluousMembers(auth: Auth): readonly string[] {
  const { needs, allows } = authElements[auth.type]
  const known: readonly string[] = [...needs, ...allows]
  return Object.keys(auth).filter((member) => TYPED.has(member) && !known.includes(member))
}
