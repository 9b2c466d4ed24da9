/** Text that is safe to place in a script as it is. Only this module makes it. */
export type Sql = string & { readonly Sql: unique symbol }

/** The tags of every dollar quote in the templates that data stands in. */
const TAGS = ['json', 'verify'] as const
const CLOSING = new RegExp(`\\$(?=(?:${TAGS.join('|')})\\$)`, 'g')

/**
 * The JSON of a value as a dollar-quoted literal of type jsonb, laid out a member a line so that a changed line of a
 * definition shows as a changed line of SQL. Pure ASCII, so that no client encoding can change it; and no text in it
 * can end the quote, whatever stands in a definition.
 */
export function jsonLiteral(value: unknown): Sql {
  const ascii = JSON.stringify(value, null, 2).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `$json$${ascii.replace(CLOSING, '\\u0024')}$json$::jsonb` as Sql
}

/** A text as a literal that means the same whatever `standard_conforming_strings` says. Codes and paths only: ASCII. */
export function textLiteral(text: string): Sql {
  if (!/^[ -~]*$/.test(text) || text.includes('\\')) throw new Error(`no plain text: ${JSON.stringify(text)}`)
  return `'${text.replaceAll("'", "''")}'` as Sql
}

/** A comment of one line. */
export function comment(text: string): Sql {
  return `-- ${text.replace(/[^ -~]/g, '?')}` as Sql
}

/** Texts as an array of texts. */
export function textArray(texts: readonly string[]): Sql {
  return `array[${texts.map(textLiteral).join(', ')}]::text[]` as Sql
}

export function uuidLiteral(uuid: string): Sql {
  return `${textLiteral(uuid)}::uuid` as Sql
}
