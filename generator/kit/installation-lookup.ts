import type { CallFunction } from './database.ts'
import { readInstallation } from './database.ts'
import type { Installation } from './receive-all.ts'
import type { EventRecorder } from './record.ts'

/** An installation that a value of a delivery identifies. */
export interface RoutedInstallation extends Installation {
  readonly organizationId: string
  /**
   * Whether the vendor itself gave the value while the account was connected. Otherwise a user has entered it, and
   * `handleWebhooks` with the option `secrets` leaves the installation out.
   */
  readonly proven: boolean
  /** Records events for the organization. */
  readonly hera: EventRecorder
}

export interface LookupOptions {
  /** The client that records events for an organization. */
  readonly heraOf: (organizationId: string) => EventRecorder
  /** False if the option `secrets` of `handleWebhooks` has the secrets of the app, so that no others are read. */
  readonly readsSecrets?: boolean
}

/** Installations with one value whose secrets are read: one more than `handleWebhooks` uses, so that it reports that. */
const MOST = 6

interface Row {
  readonly installation_id: string
  readonly organization_id: string
  readonly proven: boolean
}

/**
 * The option `installations` of `handleWebhooks`: finds the installations of a connector in HERA's database, through an
 * index. Rejects with a `DatabaseError`; the vendor is then answered with 500, and repeats the delivery.
 */
export function installationLookup(
  call: CallFunction,
  { connector }: { readonly connector: string },
  { heraOf, readsSecrets = true }: LookupOptions,
): (value: string, field: string) => Promise<readonly RoutedInstallation[]> {
  return async (value, field) => {
    const answer = await call('hera_integration_route_v1', {
      p_connector_code: connector,
      p_value: value,
      p_field: field,
    })
    const rows = (answer as readonly Row[]).slice(0, MOST)
    return Promise.all(
      rows.map(async ({ installation_id: id, organization_id: organizationId, proven }) => ({
        ...{ id, organizationId, proven, hera: heraOf(organizationId) },
        ...(readsSecrets ? { secrets: (await readInstallation(call, id))?.configuration ?? {} } : {}),
      })),
    )
  }
}
