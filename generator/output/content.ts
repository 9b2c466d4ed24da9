/** What a file is to hold. */
export type Content =
  | { readonly text: string }
  /** A whole file that was written aside, in the same file system; it is renamed. */
  | { readonly aside: string }
  /** A whole file anywhere; it stays there. */
  | { readonly copy: string }

/** Where a text is that was kept for later. */
export type Place = { readonly bytes: Uint8Array } | Stretch

/** Part of a file; in bytes. */
export interface Stretch {
  readonly path: string
  readonly offset: number
  readonly length: number
}
