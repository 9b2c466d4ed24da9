import type { OutputFile, Registry } from '../../model/connector.ts'
import { exampleConnector, guidePage } from './guide-page.ts'
import { fence, nothing } from './markdown.ts'
import { eventUsage, installUsage } from './usage.ts'

/** From nothing to the first event. */
export function quickStartPage({ connectors }: Registry): OutputFile {
  const example = exampleConnector(connectors)
  const event = example?.events[0]
  return guidePage(
    {
      name: 'quick-start',
      title: 'Quick start',
      description: 'Register the connectors, install one, record an event, and try it all on your desk.',
    },
    {
      install: example === undefined ? nothing : fence('ts', installUsage(example)),
      record: example === undefined || event === undefined ? nothing : fence('ts', eventUsage(example, event)),
      // A code is lower-case letters, digits and hyphens.
      simulate: example?.code ?? '',
    },
  )
}
