import type { Connector, Level } from './connector.ts'
import { factsOf } from './facts.ts'

/** Each level includes the ones before it. */
export const LEVELS: readonly Level[] = ['listed', 'typed', 'proven']

/** A requirement of a level. */
export interface Criterion {
  readonly level: Level
  /** The requirement, as a noun phrase. */
  readonly needs: string
  /** How to meet the requirement. */
  readonly remedy: string
  readonly isMet: (connector: Assessed) => boolean
}

/** The parts of a connector that decide its level. */
export type Assessed = Pick<Connector, 'status' | 'sources' | 'auth' | 'api' | 'rate_limits' | 'privacy'> &
  Pick<Connector, 'events' | 'webhook'>

export const CRITERIA: readonly Criterion[] = [
  {
    level: 'listed',
    needs: 'a status other than `draft`',
    remedy: 'finish the definition and set `status` to `active`',
    isMet: ({ status }) => status !== 'draft',
  },
  {
    level: 'listed',
    needs: 'authentication fields and a base URL',
    remedy: 'describe `auth.fields` and `api.base_url`',
    isMet: ({ auth, api }) => auth.fields.length > 0 && api.base_url !== '',
  },
  {
    level: 'listed',
    needs: 'a call that proves the credentials, unless the credential is a webhook URL',
    remedy: 'name an endpoint in `auth.verification`',
    isMet: ({ auth }) => auth.type === 'webhook' || auth.verification !== undefined,
  },
  {
    level: 'listed',
    needs: 'a source for every fact',
    remedy: 'add `cites` to the facts without one; `explain source/missing` lists which those are',
    isMet: (connector) => factsOf(connector).every(({ cites }) => cites.length > 0),
  },
  {
    level: 'typed',
    needs: 'events with schemas',
    remedy: 'describe what happens under `events`',
    isMet: ({ events = [] }) => events.length > 0,
  },
  {
    level: 'typed',
    needs: 'a delivery rule and a sample for every event that a webhook carries',
    remedy: 'add `webhook.deliveries` and `webhook.samples`',
    isMet: (connector) => {
      const { deliveries = [], samples = [] } = connector.webhook ?? {}
      const carried = new Set(deliveries.map(({ event }) => event))
      const shown = new Set(samples.flatMap(({ events }) => events))
      return pushedIn(connector).every((name) => carried.has(name) && shown.has(name))
    },
  },
  {
    level: 'proven',
    needs:
      "a sample that the vendor's SDK signed or its documentation prints; where the vendor signs nothing, a sample with a token or a stated protection",
    remedy: 'add `headers` and a `proof` to a sample, with `signed_by`',
    isMet: ({ webhook }) => {
      const { signatures = [], samples = [] } = webhook ?? {}
      const proofs = samples.flatMap(({ proof }) => (proof === undefined ? [] : [proof]))
      const isUnsigned =
        signatures.length > 0 && signatures.every(({ algorithm }) => ['token', 'none'].includes(algorithm))
      return proofs.some(({ signed_by }) => isUnsigned || signed_by !== undefined)
    },
  },
  {
    level: 'proven',
    needs: 'for every event that a webhook carries, a sample that cites where the vendor documents its shape',
    remedy: 'add `cites` to a sample of each event',
    isMet: (connector) => {
      const { samples = [] } = connector.webhook ?? {}
      const cited = new Set(samples.flatMap(({ events, cites }) => (cites === undefined ? [] : events)))
      const pushed = pushedIn(connector)
      return pushed.length > 0 && pushed.every((name) => cited.has(name))
    },
  },
]

/** The highest level whose criteria, and those of the levels before it, are all met. */
export function levelOf(connector: Assessed): Level | undefined {
  let level: Level | undefined
  for (const candidate of LEVELS) {
    const criteria = CRITERIA.filter((criterion) => criterion.level === candidate)
    if (!criteria.every(({ isMet }) => isMet(connector))) return level
    level = candidate
  }
  return level
}

/** Names of the events that a webhook carries. */
function pushedIn({ events = [] }: Assessed): readonly string[] {
  return events.filter(({ source }) => source === 'webhook').map(({ name }) => name)
}
