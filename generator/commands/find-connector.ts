import { OperationalError } from '../diagnostics/operational-error.ts'
import type { Connector, ConnectorEvent, Registry } from '../model/connector.ts'
import { suggestion } from '../text/closest.ts'

/** The connector that a user names; an `OperationalError` that says which there are, where it is none of them. */
export function findConnector({ connectors }: Registry, code: string): Connector {
  const found = connectors.find((connector) => connector.code === code)
  if (found !== undefined) return found
  const codes = connectors.map((connector) => connector.code)
  throw new OperationalError(`there is no connector "${code}"${suggestion(code, codes)}`, {
    help: `the connectors are ${codes.join(', ')}`,
  })
}

/** The event of a connector that a user names, or an `OperationalError` with the events of the connector. */
export function findEvent({ code, events }: Connector, name: string): ConnectorEvent {
  const found = events.find((event) => event.name === name)
  if (found !== undefined) return found
  const names = events.map((event) => event.name)
  throw new OperationalError(`${code} has no event "${name}"${suggestion(name, names)}`, {
    help: names.length === 0 ? 'it has no events' : `its events are ${names.join(', ')}`,
  })
}
