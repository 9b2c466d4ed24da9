import type { Pagination } from '../compiled/definition.ts'

type Type = NonNullable<Pagination['type']>
type Member = Exclude<keyof Pagination, 'type' | 'cites'>

interface PaginationElement {
  readonly needs: readonly Member[]
  readonly allows: readonly Member[]
}

/** All types of pagination; the schema has the same list in `pagination.type`. */
export const paginationElements: Readonly<Record<Type, PaginationElement>> = {
  cursor: { needs: ['items', 'next', 'parameter'], allows: ['next_in', 'more', 'size'] },
  link: { needs: ['items'], allows: ['next', 'more', 'size'] },
  offset: { needs: ['items', 'parameter'], allows: ['more', 'size'] },
  page: { needs: ['items', 'parameter'], allows: ['first', 'more', 'size'] },
}

/** Members that the type needs and that are missing. */
export function missingPaging({ type, ...pagination }: Pagination): readonly string[] {
  if (type === undefined) return ['type']
  return paginationElements[type].needs.filter((member) => pagination[member] === undefined)
}

/** Members that have no effect with the type. */
export function superfluousPaging({ type, cites: _, ...pagination }: Pagination): readonly string[] {
  if (type === undefined) return []
  const { needs, allows } = paginationElements[type]
  return Object.keys(pagination).filter((member) => !([...needs, ...allows] as readonly string[]).includes(member))
}
