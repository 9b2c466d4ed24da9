import { createHash } from 'node:crypto'

/** Names a content: 128 bits of SHA-256, as text that can be a file name. */
export function digest(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) {
    // The length keeps `ab` and `c` apart from `a` and `bc`.
    if (parts.length > 1) hash.update(`${part.length} `)
    hash.update(part)
  }
  return hash.digest('base64url').slice(0, 22)
}
