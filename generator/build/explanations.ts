import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'

interface Written {
  readonly why: string
  readonly bad: string
  readonly good: string
  readonly about?: readonly string[]
}

/** Reads why each finding exists, so that commands which say so need no YAML reader for it. */
export async function explanations(folder: string): Promise<Readonly<Record<string, object>>> {
  const written: Readonly<Record<string, Written>> = parse(await readFile(join(folder, 'explanations.yaml'), 'utf8'))
  return Object.fromEntries(
    Object.entries(written).map(([code, { why, bad, good, about = [] }]) => [
      code,
      { why, bad: bad.trimEnd(), good: good.trimEnd(), about },
    ]),
  )
}

export const explanationsType = `export declare const explanations: Readonly<
  Record<
    string,
    { readonly why: string; readonly bad: string; readonly good: string; readonly about: readonly string[] }
  >
>
`
