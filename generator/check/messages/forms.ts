import type { SchemaNode } from './message.ts'

/** `x-form` in the definition format: the words for the `pattern` beside it. */
export interface Form {
  /** Continues "it is …" and "write …". */
  readonly is: string
  /** Body of a character class: the characters that may occur; all, where it is missing. */
  readonly characters?: string
  /** Which of the corrections proposes another value. */
  readonly correction?: CorrectionName
}

interface Correction {
  /** The value that was probably meant. */
  readonly propose: (written: string) => string | undefined
  /** What is wrong in particular, where it is certain. */
  readonly reason?: (written: string) => string | undefined
}

export const corrections = {
  hyphens: { propose: (text) => joined(text, '-') },
  underscores: { propose: (text) => joined(text, '_') },
  capitals: { propose: (text) => text.toUpperCase().replace(/[^A-Z0-9]/g, '') },
  version: {
    propose: (text) =>
      /^v?[0-9]+(?:\.[0-9]+){0,2}$/.test(text)
        ? [...text.replace('v', '').split('.'), '0', '0'].slice(0, 3).join('.')
        : undefined,
    reason: (text) => (/^v[0-9]/.test(text) ? 'begins with "v"' : undefined),
  },
  header: {
    propose: (text) =>
      text
        .replace(/:$/, '')
        .trim()
        .replace(/[^A-Za-z0-9]+/g, '-'),
    reason: (text) => (text.endsWith(':') ? 'ends in a colon' : undefined),
  },
  path: {
    propose(text) {
      const bare = text.replace(METHOD, '').replace(/^https?:\/\/[^/]+/, '')
      return /\s/.test(bare) ? undefined : `/${bare.replace(/^\/+/, '')}`
    },
    reason(text) {
      if (METHOD.test(text)) return 'begins with the method, which belongs in the field "method"'
      if (/^https?:/.test(text)) return 'begins with the base URL, which belongs in "base_url"'
      return text.startsWith('/') ? undefined : 'does not begin with "/"'
    },
  },
  pointer: {
    propose: (text) =>
      /^\$?\.?[A-Za-z_][\w.]*$/.test(text) ? `/${text.replace(/^\$?\.?/, '').replaceAll('.', '/')}` : undefined,
    reason: (text) => (text.startsWith('/') ? undefined : 'does not begin with "/"'),
  },
  'percent-escape': { propose: (text) => text.toUpperCase() },
  'delivery-path': {
    propose: (text) => (/^[a-z]/.test(text) ? `$.${text}` : undefined),
    reason: (text) => (text.startsWith('$') ? undefined : 'does not begin with "$."'),
  },
  reference: {
    propose(text) {
      const [, folder, name] = /^(?:#\/(definitions|components\/schemas)\/)?(\w+)$/.exec(text) ?? []
      if (name === undefined) return undefined
      // Older JSON Schemas have their own definitions under that name; OpenAPI has shared ones.
      return folder === 'definitions' ? `"#/$defs/${name}"` : `"#/schemas/${name}"`
    },
    reason: (text) =>
      /^#\/(?:schemas|\$defs)\//.test(text) ? undefined : 'does not begin with "#/schemas/" or "#/$defs/"',
  },
} satisfies Readonly<Record<string, Correction>>

type CorrectionName = keyof typeof corrections

const METHOD = /^(?:GET|POST|PUT|PATCH|DELETE)\s+/i

/** The form beside the pattern of a schema; every pattern of the format has one. */
export function formOf(schema: SchemaNode): Form | undefined {
  return schema['x-form'] as Form | undefined
}

export function correctionOf({ correction }: Form): Correction | undefined {
  return correction === undefined ? undefined : corrections[correction]
}

/** `contactPolled`, `Contact polled` and `CONTACT_POLLED` as lower-case words. */
function joined(text: string, sign: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, `$1${sign}$2`)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, sign)
    .replace(new RegExp(`^[${sign}0-9]+|${sign}+$`, 'g'), '')
}

const KINDS: readonly (readonly [kind: RegExp, words: string])[] = [
  [/[A-Z]/, 'capitals'],
  [/[a-z]/, 'small letters'],
  [/ /, 'spaces'],
  [/_/, 'an underscore'],
  [/-/, 'a hyphen'],
  [/[0-9]/, 'digits'],
]

/** The characters of a text that its form does not allow, in words. */
export function misfitsIn(text: string, { characters }: Form): readonly string[] {
  const allowed = characters === undefined ? /./ : new RegExp(`[${characters}]`)
  const wrong = [...new Set(text)].filter((sign) => !allowed.test(sign))
  const kinds = KINDS.filter(([kind]) => wrong.some((sign) => kind.test(sign))).map(([, words]) => words)
  const others = wrong.filter((sign) => !KINDS.some(([kind]) => kind.test(sign))).map((sign) => JSON.stringify(sign))
  return [...kinds, ...others]
}
