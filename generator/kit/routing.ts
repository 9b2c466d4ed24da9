import type { BodyFormat } from './body.ts'
import type { Location } from './location.ts'
import { IN_VALUE, stepsTo } from './location.ts'
import type { ElementTest, Path, Scope, Slots, Step, Visit } from './mapping.ts'
import { childOf, elementTest, everyOf, GIVEN, textOf, withName } from './mapping.ts'
import type { PackedForm, Unpack } from './named-value.ts'
import { unpackerOf } from './named-value.ts'
import type { RequestFacts } from './request-facts.ts'
import type { Route } from './route.ts'

/** A value of a delivery or request that identifies the installation which it is for. */
export interface RoutingRule<Field extends string = string> {
  readonly from: Path
  /** The place of the value in the JSON that the string at `from` contains; several for JSON in strings of that JSON. */
  readonly unpack?: readonly PackedStep[]
  /** The authentication field with the same value. */
  readonly field: Field
  /** Text before the value that the field does not have. */
  readonly prefix?: string
}

/** JSON in a string, and the place of a value in it. */
export interface PackedStep {
  /** The name that delivery rules give the JSON. */
  readonly name: string
  readonly as: PackedForm
  readonly at: readonly (string | number)[]
}

/** Characters of the longest value that identifies an installation. */
const LONGEST = 200

/** A value as it is compared with the field of an installation; undefined if it cannot be equal to one. */
function routeOf({ field, prefix = '', unpack = [] }: RoutingRule, found: unknown, open: Unpack): Route | undefined {
  let value = found
  for (const { as, at } of unpack) {
    const outcome = open(value, as)
    value = 'value' in outcome ? at.reduce<unknown>((inside, step) => childOf(step)(inside), outcome.value) : undefined
  }
  const text = textOf(value)
  if (text === undefined || text.length <= prefix.length || text.length > LONGEST || !text.startsWith(prefix))
    return undefined
  return { field, value: text.slice(prefix.length) }
}

/** A rule with its path as functions. */
interface CompiledRule {
  readonly rule: RoutingRule
  readonly isOfRequest: boolean
  /** The steps from the body, each with the values of the path from there on. */
  readonly steps: readonly CompiledStep[]
  readonly every: Visit
}

interface CompiledStep {
  readonly step: Step
  readonly child: ((value: unknown) => unknown) | undefined
  readonly holds: ElementTest | undefined
  readonly rest: Visit
}

const compiled = new WeakMap<readonly RoutingRule[], readonly CompiledRule[]>()

function compiledRules(rules: readonly RoutingRule[]): readonly CompiledRule[] {
  const made = compiled.get(rules) ?? rules.map(compiledRule)
  compiled.set(rules, made)
  return made
}

/** `part` is the value that the rest of a path starts at. */
const INSIDE: Slots = withName(GIVEN, 'part')

function compiledRule(rule: RoutingRule): CompiledRule {
  const [start, ...steps] = rule.from
  return {
    rule,
    isOfRequest: start === 'request',
    steps: steps.map((step, index) => ({
      step,
      child: typeof step === 'object' ? undefined : childOf(step),
      holds: typeof step === 'object' && 'where' in step ? elementTest(step.where, GIVEN) : undefined,
      rest: everyOf(['part', ...steps.slice(index)], INSIDE),
    })),
    every: everyOf(rule.from, GIVEN),
  }
}

/** The parts of a webhook by which routes are read. */
export interface RouteFormat extends Pick<BodyFormat, 'parseExactly'> {
  readonly routing: readonly RoutingRule[]
}

/**
 * The distinct routes of a delivery, at most `limit`, those of the first rule first. `delivery` is undefined if the body
 * cannot be parsed.
 */
export function routesIn(
  format: RouteFormat,
  delivery: unknown,
  request: RequestFacts,
  limit: number,
): readonly Route[] {
  const found = new Map<string, Route>()
  const open = unpackerOf(format)
  for (const { rule, every } of compiledRules(format.routing)) {
    every([delivery, request], (value) => {
      const route = found.size < limit ? routeOf(rule, value, open) : undefined
      if (route !== undefined) found.set(routeKey(route), route)
    })
  }
  return [...found.values()]
}

/** The distinct routes among the values of a path. */
function routesOf(rule: RoutingRule, visit: Visit, scope: Scope, open: Unpack): readonly Route[] {
  const found = new Map<string, Route>()
  visit(scope, (value) => {
    const route = routeOf(rule, value, open)
    if (route !== undefined) found.set(routeKey(route), route)
  })
  return [...found.values()]
}

/** A name for a route that no other route has. */
export function routeKey({ field, value }: Route): string {
  return `${field} ${value}`
}

/** Finds the routes of a part of a delivery by the locations of the loops around it, the innermost last. */
export type RoutesAt = (loops: readonly (Location | undefined)[]) => readonly Route[]

const NO_ROUTES: readonly Route[] = []

/**
 * The routes of parts of a delivery. A path that goes through the elements of a list has the value of the element that
 * the part is in; where the part is in none of them, it has all their values. The first rule with a value decides.
 */
export function routesBy(format: RouteFormat, delivery: unknown, request: RequestFacts): RoutesAt {
  const open = unpackerOf(format)
  const scope: Scope = [delivery, request]
  // A delivery of many parts goes through each list once.
  const known = new Map<object, Map<unknown, readonly Route[]>>()
  const allOf = (rule: RoutingRule, { rest }: Pick<CompiledStep, 'rest'>, value: unknown): readonly Route[] => {
    const found = known.get(rest) ?? new Map<unknown, readonly Route[]>()
    known.set(rest, found)
    const routes = found.get(value) ?? routesOf(rule, rest, [delivery, request, value], open)
    found.set(value, routes)
    return routes
  }
  const along = ({ rule, steps }: CompiledRule, location: readonly (string | number)[]): readonly Route[] => {
    let value = delivery
    let isAlong = true
    for (const [index, compiledStep] of steps.entries()) {
      const { step, child, holds } = compiledStep
      const taken: string | number | undefined = isAlong ? location[index] : undefined
      if (child !== undefined) {
        isAlong = taken === step
        value = child(value)
      } else if (taken === undefined) return allOf(rule, compiledStep, value)
      else {
        value = childOf(taken)(value)
        if (holds?.(scope, value) === false) return NO_ROUTES
      }
    }
    const route = routeOf(rule, value, open)
    return route === undefined ? NO_ROUTES : [route]
  }
  /** The location that has the most steps in common with the path; of equal ones the innermost. */
  const nearest = ({ steps }: CompiledRule, locations: readonly (readonly (string | number)[])[]) =>
    locations.reduce(
      (best, location) => (commonSteps(steps, location) >= commonSteps(steps, best) ? location : best),
      [],
    )
  return (loops) => {
    const locations = loops.filter((location) => location !== IN_VALUE).map(stepsTo)
    for (const rule of compiledRules(format.routing)) {
      const routes = rule.isOfRequest
        ? allOf(rule.rule, { rest: rule.every }, delivery)
        : along(rule, nearest(rule, locations))
      if (routes.length > 0) return routes
    }
    return NO_ROUTES
  }
}

function commonSteps(steps: readonly CompiledStep[], location: readonly (string | number)[]): number {
  const end = steps.findIndex(({ step }, index) => {
    const taken = location[index]
    return taken === undefined || (typeof step !== 'object' && taken !== step)
  })
  return end < 0 ? steps.length : end
}
