import type { Connector } from '../model/connector.ts'

/** Shares a result that several targets derive from a connector, for as long as the connector lives. */
export function memoizeByConnector<Made>(make: (connector: Connector) => Made): (connector: Connector) => Made {
  const known = new WeakMap<Connector, Made>()
  return (connector) => {
    const made = known.get(connector) ?? make(connector)
    known.set(connector, made)
    return made
  }
}
