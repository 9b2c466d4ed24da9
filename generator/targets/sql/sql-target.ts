import { render } from '../../compiled/templates.js'
import type { Connector, OutputFile, Registry } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import type { Target } from '../target.ts'
import { CONNECTOR_TYPE, EVENT_TYPE, seedItems } from './seed-item.ts'
import type { Sql } from './sql.ts'
import { comment, jsonLiteral, textLiteral } from './sql.ts'

/** SQL that registers the connectors in HERA's tables, all or one, and that compares a database with them. */
export const sqlTarget: Target = {
  name: 'sql',
  folder: 'sql',
  emit: async ({ connectors }: Registry) => [
    seedFile('sql/setup-prebuilt-connectors.sql', connectors),
    ...connectors.map((connector) => seedFile(`sql/connectors/${connector.code}.sql`, [connector], connector)),
    verifyFile(connectors),
  ],
}

/** `alone` is the one connector that the file is about: it leaves the others in peace. */
function seedFile(path: string, connectors: readonly Connector[], alone?: Connector): OutputFile {
  const scope = alone === undefined ? '' : `and metadata ->> 'connector' = ${textLiteral(alone.code)}`
  return { path, text: render('sql/seed', { ...common(connectors, alone), scope }) }
}

function verifyFile(connectors: readonly Connector[]): OutputFile {
  return { path: 'sql/verify.sql', text: render('sql/verify', common(connectors)) }
}

function common(connectors: readonly Connector[], alone?: Connector): object {
  return {
    header: headerLines(alone).map(comment),
    platform: literal('00000000-0000-0000-0000-000000000000'),
    actor: literal('00000000-0000-0000-0000-000000000001'),
    connector_type: textLiteral(CONNECTOR_TYPE),
    event_type: textLiteral(EVENT_TYPE),
    connectors: connectors.map((connector, index) => ({
      title: comment(connector.code),
      items: jsonLiteral(seedItems(connector)),
      separator: index === connectors.length - 1 ? '' : ',',
    })),
    has_connectors: connectors.length > 0,
  }
}

function literal(uuid: string): Sql {
  return `${textLiteral(uuid)}::uuid` as Sql
}
