import { render } from '../../compiled/templates.js'
import type { Connector, OutputFile } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { type Code, documentationComment, identifier, indented, lineComments, literal, valueLiteral } from './code.ts'
import { deprecationTags } from './documentation.ts'

/** The types over all connectors: codes, events, installations, and the union of all events. */
export function registryFile(connectors: readonly ConnectorView[]): OutputFile {
  return {
    path: 'typescript/registry.ts',
    text: render('typescript/registry', {
      header: lineComments(headerLines()),
      codes: valueLiteral(connectors.map(({ code }) => code)),
      connectors,
    }),
  }
}

/** A connector as modules over all of them name it. */
export interface ConnectorView {
  readonly code: string
  readonly comment: Code
  readonly namespace: Code
  readonly key: Code
  readonly module: Code
  readonly installation: Code
}

export function connectorView(connector: Connector): ConnectorView {
  const { name, purpose, deprecated, replaced_by } = connector
  const comment = documentationComment({
    paragraphs: [`${name}: ${purpose}`],
    tags: deprecationTags(deprecated, replaced_by),
  })
  return {
    code: connector.code,
    comment: comment === undefined ? literal('') : indented(comment),
    namespace: identifier(connector.variable_name),
    key: literal(connector.code),
    module: literal(`./connectors/${connector.code}.js`),
    installation: identifier(`${connector.type_name}Installation`),
  }
}
