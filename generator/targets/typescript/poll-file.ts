import type { Connector, Json, OutputFile } from '../../model/connector.ts'
import { pollsConfig } from '../../model/poll-config.ts'
import { headerLines } from '../header.ts'
import { code, denseLiteral, documentationComment, lineComments, literal, objectLiteral } from './code.ts'

/** How a connector's events are polled for, for the kit; no file if there is nothing that the kit can poll for. */
export function pollFiles(connector: Connector): readonly OutputFile[] {
  const polls = pollsConfig(connector)
  if (polls === undefined) return []
  const members = Object.entries(polls).map(([name, value]) => ({
    name,
    value: denseLiteral(value as unknown as Json),
  }))
  const comment = documentationComment({ paragraphs: [`How events of ${connector.name} are polled for.`] })
  return [
    {
      path: `typescript/polls/${connector.code}.ts`,
      text: code`${lineComments(headerLines(connector))}

import type { Events } from ${literal(`../connectors/${connector.code}.js`)}
import type { Polls } from '../kit/poll.js'

${comment ?? code``}
export const polls: Polls<Events> = ${objectLiteral(members)}
`,
    },
  ]
}
