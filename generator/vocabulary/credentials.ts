import type { Auth } from '../compiled/definition.ts'
import type { DeepReadonly } from '../model/connector.ts'
import { placeProblem } from './places.ts'

type Credential = DeepReadonly<NonNullable<Auth['credentials']>>[number]
type Member = Exclude<keyof Credential, 'in'>

interface CredentialElement {
  /** Members that a credential at this place must have. */
  readonly needs: readonly Member[]
  /** Further members; one of `needs` and `allows` is there. */
  readonly allows: readonly Member[]
}

/** All places of credentials; the schema has the same list in `credential.in`, and the kit in `kit/credentials.ts`. */
export const credentialElements: Readonly<Record<Credential['in'], CredentialElement>> = {
  header: { needs: ['name', 'value'], allows: [] },
  query: { needs: ['name', 'value'], allows: [] },
  cookie: { needs: ['name', 'value'], allows: [] },
  basic: { needs: [], allows: ['username', 'password'] },
}

/** A mistake in a list of credentials. */
export interface CredentialGap {
  readonly index: number
  /** The member at fault, if it is there. */
  readonly member?: Member
  readonly what: string
  readonly help?: string
}

/** Members that credentials lack, or contain without effect, and places that two of them share. */
export function credentialGaps(credentials: readonly Credential[]): readonly CredentialGap[] {
  const places = credentials.map(placeOf)
  return credentials.flatMap((credential, index): readonly CredentialGap[] => {
    const { needs, allows } = credentialElements[credential.in]
    const known: readonly string[] = ['in', ...needs, ...allows]
    const missing = needs.filter((member) => credential[member] === undefined)
    const superfluous = (Object.keys(credential) as Member[]).filter((member) => !known.includes(member))
    const wrong = wrongName(credential)
    return [
      ...missing.map((member) => ({ index, what: `has no \`${member}\`` })),
      ...(needs.length === 0 && allows.every((member) => credential[member] === undefined)
        ? [{ index, what: 'has neither `username` nor `password`' }]
        : []),
      ...superfluous.map((member) => ({
        ...{ index, member, what: `\`${member}\` has no effect in ${credential.in}` },
        help: 'delete it, or correct `in`',
      })),
      ...(wrong === undefined ? [] : [{ index, member: 'name' as const, ...wrong }]),
      ...(places[index] !== undefined && places.indexOf(places[index]) < index
        ? [{ index, what: `is the second credential in ${places[index]}`, help: 'keep one of them' }]
        : []),
    ]
  })
}

/** Names of headers and cookies (RFC 9110, 5.6.2). Some vendors have headers with underscores. */
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/

function wrongName({ in: place, name }: Credential) {
  if (name === undefined || place === 'basic') return undefined
  if (place === 'query') return placeProblem({ in: place, at: name })
  return TOKEN.test(name)
    ? undefined
    : { what: `"${name}" is not the name of a ${place}`, help: 'write the name without spaces, colon and value' }
}

/** The place of a credential. Basic uses the header Authorization. */
function placeOf({ in: place, name }: Credential): string | undefined {
  if (place === 'basic') return 'the header authorization'
  return name === undefined ? undefined : `the ${place} ${place === 'header' ? name.toLowerCase() : name}`
}
