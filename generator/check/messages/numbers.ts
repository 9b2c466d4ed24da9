import { describe, show } from './describe.ts'
import type { Message, SchemaViolation } from './message.ts'
import { nameOf, schemaOf, writtenAt } from './message.ts'

const TIMES = /\b(second|minute|hour|day)s?\b/i
const BYTES: Readonly<Record<string, number>> = { kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30, k: 1000, m: 1_000_000 }

/** A number with its unit, with separators, or in words. */
export function numberInText(violation: SchemaViolation): Message | undefined {
  const { error } = violation
  const wanted = [error.params.type].flat()
  if (error.keyword !== 'type' || typeof error.data !== 'string') return undefined
  if (!wanted.includes('integer') && !wanted.includes('number')) return undefined
  const expected = {
    code: 'type',
    message: `expected ${wanted.includes('integer') ? 'a whole number' : 'a number'}, got ${show(error.data)}`,
    at: 'value',
  } as const
  if (/unlimited|none|no limit/i.test(error.data) && nameOf(violation.path) === 'limit')
    return { ...expected, help: 'leave limit and per out, and write under formula in words how far one can go' }
  const number = numberIn(error.data)
  if (number === undefined) return undefined
  const [, time] = TIMES.exec(error.data) ?? []
  const per =
    time === undefined || nameOf(violation.path) !== 'limit' ? '' : `; the time goes into per: ${time.toLowerCase()}`
  return { ...expected, help: `write only the number: ${number}${per}` }
}

function numberIn(text: string): number | undefined {
  const [, digits = '', unit = ''] =
    /^(?:~|about |max |<=? ?)?([0-9][0-9_, ]*(?:\.[0-9]+)?)\s*([a-z]*)/i.exec(text.trim()) ?? []
  if (digits === '') return undefined
  const number = Number(digits.replace(/[_, ]/g, ''))
  return Number.isNaN(number) ? undefined : number * (BYTES[unit.toLowerCase()] ?? 1)
}

/** A version or a date of which YAML makes a number. */
export function numberForText(violation: SchemaViolation): Message | undefined {
  const { error } = violation
  if (error.keyword !== 'type' || typeof error.data !== 'number') return undefined
  const { text } = writtenAt(violation)
  const { pattern, format } = schemaOf(violation)
  if (format === 'date')
    return { code: 'type', message: `${text} is not a date`, help: describe(schemaOf(violation)), at: 'value' }
  if (typeof pattern !== 'string' || !pattern.includes('0|[1-9]')) return undefined
  const meant = [...text.split('.'), '0', '0'].slice(0, 3).join('.')
  return { code: 'type', message: `${text} is not a version of three numbers`, help: `write ${meant}`, at: 'value' }
}

/** A number beyond what the format allows. */
export function outOfRange({ error, path }: SchemaViolation): string | undefined {
  if (error.keyword === 'minimum') return `"${nameOf(path)}" is ${error.data}; the smallest is ${error.params.limit}`
  if (error.keyword === 'maximum') return `"${nameOf(path)}" is ${error.data}; the largest is ${error.params.limit}`
  return undefined
}
