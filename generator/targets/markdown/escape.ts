/**
 * Characters that a reader does not see, or that an editor takes for the end of a line: marks that turn the direction
 * of writing, zero-width spaces, line and paragraph separators. The joiners U+200C and U+200D stay: words and emoji
 * need them.
 */
const UNSEEN = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/u

/** Control characters, which HTML cannot hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/u

/** One character each, where it would begin or end markup in CommonMark, GFM, Python-Markdown, MDX or VitePress. */
const MARKUP: readonly RegExp[] = [
  UNSEEN,
  CONTROL,
  /[\\`*<>{}|~$]/u,
  /&(?=#?[\p{L}\p{N}]+;)/u,
  // An empty pair of brackets, as in entry[].id, is markup only before what could follow the label of a link.
  /\[(?!\](?![([:{]))|(?<!\[)\]|\](?=[([:{])/u,
  // An underscore inside a word, as in page_id, is no emphasis.
  /(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/u,
  // At the start of a line: headings, lists, admonitions, containers.
  /^[#:]|^[-+](?=[\s-]|$)|(?<=^\d+)[.)](?=\s|$)|^!(?=!!)|^\?(?=\?\?)/u,
  // The hashes that close a heading.
  /(?<=^|\s)#(?=#*$)/u,
  // MDX takes a paragraph that starts with one of these words for code.
  /^i(?=mport\b)|^e(?=xport\b)/u,
]

/** The domains that markdown-it takes for the end of an address: those of countries, and these. */
const TOP_LEVEL = '\\p{L}{2}|[A-Z]{3,6}|aero|asia|biz|com|coop|edu|gov|info|museum|name|net|org|pro|shop|web|xxx'

/** One character each, where a renderer would make something out of plain words. */
const WORDS: readonly RegExp[] = [
  // Addresses become links: with a scheme, with `www.`, with a top-level domain, with an at sign.
  /(?<=\b[wW]{3})\.(?=\S)/u,
  new RegExp(`(?<=[\\p{L}\\p{N}])\\.(?=(?:${TOP_LEVEL})(?![\\p{L}\\p{N}]))`, 'u'),
  /(?<=\S)@(?=\S)/u,
  // Emoji, such as :tada: and :-), and directives. The colon of a time is none of them.
  /(?!(?<=\d):\d\d(?![\d:])):(?=\S)|;(?=-?\))|-(?=\))/u,
]

const IN_TEXT = oneOf([...MARKUP, ...WORDS])
const IN_ADDRESS = oneOf(MARKUP)

function oneOf(patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => source).join('|'), 'gu')
}

/** Words on one line in which nothing above is found: most texts are such, and this tells it sooner. */
const WORDS_ALONE = /^(?!import\b|export\b|\d+\.(?: |$))[A-Za-z0-9]+(?:(?:_|[ ,/'-]+|[.:;] )[A-Za-z0-9]+)*[.:]?$/

/** Whether a text is its own Markdown. */
export function isWordsAlone(plain: string): boolean {
  return WORDS_ALONE.test(plain)
}

/** Plain text in which nothing acts as markup; a page shows exactly that text. It must stand on one line. */
export function escaped(line: string): string {
  return line.replace(IN_TEXT, harmless)
}

/** The same for an address that is itself the label of a link, where no other link can begin. */
export function escapedAddress(address: string): string {
  return address.replace(IN_ADDRESS, harmless)
}

/** A character reference: what every renderer shows as the character, and none takes for markup. */
export function reference(character: string): string {
  return `&#${character.codePointAt(0)};`
}

/** Python-Markdown knows the backslash before these only, and shows it before all others. */
const BACKSLASHED = '\\`*_[].)#+-!'

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

function harmless(character: string): string {
  if (CONTROL.test(character)) return symbolOf(character)
  if (BACKSLASHED.includes(character)) return `\\${character}`
  return NAMED[character] ?? reference(character)
}

/** The picture of a control character, such as U+241B for escape; the later ones have none. */
function symbolOf(control: string): string {
  const unit = control.charCodeAt(0)
  if (unit === 0x7f) return '\u2421'
  return unit < 0x20 ? String.fromCharCode(0x2400 + unit) : '\ufffd'
}

const UNSEEN_OR_CONTROL = new RegExp(`${UNSEEN.source}|[\\u007f-\\u009f]`, 'g')

/**
 * Escapes, inside the strings of JSON, TypeScript or YAML, what a reader does not see, and the start of an HTML comment:
 * VitePress includes files by such comments, wherever they stand.
 */
export function escapedInStrings(source: string): string {
  return source
    .replace(UNSEEN_OR_CONTROL, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('<!--', '\\u003c!--')
}

const NAME_ALONE = /^[\w.:/@#-]+$/

/** Names, paths and addresses: most of what stands in code type or is linked to, and never more than it says. */
export function isNameAlone(plain: string): boolean {
  return NAME_ALONE.test(plain)
}

/** Whether a code span, in which nothing can be escaped, shows the text as it is, also in a table. */
export function fitsCodeSpan(plain: string): boolean {
  // VitePress takes two braces for a template in a span too.
  if (plain === '' || plain.includes('|') || plain.includes('<!--') || plain.includes('{{')) return false
  return !/^\s|\s$|\s\s|[^\S ]/.test(plain) && !UNSEEN.test(plain) && !CONTROL.test(plain)
}

const IN_XML = new RegExp(`${UNSEEN.source}|${CONTROL.source}|[&<>"']|[\\t\\n\\v\\f\\r]|\\p{Cs}|[\\ufffe\\uffff]`, 'gu')

/** Text for the content or an attribute of an XML element, on one line; what XML cannot hold is shown by a picture. */
export function escapedXml(plain: string): string {
  return plain.replace(IN_XML, (character) => {
    if (/[\t\n\v\f\r]/.test(character)) return ' '
    if (CONTROL.test(character)) return symbolOf(character)
    return /[\p{Cs}\ufffe\uffff]/u.test(character) ? '\ufffd' : reference(character)
  })
}
