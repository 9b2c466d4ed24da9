/** Whether a text is written as a UUID, of whatever version: PostgreSQL and HERA's own ids know none. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text)
}
