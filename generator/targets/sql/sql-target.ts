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
  emit: async ({ connectors }: Registry) => {
    const staged = connectors.map(stage)
    return [
      seedFile('sql/setup-prebuilt-connectors.sql', staged),
      ...staged.map((one) => seedFile(`sql/connectors/${one.connector.code}.sql`, [one], one.connector)),
      verifyFile(staged),
    ]
  },
}

/** A connector and its rows as one literal, which stands in three files. */
interface Staged {
  readonly connector: Connector
  readonly items: Sql
}

function stage(connector: Connector): Staged {
  return { connector, items: jsonLiteral(seedItems(connector)) }
}

/** `alone` is the one connector that the file is about: it leaves the others in peace. */
function seedFile(path: string, staged: readonly Staged[], alone?: Connector): OutputFile {
  const scope = alone === undefined ? '' : `\n   and known.connector = ${textLiteral(alone.code)}`
  const privileges = textArray(['select', 'insert', 'update'])
  return { path, text: render('sql/seed', { ...common(staged, alone), privileges, scope }) }
}

function verifyFile(staged: readonly Staged[]): OutputFile {
  return {
    path: 'sql/verify.sql',
    text: render('sql/verify', { ...common(staged), privileges: textArray(['select']) }),
  }
}

function common(staged: readonly Staged[], alone?: Connector): object {
  return {
    header: headerLines(alone).map(comment),
    platform: literal('00000000-0000-0000-0000-000000000000'),
    actor: literal('00000000-0000-0000-0000-000000000001'),
    connector_type: textLiteral(CONNECTOR_TYPE),
    event_type: textLiteral(EVENT_TYPE),
    connectors: staged.map(({ connector, items }, index) => ({
      title: comment(connector.code),
      items,
      separator: index === staged.length - 1 ? '' : ',',
    })),
    has_connectors: staged.length > 0,
  }
}

function textArray(texts: readonly string[]): Sql {
  return `array[${texts.map(textLiteral).join(', ')}]` as Sql
}

function literal(uuid: string): Sql {
  return `${textLiteral(uuid)}::uuid` as Sql
}
