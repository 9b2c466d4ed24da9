import { packageSource } from '../../compiled/package.js'
import type { OutputFile } from '../../model/connector.ts'
import type { Guide } from './connector-summary.ts'
import { exampleConnector, guidePage } from './guide-page.ts'
import { fence, fragmentOf, nothing } from './markdown.ts'
import { installUsage } from './usage.ts'

/** From nothing to the first event. */
export function quickStartPage({ connectors }: Guide): OutputFile {
  const example = exampleConnector(connectors)
  const simulated = [example, ...connectors].find((connector) => (connector?.signatures ?? []).length > 0)
  return guidePage(
    {
      name: 'quick-start',
      title: 'Quick start',
      description: 'Register the connectors, install one, record an event, and try it all on your desk.',
    },
    {
      package_source: packageSource,
      install: example === undefined ? nothing : fence('ts', installUsage(example)),
      record: example?.events[0] === undefined ? nothing : fragmentOf(example.code, 'record'),
      // A code is lower-case letters, digits and hyphens.
      simulate: simulated?.code ?? '',
    },
  )
}
