/** The longest value that a report shows in full. */
const LONGEST = 60

export function fromTo(old: string, now: string): string {
  return `${old} → ${now}`
}

/** A value as one short text. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const characters = [...text]
  return characters.length <= LONGEST ? text : `${characters.slice(0, LONGEST - 1).join('')}…`
}
