/** Bytes one after the other. */
export function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.byteLength, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.byteLength
  }
  return all
}

const encoder = new TextEncoder()

/** The bytes of a string, in UTF-8. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

/** Whether two strings are equal, in a time that does not depend on where they differ. */
export async function equalTexts(left: string, right: string): Promise<boolean> {
  const [one, other] = await Promise.all([left, right].map((text) => crypto.subtle.digest('SHA-256', utf8(text))))
  return one !== undefined && other !== undefined && equalBytes(new Uint8Array(one), new Uint8Array(other))
}

/** Whether bytes are equal, in a time that depends on their number alone. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.byteLength !== right.byteLength) return false
  let difference = 0
  for (let index = 0; index < left.byteLength; index += 1) difference |= (left[index] ?? 0) ^ (right[index] ?? 0)
  return difference === 0
}

/** How bytes are written: hex in lower case, Base64 with padding, or Base64 for URLs without it (RFC 4648). */
export type Encoding = 'hex' | 'base64' | 'base64url'

/** Bytes as text. */
export function encoded(bytes: Uint8Array, encoding: Encoding): string {
  if (encoding === 'hex') return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  // In pieces: a call takes a limited number of arguments.
  let binary = ''
  for (let index = 0; index < bytes.byteLength; index += 8192)
    binary += String.fromCharCode(...bytes.subarray(index, index + 8192))
  const text = btoa(binary)
  return encoding === 'base64' ? text : text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/**
 * The bytes behind a string; undefined for anything else. Hex may be in either case. Base64 for URLs may have its
 * padding; otherwise each value has exactly one Base64 text, so that a signature cannot be written in two ways.
 */
export function decoded(text: string, encoding: Encoding): Uint8Array<ArrayBuffer> | undefined {
  if (encoding === 'hex') {
    if (text.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(text)) return undefined
    const bytes = new Uint8Array(text.length / 2)
    for (const index of bytes.keys()) bytes[index] = Number.parseInt(text.slice(2 * index, 2 * index + 2), 16)
    return bytes
  }
  const written = encoding === 'base64' ? text : text.replace(/=+$/, '')
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(written) || written.replace(/=+$/, '').length % 4 === 1) return undefined
  const bytes = Uint8Array.from(atob(written.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
    character.charCodeAt(0),
  )
  return encoded(bytes, encoding) === written ? bytes : undefined
}

/** The SHA-256 of bytes or of a string in UTF-8, in lower-case hex. */
export async function sha256(content: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', typeof content === 'string' ? utf8(content) : content)
  return encoded(new Uint8Array(digest), 'hex')
}
