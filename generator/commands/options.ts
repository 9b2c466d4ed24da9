// Options that several commands share, and the parsers of option values.
import { CACHE_FOLDER, type RunOptions } from '../pipeline/build-options.ts'
import type { Context, Format } from './command.ts'
import { flag, parameter, type Values } from './command.ts'

/** Formats of commands that report findings. */
export const FINDING_FORMATS: readonly Format[] = ['github', 'sarif']

/** The organization of the local runtime unless another is given; the same on every machine, so that examples work. */
export const LOCAL_ORGANIZATION = '7b0c1c5e-0000-4000-8000-000000000001'

export const definitions = parameter<readonly string[]>(
  '--definitions <folder>',
  'folder that contains the definitions; can be given several times (default: "definitions")',
  { parse: (text, previous = []) => [...previous, folder(text)], default: ['definitions'] },
)

export const cacheParameters = {
  cache: parameter<boolean>('--cache', 'use the cache, also in CI', {
    negation: { flags: '--no-cache', description: 'neither read nor write the cache' },
  }),
}

/** Of every command that reads the registry. */
export const registryParameters = { definitions, ...cacheParameters }

export const outputParameters = {
  ...registryParameters,
  out: parameter('--out <folder>', 'output folder', { parse: folder, default: 'generated' }),
  targets: parameter<readonly string[]>('--target <name...>', 'only these targets: sql, typescript, markdown, json', {
    default: [],
  }),
  onlyConnectors: flag(
    '--connectors',
    'only the files of each connector; leave files about the whole registry as they are',
  ),
}

/** Folder of the embedded database. */
export const data = parameter('--data <folder>', 'folder of the embedded database', { default: '.hera/database' })

export const databaseParameters = {
  ...registryParameters,
  databaseUrl: parameter('--database-url <url>', 'PostgreSQL server, postgres://…', { environment: 'DATABASE_URL' }),
  embedded: flag('--embedded', 'use the embedded database, even if the environment configures a server'),
  data,
  lockTimeout: parameter('--lock-timeout <seconds>', 'how long to wait for locks of other sessions', {
    parse: seconds,
    default: 30,
  }),
}

export const DATABASE_NOTES =
  'The server can also be set with DATABASE_URL, or with PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE.'

/** Where the cache is read without `--cache`. */
export type CacheUse = 'always' | 'outside CI'

/** How to run the pipeline. In CI, commands that only check are gates: there they trust no cache. */
export function runOptions(
  { cache }: Values<typeof cacheParameters>,
  use: CacheUse,
  { environment, onProgress }: Context,
): RunOptions {
  const isCi = !['', '0', 'false'].includes(environment.CI ?? '')
  const isCached = cache ?? (use === 'always' || !isCi)
  return {
    ...(isCached ? { cacheFolder: CACHE_FOLDER } : {}),
    ...(onProgress === undefined ? {} : { onProgress }),
  }
}

export function folder(text: string): string {
  if (text === '') throw new Error('It must be the path of a folder; use a dot for the current one.')
  return text
}

function seconds(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0 || value > 86_400)
    throw new Error('It must be a number of seconds, at most 86400.')
  return value
}

/** A whole number, at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < least || value > 1_000_000)
      throw new Error(`It must be a whole number, at least ${least}.`)
    return value
  }
}

export function webAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new Error('It must be a URL such as https://example.com.')
  return text.replace(/\/+$/, '')
}

/** `name=value`; the value may contain further equals signs. */
export function assignment(text: string): { readonly place: string; readonly value: string } {
  const [, place, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (place === undefined || value === undefined) throw new Error('It must have the form name=value.')
  return { place, value }
}
