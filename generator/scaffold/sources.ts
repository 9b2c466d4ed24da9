import { blank } from './yaml-text.ts'

/** The key under `sources` of the document that a definition was started from. */
export const PUBLISHED = 'published'

/** Where a fact comes from; nothing for what nobody has looked up. */
export function cited(content: object | undefined): { readonly cites?: string } {
  return content === undefined ? {} : { cites: PUBLISHED }
}

/** What the document says of something that ends, and what it does not say. */
export function deprecation(): object {
  return {
    reason: 'The published document marks it as deprecated.',
    instead: blank('what to use instead'),
    cites: PUBLISHED,
  }
}
