import { createHash, hash } from 'node:crypto'

/** Characters: 22 of base64 hold 128 bits and a little. */
const LENGTH = 22

/** Names a content: 128 bits of SHA-256, as text that can be a file name. */
export function digest(...parts: readonly (string | Uint8Array)[]): string {
  const [first] = parts
  // At one go, which is faster for the many short ones.
  if (parts.length === 1 && first !== undefined) return hash('sha256', first, 'base64url').slice(0, LENGTH)
  const all = createHash('sha256')
  for (const part of parts) {
    // The length keeps `ab` and `c` apart from `a` and `bc`.
    all.update(`${part.length} `)
    all.update(part)
  }
  return all.digest('base64url').slice(0, LENGTH)
}

/** The same as `digest` of all pieces together. */
export function digestOfAll(pieces: Iterable<Uint8Array>): string {
  const all = createHash('sha256')
  for (const piece of pieces) all.update(piece)
  return all.digest('base64url').slice(0, LENGTH)
}
