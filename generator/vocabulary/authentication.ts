import type { Auth } from '../compiled/definition.ts'
import type { Grant } from '../kit/oauth.ts'

type Member = keyof Auth
type OAuthMember = keyof NonNullable<Auth['oauth']>

interface AuthElement {
  /** Members that an active connector with this type must have. */
  readonly needs: readonly Member[]
  /** Members that have a meaning only with types that list them here or under `needs`. */
  readonly allows: readonly Member[]
}

/** All types of authentication; the schema has the same list in `auth.type`. */
export const authElements: Readonly<Record<Auth['type'], AuthElement>> = {
  api_key: { needs: [], allows: ['credentials', 'alternatives', 'scopes', 'tokens', 'refresh'] },
  oauth2: {
    needs: ['token_url', 'oauth'],
    allows: [
      ...(['authorization_url', 'revocation_url', 'introspection_url', 'scope_separator'] as const),
      ...(['credentials', 'alternatives', 'scopes', 'tokens', 'refresh'] as const),
    ],
  },
  webhook: { needs: [], allows: ['credentials', 'scopes', 'tokens', 'refresh'] },
  unknown: { needs: [], allows: ['credentials', 'alternatives', 'scopes', 'tokens', 'refresh'] },
}

const TYPED: ReadonlySet<string> = new Set(
  Object.values(authElements).flatMap(({ needs, allows }) => [...needs, ...allows]),
)

interface GrantElement {
  /** Members of `auth` and of `auth.oauth` that an active connector with this grant must have. */
  readonly needs: readonly Member[]
  readonly needsOfOAuth: readonly OAuthMember[]
  /** Members of `auth` and of `auth.oauth` that have a meaning only with grants that list them here or above. */
  readonly allows: readonly (Member | OAuthMember)[]
}

const CONSENT: readonly Member[] = ['tokens', 'refresh']

/** All grants; the schema has the same list in `oauth.grant`, and the kit in `kit/oauth.ts`. */
export const grantElements: Readonly<Record<Grant, GrantElement>> = {
  authorization_code: {
    needs: ['authorization_url', ...CONSENT],
    needsOfOAuth: ['client_id'],
    allows: ['pkce', 'optional_scope_parameter', 'exchange', 'refresh_url', 'reconnect_on'],
  },
  client_credentials: { needs: [], needsOfOAuth: ['client_id'], allows: ['refresh_url'] },
  device_code: {
    needs: CONSENT,
    needsOfOAuth: ['client_id', 'device_authorization_url'],
    allows: ['exchange', 'refresh_url', 'reconnect_on'],
  },
  jwt_bearer: { needs: [], needsOfOAuth: ['assertion'], allows: [] },
  token_exchange: { needs: [], needsOfOAuth: [], allows: ['refresh_url', 'reconnect_on'] },
  token_call: { needs: [], needsOfOAuth: [], allows: ['refresh_url', 'reconnect_on'] },
}

const GRANTED: ReadonlySet<string> = new Set([
  'authorization_url',
  ...Object.values(grantElements).flatMap(({ needsOfOAuth, allows }) => [...needsOfOAuth, ...allows]),
])
/** Members that every grant may have, although some need them. */
const ANY_GRANT: ReadonlySet<string> = new Set(['client_id', 'assertion'])

/** The grant of a connector with OAuth. */
export function grantOf({ oauth }: { readonly oauth?: { readonly grant?: Grant } }): Grant {
  return oauth?.grant ?? 'authorization_code'
}

/** Paths below `auth` of members that the type of authentication or the grant needs and that are missing. */
export function missingMembers(auth: Auth): readonly (readonly string[])[] {
  const missing = authElements[auth.type].needs.filter((member) => auth[member] === undefined)
  if (auth.type !== 'oauth2' || auth.oauth === undefined) return missing.map((member) => [member])
  const { needs, needsOfOAuth } = grantElements[grantOf(auth)]
  const { oauth } = auth
  return [
    ...[...missing, ...needs.filter((member) => auth[member] === undefined)].map((member) => [member]),
    ...needsOfOAuth.filter((member) => oauth[member] === undefined).map((member) => ['oauth', member]),
  ]
}

/** Members that have no effect with the type of authentication. */
export function superfluousMembers(auth: Auth): readonly string[] {
  const { needs, allows } = authElements[auth.type]
  const known: readonly string[] = [...needs, ...allows]
  return Object.keys(auth).filter((member) => TYPED.has(member) && !known.includes(member))
}

/** Paths below `auth` of members that have no effect with the grant. */
export function membersOfOtherGrants(auth: Auth): readonly (readonly string[])[] {
  if (auth.type !== 'oauth2' || auth.oauth === undefined) return []
  const { needs, needsOfOAuth, allows } = grantElements[grantOf(auth)]
  const known: readonly string[] = [...needs, ...needsOfOAuth, ...allows]
  const isForeign = (member: string) => GRANTED.has(member) && !ANY_GRANT.has(member) && !known.includes(member)
  return [
    ...Object.keys(auth)
      .filter(isForeign)
      .map((member) => [member]),
    ...Object.keys(auth.oauth)
      .filter(isForeign)
      .map((member) => ['oauth', member]),
  ]
}
