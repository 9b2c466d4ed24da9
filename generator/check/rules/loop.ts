/** The names on a way round from `start` back to a name already met, or undefined where every way ends. */
export function loopFrom(start: string, next: (name: string) => readonly string[]): readonly string[] | undefined {
  const done = new Set<string>()
  const visit = (name: string, above: readonly string[]): readonly string[] | undefined => {
    if (above.includes(name)) return [...above.slice(above.indexOf(name)), name]
    if (done.has(name)) return undefined
    for (const follower of next(name)) {
      const loop = visit(follower, [...above, name])
      if (loop !== undefined) return loop
    }
    done.add(name)
    return undefined
  }
  return visit(start, [])
}
