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
 * The smart code that an event's definition sets; otherwise the words of its name become segments:
 * form_submitted → HERA.HUBSPOT.EVENT.FORM.SUBMITTED.v1
 */
export function smartCodeOf(
  namespace: string,
  name: string,
  { smart_code, version }: { readonly smart_code?: string; readonly version: number },
): string {
  return smart_code ?? `HERA.${namespace}.EVENT.${name.replaceAll('_', '.').toUpperCase()}.v${version}`
}

/** Puts a segment before the version, which HERA wants last: ….v1 and CONFIG → ….CONFIG.v1 */
export function withSegment(smartCode: string, segment: string): string {
  return smartCode.replace(/\.v([0-9]+)$/, `.${segment}.v$1`)
}
