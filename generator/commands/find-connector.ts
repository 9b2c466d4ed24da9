import { OperationalError } from '../diagnostics/operational-error.ts'
import type { Connector, Registry } from '../model/connector.ts'
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
