import { isObject } from '../kit/mapping.ts'
import { below as oneBelow } from '../kit/pointer.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** A member that an object itself has; `constructor` and its like come from the vendor or not at all. */
export function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

/** The value at a chain of members. */
export function memberAt(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce(member, value)
}

/** A member that is text, and more than blanks. */
export function textMember(value: unknown, name: string): string | undefined {
  const found = member(value, name)
  return typeof found === 'string' && found.trim() !== '' ? found : undefined
}

/** The elements of a member that is a list. */
export function listMember(value: unknown, name: string): readonly unknown[] {
  const found = member(value, name)
  return Array.isArray(found) ? found : []
}

/** The members of a member that is an object. */
export function entriesOf(value: unknown, name: string): readonly (readonly [string, unknown])[] {
  const found = member(value, name)
  return isObject(found) ? Object.entries(found) : []
}

/** A JSON Pointer one step further. */
export function below(pointer: string, ...steps: readonly (string | number)[]): string {
  return steps.reduce<string>(oneBelow, pointer)
}

/** Whether two values of JSON are the same, whatever the order of their members. */
export function isSame(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right)
}

/** One text for each value of JSON. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, inside: unknown) =>
      isObject(inside)
        ? Object.fromEntries(Object.entries(inside).sort(([one], [other]) => (one < other ? -1 : 1)))
        : inside,
    ) ?? 'undefined'
  )
}
