/** Why no request is sent to an address. */
export type AddressProblem =
  | 'malformed'
  | 'not_https'
  /** It contains a name or password. */
  | 'user_info'
  /** It names this machine, its network, or a network that is not public, or a name resolves to such an address. */
  | 'not_public'
  /** The answer is a redirect, which could lead anywhere. */
  | 'redirect'

/** Resolves a host name to its IP addresses. */
export type Resolve = (hostname: string) => Promise<readonly string[]>

/** The addresses that requests may go to. */
export interface OutgoingOptions {
  /**
   * Hosts that may be private and may use http, with the port where it is not the usual one, such as `127.0.0.1:3000`:
   * for tests, and for systems on your own premises.
   */
  readonly allow?: readonly string[]
  /**
   * Resolves names, so that a public name for a private address is refused. The runtime's own resolver where it has one
   * and `fetch` is not replaced. The connection resolves the name again, and can get another answer (DNS rebinding):
   * `fetch` has no way to name the address of a host, and a URL with the address fails the check of its certificate.
   * Only a service that presents a certificate for the name answers, and no private service has one; if you call names
   * of strangers, let the network refuse private addresses too.
   */
  readonly resolve?: Resolve
  /** Sends the requests; `fetch` of the runtime where it is missing. */
  readonly fetch?: typeof fetch
}

/** A request that was not sent, or an answer that was not followed. */
export class AddressError extends Error {
  override readonly name = 'AddressError'
  readonly problem: AddressProblem

  constructor(problem: AddressProblem) {
    // The address can be a secret, so the message leaves it out.
    super(`the address is refused: ${problem}`)
    this.problem = problem
  }
}

/** Why an address is refused, as far as the address itself shows; undefined where it is fine. */
export function addressProblem(
  address: string | URL,
  { allow = [] }: Pick<OutgoingOptions, 'allow'> = {},
): AddressProblem | undefined {
  if (!URL.canParse(String(address))) return 'malformed'
  const { protocol, username, password, host, hostname } = new URL(address)
  if (username !== '' || password !== '') return 'user_info'
  const isAllowed = allow.some((one) => one.toLowerCase() === host)
  if (protocol !== 'https:' && !(isAllowed && protocol === 'http:')) return 'not_https'
  return isAllowed || isPublicHost(hostname) ? undefined : 'not_public'
}

/**
 * A `fetch` that sends only to public https addresses and follows no redirect: it throws an AddressError instead. A
 * caller that asks for `redirect: 'manual'` gets the answer itself.
 */
export function guardedFetch({ fetch: own, allow, resolve }: OutgoingOptions = {}): typeof fetch {
  const resolver = resolve ?? (own === undefined ? systemResolver() : undefined)
  return async (input, init) => {
    const url = new URL(typeof input === 'object' && 'url' in input ? input.url : input)
    const problem = addressProblem(url, { allow: allow ?? [] })
    if (problem !== undefined) throw new AddressError(problem)
    const isAllowed = addressProblem(url) !== undefined
    if (resolver !== undefined && !isAllowed && !isIpAddress(url.hostname)) {
      const addresses = await resolver(withoutDot(url.hostname))
      if (addresses.length === 0 || !addresses.every((address) => isPublicAddress(address)))
        throw new AddressError('not_public')
    }
    const response = await (own ?? fetch)(input, { ...init, redirect: 'manual' })
    const asked = init?.redirect ?? (typeof input === 'object' && 'redirect' in input ? input.redirect : 'error')
    if (asked !== 'manual' && isRedirect(response)) throw new AddressError('redirect')
    return response
  }
}

function isRedirect({ status, type }: Response): boolean {
  return type === 'opaqueredirect' || [301, 302, 303, 307, 308].includes(status)
}

interface Lookup {
  readonly lookup: (name: string, options: { readonly all: true }) => Promise<readonly { readonly address: string }[]>
}

/** Node, Bun and Deno resolve names; no module is imported for it, since other runtimes do not have it. */
function systemResolver(): Resolve | undefined {
  const { process } = globalThis as {
    readonly process?: { readonly getBuiltinModule?: (name: string) => unknown }
  }
  const dns = process?.getBuiltinModule?.('dns/promises') as Lookup | undefined
  if (typeof dns?.lookup !== 'function') return undefined
  return async (hostname) => (await dns.lookup(hostname, { all: true })).map(({ address }) => address)
}

/** Endings of names that only a machine or a local network knows (RFC 6761, 6762, 8375, and cloud metadata). */
const LOCAL_NAMES = ['localhost', 'local', 'localdomain', 'internal', 'home.arpa']

/** The host of a parsed URL: decimal, octal and hexadecimal forms of IPv4 have become the usual one. */
function isPublicHost(hostname: string): boolean {
  if (isIpAddress(hostname)) return isPublicAddress(hostname, { isWritten: true })
  const name = withoutDot(hostname)
  return name.includes('.') && !LOCAL_NAMES.some((local) => name === local || name.endsWith(`.${local}`))
}

function withoutDot(hostname: string): string {
  return hostname.replace(/\.+$/, '')
}

function isIpAddress(hostname: string): boolean {
  return hostname.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(hostname)
}

/**
 * Whether an IP address is a public one. Addresses that wrap an IPv4 address (mapped, NAT64) are public where a resolver
 * gives them for a public one, and never where they are written in a URL.
 */
function isPublicAddress(address: string, { isWritten = false } = {}): boolean {
  if (!address.includes(':')) return isPublicIpv4(address)
  const [bare = ''] = address.replace(/^\[|\]$/g, '').split('%')
  if (!URL.canParse(`http://[${bare}]/`)) return false
  const groups = groupsOf(new URL(`http://[${bare}]/`).hostname.slice(1, -1))
  const [first = 0, second = 0] = groups
  const embedded = embeddedIpv4(groups)
  if (embedded !== undefined) return !isWritten && isPublicIpv4(embedded)
  // Of what is assigned to the internet (2000::/3): without Teredo and its neighbours, documentation, and 6to4.
  if (first < 0x2000 || first > 0x3fff || first === 0x2002 || (first === 0x3fff && second < 0x1000)) return false
  return first !== 0x2001 || (second >= 0x200 && second !== 0xdb8)
}

/** The eight numbers of an IPv6 address as URLs write it. */
function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = address.split('::')
  const numbers = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)))
  const [left, right] = [numbers(head), numbers(tail ?? '')]
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right]
}

/** The IPv4 address in ::ffff:0:0/96 or 64:ff9b::/96. */
function embeddedIpv4(groups: readonly number[]): string | undefined {
  const prefix = groups.slice(0, 6).join(':')
  if (prefix !== '0:0:0:0:0:65535' && prefix !== '100:65435:0:0:0:0') return undefined
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.')
}

/** Networks that are not public, from IANA's registry of special-purpose addresses: first address and prefix length. */
const SPECIAL_IPV4: readonly (readonly [network: string, length: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  // Multicast, and everything above it.
  ['224.0.0.0', 3],
]

function isPublicIpv4(address: string): boolean {
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(address)) return false
  const number = numberOf(address)
  return !SPECIAL_IPV4.some(([network, length]) => {
    const size = 2 ** (32 - length)
    return Math.floor(number / size) === Math.floor(numberOf(network) / size)
  })
}

function numberOf(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0)
}
