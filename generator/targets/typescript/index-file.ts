import { render } from '../../compiled/templates.js'
import type { OutputFile, Registry } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { identifier, lineComments, literal } from './code.ts'

/** The entry: everything over all connectors, and each connector as a namespace of its own. */
export function indexFile({ connectors }: Registry): OutputFile {
  return {
    path: 'typescript/index.ts',
    text: render('typescript/index', {
      header: lineComments(headerLines()),
      connectors: connectors.map(({ code, variable_name }) => ({
        namespace: identifier(variable_name),
        module: literal(`./connectors/${code}.js`),
      })),
    }),
  }
}
