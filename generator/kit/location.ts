/** From the root of a delivery to a value in it; undefined is the root. Written out only where it is needed. */
export interface Location {
  readonly above: Location | undefined
  /** Steps between the location above and the last step. */
  readonly between?: readonly (string | number)[]
  readonly step: string | number
  /** Whether the step is the name of an unpacked or fetched value. */
  readonly isName?: true
}

/** Anywhere in an unpacked or fetched value. */
export const IN_VALUE: Location = { above: undefined, step: '', isName: true }

/** The names and indexes that lead to a location. */
export function stepsTo(location: Location | undefined): readonly (string | number)[] {
  if (location === undefined) return []
  const { above, between = [], step } = location
  return [...stepsTo(above), ...between, step]
}

/** A location as RFC 9535, 2.7, writes it. */
export function normalized(location: Location | undefined): string {
  if (location === undefined) return '$'
  const { above, between = [], step, isName } = location
  if (isName === true) return `$.${step}`
  return `${normalized(above)}${[...between, step].map(written).join('')}`
}

function written(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`
  const name = step.replace(/['\\]/g, '\\$&').replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 9535 escapes them
    /[\u0000-\u001f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `['${name}']`
}
