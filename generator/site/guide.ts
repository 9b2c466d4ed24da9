import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Registry } from '../model/connector.ts'
import { HEADER_MARK } from '../targets/header.ts'
import { compareText } from '../text/compare-text.ts'

/** The checkout, in which `generated` holds what the site is made from. */
export const root = join(import.meta.dirname, '..', '..')

/** Where the guide's pages are, seen from the checkout. */
export const GUIDE = 'generated/docs'

/** Where the pages are that exist on the site alone. */
export const PAGES = 'generator/site/pages'

/** What the site has to know of a page of the guide beside its text. */
export interface GuidePage {
  /** Relative to the guide, with forward slashes: `connectors/hubspot-crm.md`. */
  readonly path: string
  readonly title: string
}

/** The registry as it was generated. */
export function readRegistry(): Registry {
  // Written by our own json target, of exactly this shape.
  return JSON.parse(readFileSync(join(root, 'generated', 'json', 'registry.json'), 'utf8')) as Registry
}

/** Every page of the guide, sorted by path. */
export function readGuide(): readonly GuidePage[] {
  return pathsOfPages().map((path) => ({ path, title: titleOf(readPage(path), path) }))
}

function pathsOfPages(): readonly string[] {
  return readdirSync(join(root, GUIDE), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.md'))
    .sort(compareText)
}

/** The text of a page of the guide. */
export function readPage(path: string): string {
  return readFileSync(join(root, GUIDE, path), 'utf8')
}

function titleOf(text: string, path: string): string {
  const [, front = ''] = /^---\n([\s\S]*?)\n---\n/.exec(text) ?? []
  const { title } = (parse(front) ?? {}) as { readonly title?: unknown }
  if (typeof title !== 'string') throw new Error(`${GUIDE}/${path} has no title: run npx --no hera-connectors generate`)
  return title
}

/** The definition that a page says it comes from; undefined for a page that comes from all of them. */
export function definitionOf(text: string): string | undefined {
  const [, file] =
    new RegExp(`^# ${HEADER_MARK} from (\\S+\\.yaml)(?: of the registry \\S+)?\\. Do not edit\\.$`, 'm').exec(text) ??
    []
  return file?.includes('*') ? undefined : file
}
