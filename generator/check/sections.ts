import { keyOrders } from '../compiled/format.js'
import { parse } from '../load/parse.ts'
import { formatViolations } from './schema-findings.ts'

/** The lines of one top-level field, and of what stands at its column by mistake. */
export interface Section {
  readonly from: number
  readonly to: number
}

type Mapping = Readonly<Record<string, unknown>>

/**
 * A text cut at its top-level fields, so that a change of one of them can be held against the format without reading
 * all the others again.
 */
export class Sections {
  readonly #text: string
  readonly #sections: readonly Section[]
  readonly #values: readonly (Mapping | undefined)[]

  constructor(text: string) {
    this.#text = text
    const starts = startsIn(text)
    this.#sections = starts.map((from, index) => ({ from, to: starts[index + 1] ?? text.length }))
    this.#values = this.#sections.map(({ from, to }) => mappingIn(text.slice(from, to)))
  }

  at(offset: number): Section | undefined {
    return this.#sections.find(({ from, to }) => from <= offset && offset < to)
  }

  /** Top-level fields that the text does not contain. */
  missingNames(): readonly string[] {
    const present = new Set(this.#sections.map(({ from }) => NAME.exec(this.#text.slice(from))?.[1]))
    return [...TOP_LEVEL].filter((name) => !present.has(name))
  }

  /** How far a section would be from the format if it read like this; undefined where it cannot be read. */
  violationsWith(section: Section, text: string): number | undefined {
    const value = mappingIn(text)
    if (value === undefined) return undefined
    const others = this.#values.filter((_, index) => this.#sections[index] !== section)
    const whole: Record<string, unknown> = {}
    for (const part of [...others, value]) {
      for (const [key, inside] of Object.entries(part ?? {})) {
        if (Object.hasOwn(whole, key)) return undefined
        whole[key] = inside
      }
    }
    const unread = this.#unreadNames(section)
    const isOwn = (key: unknown) => Object.hasOwn(value, String(key))
    return formatViolations(whole).filter(({ path, name }) =>
      path.length === 0 ? name === undefined || !unread.has(name) : isOwn(path[0]),
    ).length
  }

  /** Top-level fields that other slips keep from being read. */
  #unreadNames(section: Section): ReadonlySet<string> {
    const unread = this.#sections.filter((other, index) => other !== section && this.#values[index] === undefined)
    const names = unread.flatMap(({ from, to }) => [...this.#text.slice(from, to).matchAll(/^["']?([a-z_]+)/gm)])
    return new Set(names.map(([, name = '']) => name))
  }
}

/** Where each top-level field begins; what merely stands at the left edge belongs to the field above it. */
function startsIn(text: string): readonly number[] {
  const first = new Map<string, number>()
  for (const { index, groups } of text.matchAll(/^["']?(?<name>[a-z_]+)["']?:/gm)) {
    const name = groups?.name ?? ''
    if (TOP_LEVEL.has(name) && !first.has(name)) first.set(name, index)
  }
  return [...first.values()]
}

export function isTopLevel(name: string | undefined): boolean {
  return name !== undefined && TOP_LEVEL.has(name)
}

const NAME = /^["']?([a-z_]+)/

const TOP_LEVEL: ReadonlySet<string> = new Set(Object.keys(keyOrders.properties ?? {}))

function mappingIn(text: string): Mapping | undefined {
  const { document, diagnostics } = parse({ file: '', stem: '', text })
  const value = document?.value
  if (diagnostics.length > 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return value as Mapping
}
