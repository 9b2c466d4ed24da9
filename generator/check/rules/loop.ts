/**
 * The names on a way round from `start` back to a name already met, or undefined where every way ends. Callers that ask
 * about one name after the other hand on `done`, the names whose ways all end, so that each name is visited once.
 */
export function loopFrom(
  start: string,
  next: (name: string) => readonly string[],
  done = new Set<string>(),
): readonly string[] | undefined {
  // Kept by hand: a chain of references can be longer than the stack of calls.
  const way = new Map<string, Iterator<string>>([[start, next(start).values()]])
  const names = [start]
  for (let name = names.at(-1); name !== undefined; name = names.at(-1)) {
    const follower = way.get(name)?.next()
    if (follower === undefined || follower.done === true) {
      done.add(name)
      way.delete(name)
      names.pop()
    } else if (way.has(follower.value)) return [...names.slice(names.indexOf(follower.value)), follower.value]
    else if (!done.has(follower.value)) {
      names.push(follower.value)
      way.set(follower.value, next(follower.value).values())
    }
  }
  return undefined
}
