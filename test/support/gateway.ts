import { createHmac } from 'node:crypto'
import { tokenVerifier } from '../../generator/kit/bearer-token.ts'
import type { CallFunction } from '../../generator/kit/database.ts'
import { DatabaseError } from '../../generator/kit/database.ts'
import type { TestDatabase } from './databases.ts'
import { ACTOR, call } from './runtime.ts'

/** A secret of tokens, as Supabase signs them. */
export const JWT_SECRET = 'a secret of tokens, which has more than 32 characters'

/** A bearer token of a user. */
export function tokenOf(subject: string, claims: object = {}, secret = JWT_SECRET, alg = 'HS256'): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const exp = Math.floor(Date.now() / 1000) + 600
  const text = `${part({ alg, typ: 'JWT' })}.${part({ sub: subject, aud: 'authenticated', exp, ...claims })}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

export const verifyToken = tokenVerifier({ secret: JWT_SECRET })

/** The functions of a database, called as PostgREST calls them: as service_role. */
export function callOf(database: Pick<TestDatabase, 'exec'>): CallFunction {
  let last: Promise<unknown> = Promise.resolve()
  return (name, given) => {
    // A session runs one statement at a time.
    const result = last.then(async () => {
      try {
        await database.exec('set role service_role')
        return await call(database, name, given)
      } catch (error) {
        const { code, message, detail, hint } = error as DatabaseError
        throw new DatabaseError({ code, message, detail, hint })
      } finally {
        await database.exec('reset role')
      }
    })
    last = result.catch(() => undefined)
    return result
  }
}

/** Makes a user with a membership of an organization, and a role. */
export async function makeUser(
  database: Pick<TestDatabase, 'exec'>,
  {
    id,
    subject,
    organization,
    role,
  }: Readonly<Record<'id' | 'subject', string>> & {
    readonly organization?: string
    readonly role?: string
  },
): Promise<void> {
  await database.exec(`
    insert into core_entities (id, organization_id, entity_type, entity_name, smart_code, metadata, created_by)
    values ('${id}', '00000000-0000-0000-0000-000000000000', 'USER', 'User', 'HERA.PLATFORM.USER.ENTITY.PERSON.v1',
            '{"provider_uid": "${subject}"}', '${ACTOR}')`)
  if (organization === undefined) return
  const data = role === undefined ? '{}' : JSON.stringify({ role_code: role })
  await database.exec(`
    insert into core_entities (id, organization_id, entity_type, entity_name, entity_code, smart_code, created_by)
    values ('${organization}', '${organization}', 'ORGANIZATION', 'Own', 'OWN', 'HERA.PLATFORM.ORG.ENTITY.OWN.v1', '${ACTOR}')
    on conflict do nothing;
    insert into core_relationships (organization_id, from_entity_id, to_entity_id, relationship_type, relationship_data, smart_code, created_by)
    values ('${organization}', '${id}', '${organization}', 'MEMBER_OF', '${data}', 'HERA.PLATFORM.USER.MEMBER.ORG.v1', '${ACTOR}')`)
}
