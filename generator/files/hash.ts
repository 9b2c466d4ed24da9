import { createHash, hash } from 'node:crypto'

/** Characters: 22 of base64url encode 132 bits, enough to identify content. */
const LENGTH = 22

/** Identifies content by 132 bits of SHA-256, in characters that a file name can contain. */
export function hashOf(content: string | Uint8Array): string {
  return hash('sha256', content, 'base64url').slice(0, LENGTH)
}

/** Identifies a sequence of texts: `['ab', 'c']` differs from `['a', 'bc']`. */
export function hashOfAll(parts: Iterable<string>): string {
  const all = createHash('sha256')
  for (const part of parts) all.update(`${part.length} `).update(part)
  return all.digest('base64url').slice(0, LENGTH)
}
