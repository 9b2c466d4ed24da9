import type { PathSegment, ValuePath } from '../../load/source-document.ts'

/** Calls back for every value inside a value, itself first, with its path. */
export function walk(value: unknown, visit: (value: unknown, path: ValuePath) => void, path: ValuePath = []): void {
  visit(value, path)
  if (typeof value !== 'object' || value === null) return
  const entries: readonly (readonly [PathSegment, unknown])[] = Array.isArray(value)
    ? value.map((item, index) => [index, item] as const)
    : Object.entries(value)
  for (const [segment, item] of entries) walk(item, visit, [...path, segment])
}
