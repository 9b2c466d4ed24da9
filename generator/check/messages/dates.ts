import { describe, show } from './describe.ts'
import type { Message, SchemaViolation } from './message.ts'
import { rewriting, schemaOf, writtenAt } from './message.ts'

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** A date in another order, with a digit or a quote missing, or that no calendar has. */
export function dateMistake(violation: SchemaViolation, data: string): Message | undefined {
  if (violation.error.params.format !== 'date') return undefined
  const meant = meantDate(data)
  const isCertain = meant !== undefined && /^\d{4}-\d{1,2}-\d{1,2}"?$/.test(data)
  const [, month = '', day = ''] = /^\d{4}-(\d{2})-(\d{2})$/.exec(data) ?? []
  const name = MONTHS[Number(month) - 1]
  return {
    code: 'format',
    message:
      name === undefined ? `${show(data)} is not a date of the form 2026-11-23` : `${name} has no day ${Number(day)}`,
    help: meant === undefined ? describe(schemaOf(violation)) : `write "${meant}"`,
    at: 'value',
    ...(isCertain ? { fix: rewriting(writtenAt(violation).span, JSON.stringify(meant)) } : {}),
  }
}

function meantDate(data: string): string | undefined {
  const [, year = '', month = '', day = ''] = /^"?(\d{4})[-./](\d{1,2})[-./](\d{1,2})"?$/.exec(data) ?? []
  if (year !== '') return isoDate(year, month, day)
  const [, first = '', sign = '', second = '', last = ''] = /^(\d{1,2})([./-])(\d{1,2})[./-](\d{4})$/.exec(data) ?? []
  if (last === '') return undefined
  // With dots the day stands first; with slashes only a number beyond twelve tells.
  if (sign === '.' || Number(first) > 12) return isoDate(last, second, first)
  return Number(second) > 12 ? isoDate(last, first, second) : undefined
}

function isoDate(year: string, month: string, day: string): string | undefined {
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const time = Date.parse(`${date}T00:00:00Z`)
  return Number.isNaN(time) || !new Date(time).toISOString().startsWith(date) ? undefined : date
}
