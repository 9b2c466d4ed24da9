import { isPlaceholderPhone, isTestCard } from './placeholder-values.ts'
import type { Match } from './secrets.ts'

/** Everything in a text that looks like data of a real person. Libraries are loaded where there is work for them. */
export async function personalDataIn(text: string): Promise<readonly Match[]> {
  return [
    ...(await addressesIn(text)),
    ...(await phonesIn(text)),
    ...(await cardsIn(text)),
    ...(await accountsIn(text)),
  ]
}

const ADDRESS = /[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})/g

/** Domains that belong to nobody (RFC 2606 and 6761). */
const RESERVED_DOMAIN = /(?:^|\.)(?:example(?:\.(?:com|net|org))?|test|invalid|localhost|local)$/i

/** Mailboxes of a company rather than of a person (RFC 2142, and what vendors use besides). */
const ROLES =
  /^(?:abuse|admin|api|billing|contact|developers?|dpo|feedback|git|hello|help|hostmaster|info|legal|marketing|no-?reply|postmaster|press|privacy|sales|security|service|support|team|user|webmaster)(?:[+.-]|$)/i

async function addressesIn(text: string): Promise<readonly Match[]> {
  const found = linesWith('@', text)
    .flatMap(({ line, start }) =>
      matchesOf(line, ADDRESS).map(({ index, 0: address, 1: domain = '' }) => ({
        address,
        domain,
        from: start + index,
      })),
    )
    .filter(({ address, domain }) => {
      return !RESERVED_DOMAIN.test(domain) && !ROLES.test(address.slice(0, address.indexOf('@')))
    })
  if (found.length === 0) return []
  const { parse } = await import('tldts')
  // What ends in no public suffix, such as name@host.yaml, reaches nobody.
  return found
    .filter(({ domain }) => parse(domain, { allowPrivateDomains: false }).isIcann === true)
    .map(({ address, from }) => ({ what: 'an e-mail address', from, to: from + address.length }))
}

/** The lines that hold a sign, for patterns that would try every word of all others in vain. */
function linesWith(sign: string, text: string): readonly { readonly line: string; readonly start: number }[] {
  const found: { readonly line: string; readonly start: number }[] = []
  for (let at = text.indexOf(sign); at !== -1; ) {
    const start = text.lastIndexOf('\n', at) + 1
    const end = text.indexOf('\n', at)
    const line = text.slice(start, end === -1 ? text.length : end)
    found.push({ line, start })
    at = end === -1 ? -1 : text.indexOf(sign, end)
  }
  return found
}

/** With the sign + before it, or behind a key that says so: any other run of digits is an id. */
const INTERNATIONAL = /(?<![\w+])\+([1-9](?:[ ().-]{0,2}[0-9]){7,14})(?![0-9])/g
const BEHIND_KEY =
  /((?:phone|mobile|msisdn|(?<![a-z])(?:tel|wa_id))[a-z_]{0,30})["']?\s{0,4}[:=]\s{0,4}["']?([1-9][0-9]{7,14})(?![0-9])/gi

async function phonesIn(text: string): Promise<readonly Match[]> {
  const candidates = [
    ...matchesOf(text, INTERNATIONAL).map((match) => ({ match, digits: match[1] ?? '' })),
    ...matchesOf(text, BEHIND_KEY)
      .filter(([, key = '']) => key.toLowerCase() === 'wa_id' || !/id$/i.test(key))
      .map((match) => ({ match, digits: match[2] ?? '' })),
  ]
  if (candidates.length === 0) return []
  const { parsePhoneNumberFromString } = await import('libphonenumber-js/max')
  return candidates.flatMap(({ match, digits }) => {
    const number = parsePhoneNumberFromString(`+${digits.replace(/\D/g, '')}`)
    return number?.isValid() === true && !isPlaceholderPhone(number) ? [placed('a telephone number', match)] : []
  })
}

const CARD = /(?<![\w.+-])[2-6](?:[ -]?[0-9]){12,18}(?![\w.-])/g
/** Every tenth id passes the check sum of cards. */
const BEHIND_ID = /(?:^|[^a-z0-9])[a-z0-9_-]{0,30}id["']?\s{0,4}[:=]\s{0,4}["'[]{0,2}$/i

async function cardsIn(text: string): Promise<readonly Match[]> {
  const candidates = matchesOf(text, CARD).filter(
    ({ index }) => !BEHIND_ID.test(text.slice(Math.max(0, index - 50), index)),
  )
  if (candidates.length === 0) return []
  const { default: validator } = await import('card-validator')
  return candidates.flatMap((match) => {
    const digits = match[0].replace(/\D/g, '')
    return validator.number(digits).isValid && !isTestCard(digits) ? [placed('a payment card number', match)] : []
  })
}

const ACCOUNT = /(?<!\w)[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)/g

async function accountsIn(text: string): Promise<readonly Match[]> {
  const candidates = matchesOf(text, ACCOUNT)
  if (candidates.length === 0) return []
  const { electronicFormatIBAN, isValidIBAN } = await import('ibantools')
  return candidates
    .filter(([written]) => isValidIBAN(electronicFormatIBAN(written) ?? ''))
    .map((match) => placed('a bank account number (IBAN)', match))
}

function matchesOf(text: string, pattern: RegExp): readonly RegExpExecArray[] {
  return [...text.matchAll(pattern)]
}

function placed(what: string, { index, 0: written }: RegExpExecArray): Match {
  return { what, from: index, to: index + written.length }
}
