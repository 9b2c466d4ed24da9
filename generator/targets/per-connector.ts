import type { Connector } from '../model/connector.ts'

/** What several targets make of a connector is made once, and forgotten with the connector. */
export function perConnector<Made>(make: (connector: Connector) => Made): (connector: Connector) => Made {
  const known = new WeakMap<Connector, Made>()
  return (connector) => {
    const made = known.get(connector) ?? make(connector)
    known.set(connector, made)
    return made
  }
}
