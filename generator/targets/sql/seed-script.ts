import { render } from '../../compiled/templates.js'
import type { Connector } from '../../model/connector.ts'
import { headerLines } from '../header.ts'
import { constants } from './constants.ts'
import type { Sql } from './sql.ts'
import { comment, textArray, textLiteral } from './sql.ts'

/** A part of a seed that ends with a whole statement, and how many connectors are staged once it has run. */
export interface SeedPiece {
  readonly text: string
  readonly staged: number
}

export interface SeedScript {
  /** Codes of the connectors, in order. */
  readonly codes: readonly string[]
  /** Names of the registries whose rows the seed may change; empty for the one without a name. */
  readonly registries: readonly string[]
  /** The one connector that the seed is about: it leaves the others in peace. */
  readonly alone: Connector | undefined
  /** A trial ends with a rollback. */
  readonly ending: 'commit' | 'rollback'
  /** The rows of a connector as a literal. */
  readonly literalOf: (code: string) => Sql
}

/** Connectors that one statement stages: enough that planning it costs little, few enough to be sent at once. */
const BATCH = 20

/**
 * A seed in pieces, for a session that runs them in order; joined they are the script. Made as they are asked for, so
 * that whoever sends them never holds the whole.
 */
export function* seedScript({ codes, registries, alone, ending, literalOf }: SeedScript): Generator<SeedPiece> {
  const scope = alone === undefined ? '' : `\n   and known.connector = ${textLiteral(alone.code)}`
  const header = headerLines(alone).map(comment)
  const privileges = textArray(['select', 'insert', 'update'])
  yield { text: render('sql/seed-begin', { ...constants, header, privileges }), staged: 0 }
  for (let start = 0; start < codes.length; start += BATCH) {
    const batch = codes.slice(start, start + BATCH)
    yield {
      text: render('sql/seed-stage', { connectors: listed(batch, literalOf) }),
      staged: start + batch.length,
    }
  }
  yield {
    text: render('sql/seed-merge', { ...constants, registries: textArray(registries), scope, ending }),
    staged: codes.length,
  }
}

/** Connectors as the templates list them in a `values`. */
export function listed(codes: readonly string[], literalOf: (code: string) => Sql): readonly object[] {
  return codes.map((code, index) => ({
    title: comment(code),
    items: literalOf(code),
    separator: index === codes.length - 1 ? '' : ',',
  }))
}
