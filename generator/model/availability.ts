import type { Connector } from './connector.ts'

/** Whether installers may choose the connector. HERA's own listing looks at this and not at the row's status. */
export function isAvailable({ status }: Pick<Connector, 'status'>): boolean {
  return status === 'active' || status === 'deprecated'
}
