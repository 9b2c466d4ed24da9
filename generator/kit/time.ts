/** How a vendor writes times. */
export type TimeForm = 'unix-seconds' | 'unix-milliseconds' | 'date-time'

/** Reads and writes times; all numbers are milliseconds since 1970. */
export interface TimeFormat {
  /** A signed timestamp, which has one spelling. */
  readonly read: (text: string) => number | undefined
  readonly write: (time: number) => string
  /** A value of a delivery, which vendors write less strictly. */
  readonly readValue: (value: unknown) => number | undefined
}

/** All forms of time; the schema has the same list in `$defs/timeForm`. */
export const timeForms: Readonly<Record<TimeForm, TimeFormat>> = {
  'unix-seconds': {
    read: (text) => (/^[1-9]\d{9}$/.test(text) ? Number(text) * 1000 : undefined),
    write: (time) => String(Math.floor(time / 1000)),
    readValue: (value) => unixTime(value, 1000),
  },
  'unix-milliseconds': {
    read: (text) => (/^[1-9]\d{12}$/.test(text) ? Number(text) : undefined),
    write: (time) => String(time),
    readValue: (value) => unixTime(value, 1),
  },
  'date-time': {
    // RFC 3339 with an offset: a local time does not say when it was.
    read: (text) =>
      /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/i.test(text) &&
      !Number.isNaN(Date.parse(text))
        ? Date.parse(text)
        : undefined,
    write: (time) => new Date(time).toISOString(),
    readValue: (value) => (typeof value === 'string' && DATE_TIME.test(value) ? Date.parse(value) : undefined),
  },
}

/** With an offset in any spelling: a local time is ambiguous. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/

function unixTime(value: unknown, factor: number): number | undefined {
  if (typeof value === 'number') return value * factor
  return typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) * factor : undefined
}
