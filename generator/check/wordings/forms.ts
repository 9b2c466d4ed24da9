/** How a text of the format is written: in words, by its characters, and what a wrong one was meant to be. */
export interface Form {
  /** `it is <is>`. */
  readonly is: string
  /** The characters that fit. */
  readonly fits: RegExp
  /** The text that was meant, where it can be told. */
  readonly meant?: (written: string) => string | undefined
  /** What is wrong with it in particular. */
  readonly wrong?: (written: string) => string | undefined
}

const HYPHENS: Form = {
  is: 'lower-case words joined by hyphens',
  fits: /[a-z0-9-]/,
  meant: (text) => joined(text, '-'),
}
const UNDERSCORES: Form = {
  is: 'lower-case words joined by underscores',
  fits: /[a-z0-9_]/,
  meant: (text) => joined(text, '_'),
}
const WORD: Form = {
  is: 'letters, digits and underscores, a letter first',
  fits: /[A-Za-z0-9_]/,
  meant: (text) => joined(text, '_'),
}
const VERSION: Form = {
  is: 'three numbers with dots between them',
  fits: /[0-9.]/,
  meant: (text) =>
    /^v?[0-9]+(?:\.[0-9]+){0,2}$/.test(text)
      ? [...text.replace('v', '').split('.'), '0', '0'].slice(0, 3).join('.')
      : undefined,
  wrong: (text) => (/^v[0-9]/.test(text) ? 'begins with "v"' : undefined),
}
const DELIVERY_PATH: Form = {
  is: 'a path that begins with "$."',
  fits: /./,
  meant: (text) => (/^[a-z]/.test(text) ? `$.${text}` : undefined),
  wrong: (text) => (text.startsWith('$') ? undefined : 'does not begin with "$."'),
}

/** By the pattern that the format gives. */
export const FORMS: Readonly<Record<string, Form>> = {
  '^(?:0|[1-9][0-9]{0,5})\\.(?:0|[1-9][0-9]{0,5})\\.(?:0|[1-9][0-9]{0,5})$': VERSION,
  '^[a-z0-9]+(?:-[a-z0-9]+)*$': HYPHENS,
  '^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$': HYPHENS,
  '^[A-Z][A-Z0-9]{2,14}$': {
    is: '3 to 15 capital letters and digits',
    fits: /[A-Z0-9]/,
    meant: (text) => text.toUpperCase().replace(/[^A-Z0-9]/g, ''),
  },
  '^[a-z][a-z0-9_-]*$': {
    is: 'the key of a source, not its title or address',
    fits: /[a-z0-9_-]/,
    meant: (text) => joined(text, '-'),
  },
  '^[a-z][a-z0-9_]*$': UNDERSCORES,
  '^[a-z_]+$': UNDERSCORES,
  '^[A-Za-z0-9_]+$': WORD,
  '^[a-z][A-Za-z0-9_]*$': { ...WORD, is: 'letters, digits and underscores, a small letter first' },
  '^[A-Za-z][A-Za-z0-9_]*$': WORD,
  '^(?!(?:delivery|request|item)$)[a-z][a-z0-9_]{0,29}$': {
    ...UNDERSCORES,
    is: 'a lower-case word that is not delivery, request or item',
  },
  '^[A-Za-z0-9:_-]+$': { is: 'letters, digits, colons, hyphens and underscores', fits: /[A-Za-z0-9:_-]/ },
  '^[A-Za-z0-9_.:/-]+$': { is: 'one scope, without spaces', fits: /[A-Za-z0-9_.:/-]/ },
  '^[A-Za-z0-9-]+$': {
    is: 'letters, digits and hyphens',
    fits: /[A-Za-z0-9-]/,
    meant: (text) =>
      text
        .replace(/:$/, '')
        .trim()
        .replace(/[^A-Za-z0-9]+/g, '-'),
    wrong: (text) => (text.endsWith(':') ? 'ends in a colon' : undefined),
  },
  '^/[^\\s]*$': { is: 'a path that begins with "/"', fits: /\S/, meant: pathMeant, wrong: pathWrong },
  '^(?:/[^/]*)+$': {
    is: 'the way to a field, as in /message_id or /customer/name',
    fits: /./,
    meant: (text) =>
      /^\$?\.?[A-Za-z_][\w.]*$/.test(text) ? `/${text.replace(/^\$?\.?/, '').replaceAll('.', '/')}` : undefined,
    wrong: (text) => (text.startsWith('/') ? undefined : 'does not begin with "/"'),
  },
  '^HERA\\.[A-Z0-9]{3,15}(?:\\.[A-Z0-9_]{2,30}){3,8}\\.v[0-9]+$': {
    is: 'HERA.<namespace>.EVENT.<what happened>.v1, in capitals',
    fits: /[A-Z0-9_.v]/,
  },
  '^%[0-9A-F]{2}$': {
    is: 'a percent sign and two hexadecimal digits, as in %2F',
    fits: /[%0-9A-F]/,
    meant: (text) => text.toUpperCase(),
  },
  '^\\$\\..+$': DELIVERY_PATH,
  '^\\$.*$': { ...DELIVERY_PATH, is: 'a path that begins with "$"' },
  '^samples/[a-z0-9-]+/[A-Za-z0-9][A-Za-z0-9_-]*\\.(?:json|txt)$': {
    is: 'samples/<code>/<name>.json or .txt',
    fits: /[A-Za-z0-9_/.-]/,
  },
  '^[a-z0-9-]+/[a-z0-9-]+$': { is: 'the code of a rule, as findings show it in brackets', fits: /[a-z0-9/-]/ },
  '^#/\\$defs/[A-Za-z][A-Za-z0-9_]*$': {
    is: 'what it names stands under data.$defs',
    wrong: (text) => (text.startsWith('#/$defs/') ? undefined : 'does not begin with "#/$defs/"'),
    fits: /./,
    meant: (text) =>
      /^(?:#\/(?:definitions|components\/schemas)\/)?\w+$/.test(text)
        ? `"#/$defs/${text.replace(/^.*\//, '')}"`
        : undefined,
  },
}

/** `contactPolled`, `Contact polled` and `CONTACT_POLLED` as lower-case words. */
function joined(text: string, sign: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, `$1${sign}$2`)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, sign)
    .replace(new RegExp(`^[${sign}0-9]+|${sign}+$`, 'g'), '')
}

function pathMeant(text: string): string | undefined {
  const bare = text.replace(/^(?:GET|POST|PUT|PATCH|DELETE)\s+/i, '').replace(/^https?:\/\/[^/]+/, '')
  return /\s/.test(bare) ? undefined : `/${bare.replace(/^\/+/, '')}`
}

function pathWrong(text: string): string | undefined {
  if (/^(?:GET|POST|PUT|PATCH|DELETE)\s/i.test(text))
    return 'begins with the method, which stands in the field "method"'
  if (/^https?:/.test(text)) return 'begins with the base URL, which stands in "base_url"'
  return text.startsWith('/') ? undefined : 'does not begin with "/"'
}

const KINDS: readonly (readonly [kind: RegExp, words: string])[] = [
  [/[A-Z]/, 'capitals'],
  [/[a-z]/, 'small letters'],
  [/ /, 'spaces'],
  [/_/, 'an underscore'],
  [/-/, 'a hyphen'],
  [/[0-9]/, 'digits'],
]

/** What stands in a text and does not fit, in words. */
export function misfitsIn(text: string, fits: RegExp): readonly string[] {
  const wrong = [...new Set(text)].filter((sign) => !fits.test(sign))
  const kinds = KINDS.filter(([kind]) => wrong.some((sign) => kind.test(sign))).map(([, words]) => words)
  const others = wrong.filter((sign) => !KINDS.some(([kind]) => kind.test(sign))).map((sign) => `"${sign}"`)
  return [...kinds, ...others]
}
