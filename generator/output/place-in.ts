import { join, sep } from 'node:path'

export type PlaceOf = (path: string) => string

/**
 * Where the files of an output folder are on disk: the same path is always the same text, so that it can be found again
 * among others. Joining names anew for each of a hundred thousand files takes time.
 */
export function placeIn(out: string): PlaceOf {
  const root = out === '' ? '' : join(out, '/').replaceAll(sep, '/')
  return (path) => root + path
}
