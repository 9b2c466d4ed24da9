/** An address that a definition may contain: https, absolute, without credentials; undefined for any other. */
export function webAddress(text: string | undefined, base?: string): string | undefined {
  if (text === undefined || !URL.canParse(text, base)) return undefined
  const { protocol, username, password, href } = new URL(text, base)
  if (protocol !== 'https:' || username !== '' || password !== '' || href.length > 500) return undefined
  // What the parser adds, such as a slash behind the host, the vendor has not written.
  return text.startsWith('https://') && isPlain(text) ? text : isPlain(href) ? href : undefined
}

/** Only what RFC 3986 allows in an address; braces and blanks would be refused. */
function isPlain(text: string): boolean {
  return /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/.test(text) && !/%(?![0-9A-Fa-f]{2})/.test(text)
}

/** Servers on which vendors let others try their API. */
const FOR_TESTS = /\b(?:sandbox|staging|stage|test|testing|development|dev|demo|mock|uat|qa|preprod|localhost)\b/i

/** Whether a server is not the one for production, by its host and by what the document says of it. */
export function isForTests(address: string, description = ''): boolean {
  if (FOR_TESTS.test(new URL(address).hostname)) return true
  return FOR_TESTS.test(description) && !/\b(?:production|live)\b/i.test(description)
}
