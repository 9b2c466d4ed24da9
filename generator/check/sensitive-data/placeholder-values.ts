/** Numbers that regulators keep free for films and examples, as they are dialled within the country. */
const RESERVED: Readonly<Record<string, RegExp>> = {
  // Of the exchange 555 only 0100 to 0199 are promised to stay free; vendors make up their samples with all of it.
  '1': /^\d{3}555\d{4}$/,
  // Ofcom, telephone numbers for drama use.
  '44': /^(?:1(?:1[3-8]|[2-6]1)4960|2079460|1914980|2896496|2920180|1632960|7700900|8081570|9098790|3069990)\d{3}$/,
  // ACMA, fictitious numbers for radio, books, film and television.
  '61': /^(?:[2378](?:5550|7010)\d{4}|491570(?:110|15[6-9])|1800(?:160401|975707)|1900654321)$/,
}

/** Whether a telephone number belongs to nobody. */
export function isPlaceholderPhone(number: {
  readonly countryCallingCode: string
  readonly nationalNumber: string
}): boolean {
  const { countryCallingCode, nationalNumber } = number
  return RESERVED[countryCallingCode]?.test(nationalNumber) === true || isPlaceholderNumber(nationalNumber)
}

/** Card numbers that payment companies publish for tests, besides those that `isPlaceholderNumber` knows by their looks. */
const TEST_CARDS: readonly string[] = [
  '378282246310005',
  '371449635398431',
  '378734493671000',
  '30569309025904',
  '38520000023237',
  '6011000990139424',
  '4012888888881881',
  '5431111111111111',
  '4000000760000002',
]

/** Whether a card number is one for tests. */
export function isTestCard(digits: string): boolean {
  return TEST_CARDS.includes(digits) || isPlaceholderNumber(digits)
}

/** 123456, 987654, 00000 and 42424242 are what people type when they make a number up. */
function isPlaceholderNumber(digits: string): boolean {
  return /(\d)\1{4}|(\d{2,3})\2{2}/.test(digits) || hasSequence(digits)
}

const ASCENDING = '01234567890123456789'
const DESCENDING = '98765432109876543210'
const SEQUENCE = 6

function hasSequence(digits: string): boolean {
  return Array.from(digits).some((_, start) => {
    const run = digits.slice(start, start + SEQUENCE)
    return run.length === SEQUENCE && (ASCENDING.includes(run) || DESCENDING.includes(run))
  })
}
