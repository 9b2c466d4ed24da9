import { render } from '../../compiled/templates.js'
import type { OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { lineComments } from './code.ts'
import type { ConnectorView } from './registry-file.ts'

/** The entry: everything over all connectors, and each connector as a namespace of its own. */
export function indexFile(connectors: readonly ConnectorView[]): OutputFile {
  return {
    path: 'typescript/index.ts',
    text: render('typescript/index', {
      header: lineComments(headerLines()),
      connectors,
    }),
  }
}
