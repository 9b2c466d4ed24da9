import { createHash, timingSafeEqual } from 'node:crypto'
import type { JWTVerifyGetKey } from 'jose'
import { refuse } from '../kit/gateway-problem.ts'
import { isUuid } from '../text/uuid.ts'
import type { Actor } from './runtime.ts'

/** Who may come in. */
export interface AccessOptions {
  /** The token of this machine; it stands for every organization of `organizations`. */
  readonly token: string
  readonly organizations: readonly string[]
  /** The actor that is written for the local token. */
  readonly userId: string
  /** Address of the public keys by which real tokens are verified. */
  readonly keys?: URL | undefined
  /** Who must have issued real tokens. */
  readonly issuer?: string | undefined
}

/** Finds out on whose behalf a request is made, or refuses it. */
export type Access = (authorization: string | undefined, organization: string | undefined) => Promise<Actor>

/** Signed with a private key: a shared secret has no place in a set of public keys. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']

export function accessBy({ token, organizations, userId, keys, issuer }: AccessOptions): Access {
  let keySet: JWTVerifyGetKey | undefined
  const claimsOf = async (bearer: string) => {
    if (keys === undefined) return undefined
    const jose = await import('jose')
    keySet ??= jose.createRemoteJWKSet(keys)
    const { payload } = await jose.jwtVerify(bearer, keySet, {
      algorithms: ALGORITHMS,
      requiredClaims: ['sub', 'exp'],
      ...(issuer === undefined ? {} : { issuer }),
    })
    return payload
  }
  return async (authorization, organization) => {
    const bearer = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
    const isLocal = bearer !== undefined && isEqualInConstantTime(bearer, token)
    const claims = bearer === undefined || isLocal ? undefined : await claimsOf(bearer).catch(() => undefined)
    const subject = claims?.sub
    if (!isLocal && (subject === undefined || !isUuid(subject)))
      refuse({ status: 401, error: 'invalid_token', headers: { 'www-authenticate': 'Bearer' } })
    if (organization === undefined || !isUuid(organization))
      refuse({ status: 400, error: 'no_organization_context', message: 'X-Organization-Id must be a UUID' })
    const organizationId = organization.toLowerCase()
    if (isLocal) {
      if (!organizations.includes(organizationId))
        refuse({ status: 403, error: 'actor_not_member', message: 'the local token is for the local organizations' })
      return { organizationId, userId }
    }
    return { organizationId, userId: subject ?? '', caller: { claims: { ...claims, role: 'authenticated' } } }
  }
}

/** Compares two texts in constant time. */
export function isEqualInConstantTime(left: string, right: string): boolean {
  const [one, other] = [left, right].map((text) => createHash('sha256').update(text).digest())
  return one !== undefined && other !== undefined && timingSafeEqual(one, other)
}
