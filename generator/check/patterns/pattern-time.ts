import type { PatternNode } from './pattern-syntax.ts'
import { parsePattern } from './pattern-syntax.ts'

/**
 * Steps that an analysis may take. They are counted, and not timed, so that the same definition gives the same findings
 * on every machine.
 */
export class StepBudget {
  #left: number

  constructor(steps: number) {
    this.#left = steps
  }

  spend(steps: number): void {
    this.#left -= steps
    if (this.#left < 0) throw new BudgetExceeded()
  }
}

class BudgetExceeded extends Error {}

/** Steps for all patterns of a definition; the patterns of a usual one take a few thousand. */
export const DEFINITION_STEPS = 500_000

/** The patterns of one definition, which share a budget. */
export class PatternChecker {
  readonly #budget = new StepBudget(DEFINITION_STEPS)
  readonly #known = new Map<string, string | undefined>()

  /** Why a pattern may need more than linear time; see `patternProblem`. */
  problem(pattern: string): string | undefined {
    if (!this.#known.has(pattern)) this.#known.set(pattern, patternProblem(pattern, this.#budget))
    return this.#known.get(pattern)
  }
}

/** Characters that a pattern may match in one piece; repetitions are counted up to eight times. */
const MOST_POSITIONS = 256
/** Repetitions that are written out; more of them are as good as endless. */
const MOST_COPIES = 8
/** Ways to match one string that are tried at most, if their number does not grow with the input. */
const MOST_WAYS = 4096

/**
 * Why a backtracking engine, which is what JavaScript has, may need more than linear time for a pattern; undefined where
 * it never does. The pattern is refused where two ways through it read the same string and both can go on (Weber and
 * Seidl's criteria EDA and IDA), where it looks for its start in every place of a string, and where it uses back
 * references. A pattern that this calls linear is linear; some that are linear in practice are refused.
 */
export function patternProblem(pattern: string, budget = new StepBudget(DEFINITION_STEPS)): string | undefined {
  try {
    // A fresh expression: it is never run on anything but single characters.
    new RegExp(pattern, 'u')
  } catch {
    return 'is not a regular expression of ECMAScript with Unicode'
  }
  try {
    return problemOf(parsePattern(pattern), { isAnchored: false, isFront: true, budget })
  } catch (error) {
    if (error instanceof BudgetExceeded) return 'is too complex to be checked'
    throw error
  }
}

interface Context {
  /** The match begins at one place only. */
  readonly isAnchored: boolean
  /** Lookaheads at the front may search: they run once. */
  readonly isFront: boolean
  readonly budget: StepBudget
}

function problemOf(root: PatternNode, context: Context): string | undefined {
  return lookaroundProblem(root, context) ?? automatonProblem(root, context)
}

/** Lookarounds consume nothing; each must be linear by itself, and one that searches must run once. */
function lookaroundProblem(root: PatternNode, { isFront, budget }: Context): string | undefined {
  const front = isFront ? lookaheadsInFront(root) : []
  for (const node of nodesOf(root, budget)) {
    if (node.kind === 'backreference') return 'uses a back reference, whose time cannot be bounded'
    if (node.kind !== 'lookaround') continue
    const searches = nodesOf(node.body, budget).some((inner) => inner.kind === 'repetition' && inner.max > MOST_COPIES)
    if (searches && !front.includes(node))
      return 'has a lookaround with an open repetition that is not right behind "^"'
    const problem = problemOf(node.body, { isAnchored: true, isFront: false, budget })
    if (problem !== undefined) return problem
  }
  return undefined
}

/** The lookaheads right behind `^`. */
function lookaheadsInFront(root: PatternNode): readonly PatternNode[] {
  if (root.kind !== 'sequence' || root.parts[0]?.kind !== 'start') return []
  const end = root.parts.findIndex((part, index) => index > 0 && !(part.kind === 'lookaround' && part.isAhead))
  return root.parts.slice(1, end === -1 ? undefined : end)
}

/** A node and all inside of it, lookarounds without what is inside of them. */
function nodesOf(node: PatternNode, budget: StepBudget): readonly PatternNode[] {
  budget.spend(1)
  const inside = 'parts' in node ? node.parts : node.kind === 'repetition' ? [node.body] : []
  return [node, ...inside.flatMap((part) => nodesOf(part, budget))]
}

function automatonProblem(root: PatternNode, { isAnchored, budget }: Context): string | undefined {
  const automaton = new Automaton(root, budget, isAnchored)
  if (automaton.isTooLarge) return `matches more than ${MOST_POSITIONS} characters one by one`
  if (automaton.hasExponentialLoop()) return 'can take exponential time'
  if (automaton.hasLoopsThatShare()) return 'can take quadratic time or more'
  return automaton.hasTooManyWays() ? 'can be matched in too many ways' : undefined
}

/** Which characters can be matched first and last, and whether none need be. */
interface Ends {
  readonly isEmpty: boolean
  readonly first: readonly number[]
  readonly last: readonly number[]
}

const NOTHING: Ends = { isEmpty: true, first: [], last: [] }

/**
 * Glushkov's automaton: one state for each character of the pattern, and an edge to each that can be matched next. An
 * edge that comes about in two ways counts twice.
 */
class Automaton {
  readonly #budget: StepBudget
  readonly #sources: string[] = []
  readonly #edges: Map<number, number>[] = []
  readonly #masks: readonly bigint[]
  /** Behind these the match is complete whatever follows, so that nothing is tried again. */
  readonly #complete: ReadonlySet<number>
  readonly #start: number
  readonly #componentOf: readonly number[]
  readonly isTooLarge: boolean

  constructor(root: PatternNode, budget: StepBudget, isAnchored: boolean) {
    this.#budget = budget
    const { first } = this.#ends(root)
    this.isTooLarge = this.#sources.length > MOST_POSITIONS
    const size = this.#sources.length
    // The start of the text, and every other place where a match without ^ can begin.
    this.#start = size
    this.#edges.push(new Map(first.map((position) => [position, 1])))
    const elsewhere = isAnchored || this.isTooLarge ? [] : this.#endsAlong(root, 'start').first
    if (elsewhere.length > 0) this.#edges.push(new Map([[size + 1, 1], ...elsewhere.map((one) => [one, 1] as const)]))
    this.#complete = new Set(this.isTooLarge ? [] : this.#endsAlong(root, 'assertion').last)
    const masks = masksOf(this.isTooLarge ? [] : this.#sources)
    this.#masks = [...masks, 0n, ...(elsewhere.length > 0 ? [EVERYTHING] : [])]
    this.#componentOf = this.isTooLarge ? [] : componentsOf(this.#edges, budget)
  }

  #ends(node: PatternNode): Ends {
    this.#budget.spend(1)
    switch (node.kind) {
      case 'character': {
        this.#sources.push(node.source)
        this.#edges.push(new Map())
        const position = this.#sources.length - 1
        return { isEmpty: false, first: [position], last: [position] }
      }
      case 'sequence':
        return this.#chain(node.parts.map((part) => () => this.#ends(part)))
      case 'alternatives':
        return either(node.parts.map((part) => this.#ends(part)))
      case 'repetition':
        return this.#repeated(node)
      default:
        return NOTHING
    }
  }

  #chain(parts: readonly (() => Ends)[]): Ends {
    let whole = NOTHING
    for (const part of parts) {
      // A pattern that is too large is refused; how the rest of it continues does not matter.
      if (this.#sources.length > MOST_POSITIONS) return whole
      const next = part()
      this.#connect(whole.last, next.first)
      whole = joined(whole, next)
    }
    return whole
  }

  #repeated({ body, min, max }: Extract<PatternNode, { kind: 'repetition' }>): Ends {
    if (max === 0) return NOTHING
    const isSame = min === max && isFixed(body)
    if (max > MOST_COPIES && !isSame) {
      const ends = this.#ends(body)
      this.#connect(ends.last, ends.first)
      // Rounds that match nothing are skipped, except those that a count asks for: (a?){30} can be matched in 2^30 ways.
      if (ends.isEmpty && (min > 1 || max !== Number.POSITIVE_INFINITY)) this.#connect(ends.last, ends.first)
      return { ...ends, isEmpty: ends.isEmpty || min === 0 }
    }
    const copies = Math.min(max, MOST_COPIES)
    const required = Math.min(min, copies)
    // X{2,4} is XX(X(X)?)?: the fourth is tried only behind the third.
    const optional = (left: number): Ends =>
      left === 0 ? NOTHING : { ...this.#chain([() => this.#ends(body), () => optional(left - 1)]), isEmpty: true }
    return this.#chain([
      ...Array.from({ length: required }, () => () => this.#ends(body)),
      () => optional(copies - required),
    ])
  }

  #connect(from: readonly number[], to: readonly number[]): void {
    this.#budget.spend(from.length * to.length)
    for (const position of from) {
      const edges = this.#edges[position]
      for (const next of to) edges?.set(next, (edges.get(next) ?? 0) + 1)
    }
  }

  /** The ends where assertions of a kind are never satisfied; positions are counted as the automaton does. */
  #endsAlong(root: PatternNode, failing: 'start' | 'assertion'): Ends {
    let position = 0
    const ends = (node: PatternNode): Ends => {
      this.#budget.spend(1)
      switch (node.kind) {
        case 'character':
          position += 1
          return { isEmpty: false, first: [position - 1], last: [position - 1] }
        case 'sequence':
          return node.parts.reduce((whole, part) => joined(whole, ends(part)), NOTHING)
        case 'alternatives':
          return either(node.parts.map(ends))
        case 'repetition': {
          const { body, min, max } = node
          if (max === 0) return NOTHING
          const isSame = min === max && isFixed(body)
          if (max > MOST_COPIES && !isSame) {
            const once = ends(body)
            return { ...once, isEmpty: once.isEmpty || min === 0 }
          }
          const copies = Math.min(max, MOST_COPIES)
          const required = Math.min(min, copies)
          const optional = (left: number): Ends =>
            left === 0 ? NOTHING : { ...joined(ends(body), optional(left - 1)), isEmpty: true }
          let whole = NOTHING
          for (let copy = 0; copy < required; copy += 1) whole = joined(whole, ends(body))
          return joined(whole, optional(copies - required))
        }
        case 'start':
          return { ...NOTHING, isEmpty: failing !== 'start' }
        default:
          return { ...NOTHING, isEmpty: failing !== 'assertion' }
      }
    }
    return ends(root)
  }

  #overlap(...positions: readonly number[]): boolean {
    return positions.reduce((mask, position) => mask & (this.#masks[position] ?? 0n), EVERYTHING) !== 0n
  }

  #next(position: number): readonly number[] {
    return [...(this.#edges[position]?.keys() ?? [])]
  }

  /** The positions of each loop that can fail behind itself. */
  #loops(): readonly (readonly number[])[] {
    const members = new Map<number, number[]>()
    for (const [position, component] of this.#componentOf.entries())
      members.set(component, [...(members.get(component) ?? []), position])
    return [...members.values()].filter(([first = 0, ...others]) => {
      const isLoop = others.length > 0 || this.#edges[first]?.has(first) === true
      return isLoop && ![first, ...others].every((position) => this.#complete.has(position))
    })
  }

  /** EDA: one string leads from a state back to it on two ways. */
  hasExponentialLoop(): boolean {
    return this.#loops().some((loop) => {
      const inside = new Set(loop)
      const isTwice = loop.some((from) =>
        [...(this.#edges[from] ?? [])].some(([to, ways]) => ways > 1 && inside.has(to)),
      )
      if (isTwice) return true
      const moves = new Map<string, string[]>()
      const back = new Map<string, string[]>()
      for (const left of loop) {
        for (const right of loop) {
          for (const [one, other] of this.#pairs(left, right)) {
            if (!inside.has(one) || !inside.has(other)) continue
            add(moves, `${left} ${right}`, `${one} ${other}`)
            add(back, `${one} ${other}`, `${left} ${right}`)
          }
        }
      }
      const equal = loop.map((position) => `${position} ${position}`)
      const apart = this.#reachable(equal, moves)
      const together = this.#reachable(equal, back)
      return [...apart].some((pair) => together.has(pair) && !equal.includes(pair))
    })
  }

  *#pairs(left: number, right: number): Iterable<readonly [number, number]> {
    for (const one of this.#next(left)) {
      for (const other of this.#next(right)) {
        this.#budget.spend(1)
        if (this.#overlap(one, other)) yield [one, other]
      }
    }
  }

  #reachable(from: readonly string[], moves: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
    const found = new Set(from)
    for (const one of found) {
      for (const next of moves.get(one) ?? []) {
        this.#budget.spend(1)
        found.add(next)
      }
    }
    return found
  }

  /** IDA: one string keeps a loop going, leads from it to a second loop, and keeps that one going. */
  hasLoopsThatShare(): boolean {
    const loops = this.#loops()
    const everywhere = this.#edges.length > this.#start + 1 ? [[this.#start + 1]] : []
    const sources = [...loops.filter(([first = 0]) => first < this.#start), ...everywhere]
    return sources.some((source) =>
      loops.some(
        (target) =>
          source[0] !== target[0] &&
          source.some((from) => target.some((to) => to <= this.#start && this.#leads(from, to))),
      ),
    )
  }

  #leads(from: number, to: number): boolean {
    const found = new Set([`${from} ${from} ${to}`])
    const goal = `${from} ${to} ${to}`
    for (const state of found) {
      const [first = 0, middle = 0, last = 0] = state.split(' ').map(Number)
      for (const one of this.#within(first)) {
        for (const three of this.#within(last)) {
          this.#budget.spend(1)
          if (!this.#overlap(one, three)) continue
          for (const two of this.#next(middle)) {
            this.#budget.spend(1)
            if (this.#overlap(one, two, three)) found.add(`${one} ${two} ${three}`)
          }
        }
      }
      if (found.has(goal)) return true
    }
    return false
  }

  /** The next states in the same loop. */
  #within(position: number): readonly number[] {
    return this.#next(position).filter((next) => this.#componentOf[next] === this.#componentOf[position])
  }

  /** Whether choices outside of loops, one after the other, multiply to too many ways. */
  hasTooManyWays(): boolean {
    const known = new Map<number, number>()
    const waysOf = (component: number): number => {
      const before = known.get(component)
      if (before !== undefined) return before
      const members = [...this.#componentOf.keys()].filter((position) => this.#componentOf[position] === component)
      const behind = members.flatMap((position) => this.#next(position).map((next) => this.#componentOf[next] ?? 0))
      this.#budget.spend(members.length + behind.length)
      const own = members.reduce((product, position) => product * this.#choices(position), 1)
      const rest = [...new Set(behind)].filter((one) => one !== component).map(waysOf)
      const ways = own * Math.max(1, ...rest)
      known.set(component, ways)
      return ways
    }
    return waysOf(this.#componentOf[this.#start] ?? 0) > MOST_WAYS
  }

  /** How many next states a single character can lead to whose ways meet again; others only end sooner or later. */
  #choices(position: number): number {
    const edges = [...(this.#edges[position] ?? [])]
    const counts = edges.map(([one]) =>
      edges.reduce((count, [other, ways]) => count + (one === other || this.#meets(one, other) ? ways : 0), 0),
    )
    return Math.max(1, ...counts)
  }

  #meeting: ReadonlySet<string> | undefined

  #meets(one: number, other: number): boolean {
    if (!this.#overlap(one, other)) return false
    this.#meeting ??= this.#meetingPairs()
    return this.#meeting.has(`${one} ${other}`)
  }

  /** Pairs of states from which one string leads to one state. */
  #meetingPairs(): ReadonlySet<string> {
    const back = new Map<string, string[]>()
    const states = [...this.#edges.keys()]
    for (const left of states) {
      for (const right of states) {
        if (left === right) continue
        for (const [one, other] of this.#pairs(left, right)) add(back, `${one} ${other}`, `${left} ${right}`)
      }
    }
    return this.#reachable(
      states.map((state) => `${state} ${state}`),
      back,
    )
  }
}

function add(map: Map<string, string[]>, key: string, value: string): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}

function joined(one: Ends, other: Ends): Ends {
  return {
    isEmpty: one.isEmpty && other.isEmpty,
    first: one.isEmpty ? [...one.first, ...other.first] : one.first,
    last: other.isEmpty ? [...one.last, ...other.last] : other.last,
  }
}

function either(parts: readonly Ends[]): Ends {
  return {
    isEmpty: parts.some(({ isEmpty }) => isEmpty),
    first: parts.flatMap(({ first }) => first),
    last: parts.flatMap(({ last }) => last),
  }
}

/** Whether a part of a pattern can be matched in one way only: without a choice and without a repetition. */
function isFixed(node: PatternNode): boolean {
  if (node.kind === 'sequence') return node.parts.every(isFixed)
  return node.kind === 'character' || node.kind === 'assertion' || node.kind === 'start'
}

/** The strongly connected component of each state (Tarjan). */
function componentsOf(edges: readonly ReadonlyMap<number, number>[], budget: StepBudget): readonly number[] {
  const order: number[] = []
  const lowest: number[] = []
  const components: number[] = edges.map(() => -1)
  const open: number[] = []
  let visited = 0
  let count = 0
  const visit = (state: number): void => {
    order[state] = lowest[state] = visited
    visited += 1
    open.push(state)
    for (const next of edges[state]?.keys() ?? []) {
      budget.spend(1)
      if (order[next] === undefined) visit(next)
      if (components[next] === -1) lowest[state] = Math.min(lowest[state] ?? 0, lowest[next] ?? 0)
    }
    if (lowest[state] !== order[state]) return
    for (let member = open.pop(); member !== undefined; member = open.pop()) {
      components[member] = count
      if (member === state) break
    }
    count += 1
  }
  for (const state of edges.keys()) if (order[state] === undefined) visit(state)
  return components
}

/** ASCII, and characters of other kinds: letters with and without case, digits, blanks, signs, and beyond 2^16. */
const USUAL = [
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
  ...'äÄßΩωЯя中٣\u00a0\u2028\ufeff€😀',
]
/** Two positions that may share characters which nobody has listed: those with properties, or beyond ASCII in bulk. */
const UNLISTED = 1n << 2048n
const EVERYTHING = (1n << 2049n) - 1n

/** The characters of each position as a set of bits. */
function masksOf(sources: readonly string[]): readonly bigint[] {
  const alphabet = [...new Set([...USUAL, ...sources.flatMap(writtenIn)])].slice(0, 2048)
  const known = new Map<string, bigint>()
  return sources.map((source) => {
    const before = known.get(source)
    if (before !== undefined) return before
    const expression = new RegExp(`^(?:${source})$`, 'u')
    let mask = /\\[pP]/.test(source) || expression.test('\u{10fffd}') ? UNLISTED : 0n
    for (const [bit, character] of alphabet.entries()) if (expression.test(character)) mask |= 1n << BigInt(bit)
    known.set(source, mask)
    return mask
  })
}

/** The characters beyond ASCII that are written in a pattern, with their neighbours, which a range can begin or end at. */
function writtenIn(source: string): readonly string[] {
  const escapes = [...source.matchAll(/\\u\{([0-9A-Fa-f]+)\}|\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})/g)]
  const codes = [
    ...escapes.map(([, point, unit, byte]) => Number.parseInt(point ?? unit ?? byte ?? '0', 16)),
    ...[...source].map((character) => character.codePointAt(0) ?? 0),
  ]
  return codes
    .filter((code) => code > 127)
    .flatMap((code) => [code - 1, code, code + 1])
    .filter((code) => code < 0x110000 && (code < 0xd800 || code > 0xdfff))
    .map((code) => String.fromCodePoint(code))
}
