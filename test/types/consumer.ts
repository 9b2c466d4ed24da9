// A project of somebody else, which uses the types of two connectors that name an event alike. It is compiled in the
// tests, never run. Every line under @ts-expect-error must be refused: where it is not, the compiler says so.
import type { AcmeCrmInstallation, ContactCreatedAddress } from '../golden/typescript/connectors/acme-crm.js'
import {
  acmeCrm,
  type ConnectorCode,
  type ConnectorsAnswer,
  type ConnectorsRequest,
  type connectorCodes,
  type ErrorAnswer,
  type EventAnswer,
  type EventData,
  type EventRequest,
  type EventType,
  type HeraEvent,
  type Installation,
  type InstallRequest,
  type LogsAnswer,
  type LogsRequest,
  paths,
  type RequestHeaders,
  type SmartCode,
  zenithCrm,
} from '../golden/typescript/index.js'

type Equal<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false
function holds<T extends true>(): T | undefined {
  return undefined
}

holds<Equal<ConnectorCode, 'acme-crm' | 'zenith-crm'>>()
holds<Equal<(typeof connectorCodes)[number], ConnectorCode>>()
holds<Equal<EventType<'acme-crm'>, 'contact_created' | 'contact_polled' | 'contact_added' | 'contact_merged'>>()
holds<Equal<EventType, EventType<'acme-crm'> | EventType<'zenith-crm'>>>()
holds<Equal<EventData<'acme-crm', 'contact_created'>, acmeCrm.ContactCreatedData>>()
holds<Equal<EventData<'zenith-crm', 'contact_created'>, zenithCrm.ContactCreatedData>>()
holds<Equal<SmartCode<'acme-crm', 'contact_created'>, 'HERA.ACME.EVENT.CONTACT.CREATED.v1'>>()
holds<Equal<Installation<'acme-crm'>, AcmeCrmInstallation>>()
holds<Equal<Extract<HeraEvent, { connector_code: 'zenith-crm'; event_type: 'contact_merged' }>, never>>()
// @ts-expect-error no such event of this connector
holds<Equal<EventData<'zenith-crm', 'contact_merged'>, never>>()
// @ts-expect-error no such connector
holds<Equal<EventType<'omega-crm'>, never>>()

const address: ContactCreatedAddress = { city: 'Springfield' }
const created: EventData<'acme-crm', 'contact_created'> = { contact_id: 'c_1', stage: 'lead', address }
// @ts-expect-error contact_id is required
export const without: EventData<'acme-crm', 'contact_created'> = { email: 'ada@example.com' }
// @ts-expect-error the stage is one of two
export const wrongStage: EventData<'acme-crm', 'contact_created'> = { contact_id: 'c_1', stage: 'stranger' }
// @ts-expect-error the score is a number
export const wrongScore: EventData<'acme-crm', 'contact_created'> = { contact_id: 'c_1', score: '12' }
// @ts-expect-error fields that the event does not have are refused
export const unknownField: EventData<'acme-crm', 'contact_created'> = { contact_id: 'c_1', nickname: 'Ada' }
// @ts-expect-error an optional field is absent rather than undefined
export const undefinedField: EventData<'acme-crm', 'contact_created'> = { contact_id: 'c_1', email: undefined }
export const openEvent: EventData<'acme-crm', 'contact_polled'> = { contact_id: 'c_1', anything: ['else'] }

export const install: ConnectorsRequest = {
  operation: 'INSTALL',
  connector_code: 'acme-crm',
  installation_config: { client_id: 'acme0001', client_secret: 'secret' },
}
export const incomplete: InstallRequest<'acme-crm'> = {
  operation: 'INSTALL',
  connector_code: 'acme-crm',
  // @ts-expect-error the client secret is required
  installation_config: { client_id: 'acme0001' },
}
export const list: ConnectorsRequest = { operation: 'LIST', connector_type: 'INTEGRATION_CONNECTOR_DEF' }
export const pause: ConnectorsRequest = { operation: 'PAUSE', installation_id: '1' }
export const uninstall: ConnectorsRequest = { operation: 'UNINSTALL', connector_code: 'zenith-crm' }
// @ts-expect-error nothing says which installation
export const pauseNothing: ConnectorsRequest = { operation: 'PAUSE' }
// @ts-expect-error no such operation
export const restart: ConnectorsRequest = { operation: 'RESTART' }

export const record: EventRequest = {
  event_source: 'acme-crm',
  event_type: 'contact_created',
  connector_code: 'acme-crm',
  event_data: created,
  smart_code: 'HERA.ACME.EVENT.CONTACT.CREATED.v1',
  idempotency_key: 'c_1',
  options: { create_transaction: true },
}
export const otherSmartCode: EventRequest<'acme-crm', 'contact_created'> = {
  event_source: 'acme-crm',
  event_type: 'contact_created',
  connector_code: 'acme-crm',
  event_data: created,
  // @ts-expect-error the smart code of another connector
  smart_code: 'HERA.ZENITH.EVENT.CONTACT.CREATED.v1',
}

/** Narrowing by connector and event type gives the data of that event. */
export function describe(event: HeraEvent): string {
  switch (event.connector_code) {
    case 'acme-crm':
      switch (event.event_type) {
        case 'contact_created':
          holds<Equal<typeof event.event_data, acmeCrm.ContactCreatedData>>()
          return event.event_data.contact_id
        case 'contact_merged':
          // @ts-expect-error a field of another event
          event.event_data.contact_id
          return event.event_data.winner.id
        case 'contact_polled':
        case 'contact_added':
          return event.event_data.contact_id ?? ''
        default:
          return event satisfies never
      }
    case 'zenith-crm':
      return event.event_type
    default:
      return event satisfies never
  }
}

/** The connector and the event type are inferred from the request. */
declare function send<C extends ConnectorCode, E extends EventType<C>>(request: EventRequest<C, E>): E
const sent = send({
  event_source: 'acme-crm',
  connector_code: 'acme-crm',
  event_type: 'contact_created',
  event_data: { contact_id: 'c_1' },
})
holds<Equal<typeof sent, 'contact_created'>>()
send({
  event_source: 'acme-crm',
  connector_code: 'acme-crm',
  event_type: 'contact_created',
  // @ts-expect-error contact_id is a text
  event_data: { contact_id: 1 },
})

const headers: RequestHeaders = {
  Authorization: 'Bearer token',
  'X-Organization-Id': '5c5a0b56-2f8f-4d0c-9a51-0a8c3a0a2b11',
  'Content-Type': 'application/json',
}
const logsRequest: LogsRequest = { limit: 50, status: 'error' }
void { path: paths.logs, headers, body: logsRequest }
// @ts-expect-error no such status
export const wrongStatus: LogsRequest = { limit: 50, status: 'lost' }

export function read(logs: LogsAnswer, event: EventAnswer, failure: ErrorAnswer): readonly (string | boolean)[] {
  return [...logs.data.logs.map(({ message }) => message), event.data.duplicate ?? false, failure.error, failure.rid]
}
export function names(answer: ConnectorsAnswer<'LIST'>): readonly unknown[] {
  return answer.data.connectors.map(({ config }) => Object.keys(config))
}

export const scope: 'contacts.read' = acmeCrm.requiredScopes[0]
export const pointers: readonly ['/contact_id'] = zenithCrm.idempotencyKeys.contact_created
export const replacement: 'contacts.write' = acmeCrm.retiredScopes.contacts[1]
// @ts-expect-error constants cannot be changed
acmeCrm.endpoints.contacts.method = 'POST'
