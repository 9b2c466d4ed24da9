/** HERA's narrowest rule for `core_entities.smart_code`, applied after upper-casing everything but the version. */
export const SMART_CODE = /^HERA\.[A-Z0-9]{3,15}(?:\.[A-Z0-9_]{2,30}){3,8}\.v[0-9]+$/
/** The column's width. */
export const SMART_CODE_LENGTH = 100

/** hubspot-crm → HUBSPOT_CRM */
export function upperSnake(code: string): string {
  return code.replaceAll('-', '_').toUpperCase()
}

/** `HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.HUBSPOT_CRM.v1` */
export function connectorSmartCode(code: string): string {
  return `HERA.PLATFORM.INTEGRATION.CONNECTOR_DEF.${upperSnake(code)}.v1`
}

/**
 * The smart code that an event's definition sets, or the one that follows from its name. Each word becomes a segment:
 * form_submitted → HERA.HUBSPOT.EVENT.FORM.SUBMITTED.v1. HERA accepts only two to six segments of 2 to 30 characters, so
 * in other names words stay together, and WORD_ precedes a single segment: push → HERA.GITHUB.EVENT.WORD_.PUSH.v1.
 * No two names give the same code: words contain no underscore, so the points and underscores of a code show its words.
 */
export function smartCodeOf(
  namespace: string,
  name: string,
  { smart_code, version }: { readonly smart_code?: string; readonly version: number },
): string {
  return smart_code ?? `HERA.${namespace}.EVENT.${segmentsOf(name.toUpperCase()).join('.')}.v${version}`
}

const MOST_SEGMENTS = 6
const LONGEST_SEGMENT = 30

function segmentsOf(name: string): readonly string[] {
  const words = name.split('_')
  const isUsual = words.length > 1 && words.length <= MOST_SEGMENTS && words.every(({ length }) => length > 1)
  if (isUsual) return words
  const packed: string[] = []
  for (const word of words) {
    const joined = `${packed.at(-1)}_${word}`
    if (packed.length > 0 && joined.length <= LONGEST_SEGMENT) packed[packed.length - 1] = joined
    else packed.push(word)
  }
  return packed.length === 1 ? ['WORD_', ...packed] : packed
}

/** Puts a segment before the version, which HERA wants last: ….v1 and CONFIG → ….CONFIG.v1 */
export function withSegment(smartCode: string, segment: string): string {
  return smartCode.replace(/\.v([0-9]+)$/, `.${segment}.v$1`)
}
