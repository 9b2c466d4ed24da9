import { isObject } from '../kit/mapping.ts'
import { below, member } from './json.ts'

/** A value of a document, and where it stands. */
export interface Found {
  readonly value: unknown
  /** JSON Pointer from the root of the document. */
  readonly pointer: string
}

/** A reference that leads nowhere, and why. */
export interface Unfound {
  readonly reference: string
  readonly reason: string
}

/** Follows the references of one document. Nothing outside of it is ever read or fetched. */
export class References {
  readonly #root: unknown
  /** The ends of references that were followed before, so that each chain is followed once. */
  readonly #ends = new Map<string, Found | Unfound>()
  #named: ReadonlyMap<string, Found> | undefined

  constructor(root: unknown) {
    this.#root = root
  }

  /** What a value means: itself, or what its `$ref` leads to, over as many references as there are. */
  follow(found: Found): Found | Unfound {
    const met = new Set<string>()
    const end = this.#endOf(found, met)
    for (const reference of met) this.#ends.set(reference, end)
    return end
  }

  #endOf(found: Found, met: Set<string>): Found | Unfound {
    let current = found
    for (;;) {
      const reference = member(current.value, '$ref')
      if (typeof reference !== 'string') return current
      const known = this.#ends.get(reference)
      if (known !== undefined) return known
      if (met.has(reference)) return { reference, reason: 'the reference leads back to itself' }
      met.add(reference)
      const next = this.resolve(reference)
      if ('reason' in next) return next
      current = next
    }
  }

  /** The value that one reference names. */
  resolve(reference: string): Found | Unfound {
    const id = member(this.#root, '$id') ?? member(this.#root, 'id')
    const local =
      typeof id === 'string' && id !== '' && reference.startsWith(`${id}#`) ? reference.slice(id.length) : reference
    if (local === '#') return { value: this.#root, pointer: '' }
    if (local.startsWith('#/')) return this.#at(local.slice(1)) ?? { reference, reason: 'nothing stands there' }
    const named = this.#names().get(local)
    if (named !== undefined) return named
    if (local.startsWith('#')) return { reference, reason: 'nothing has this anchor' }
    return { reference, reason: 'it stands in another document, and no other document is read' }
  }

  #at(pointer: string): Found | undefined {
    let value = this.#root
    let path = ''
    for (const token of pointer.split('/').slice(1)) {
      const step = decoded(token).replaceAll('~1', '/').replaceAll('~0', '~')
      if (Array.isArray(value)) value = /^\d+$/.test(step) ? value[Number(step)] : undefined
      else value = member(value, step)
      if (value === undefined) return undefined
      path = below(path, step)
    }
    return { value, pointer: path }
  }

  /** Schemas that have a name of their own: `$id`, and `$anchor` inside of the document. */
  #names(): ReadonlyMap<string, Found> {
    if (this.#named !== undefined) return this.#named
    const named = new Map<string, Found>()
    const open: Found[] = [{ value: this.#root, pointer: '' }]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { value, pointer } = next
      if (typeof value !== 'object' || value === null) continue
      if (isObject(value)) {
        const [id, anchor] = [member(value, '$id'), member(value, '$anchor')]
        if (typeof id === 'string' && pointer !== '') named.set(id, next)
        if (typeof anchor === 'string') named.set(`#${anchor}`, next)
      }
      for (const [step, inside] of Object.entries(value)) open.push({ value: inside, pointer: below(pointer, step) })
    }
    this.#named = named
    return named
  }
}

function decoded(token: string): string {
  try {
    return decodeURIComponent(token)
  } catch {
    // A lone percent sign is part of the name.
    return token
  }
}
