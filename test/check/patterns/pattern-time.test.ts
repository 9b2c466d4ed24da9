import { describe, expect, test } from 'vitest'
import { PatternChecker, patternProblem, StepBudget } from '../../../generator/check/patterns/pattern-time.ts'
import { exampleErrors } from '../../../generator/check/rules/example-errors.ts'
import type { DataSchema } from '../../../generator/compiled/definition.ts'
import { acme, findingsIn } from '../../support/acme.ts'

const EXPONENTIAL = 'can take exponential time'
const QUADRATIC = 'can take quadratic time or more'
const WAYS = 'can be matched in too many ways'
const LOOKAROUND = 'has a lookaround with an open repetition that is not right behind "^"'
const REFERENCE = 'uses a back reference, whose time cannot be bounded'

describe('a pattern that can take more than linear time is refused', () => {
  test.each([
    // Of the audit.
    [String.raw`^(\w|\d)*_*$`, EXPONENTIAL],
    ['^[a-z_]*[a-z_]*[a-z_]*[a-z_]*[a-z_]*!?$', QUADRATIC],
    // Repetitions inside repetitions.
    ['^(a+)+$', EXPONENTIAL],
    ['^(a*)*$', EXPONENTIAL],
    ['^(?:a*?)+?$', EXPONENTIAL],
    ['^([a-z]+)*$', EXPONENTIAL],
    ['^(a?b?)*$', EXPONENTIAL],
    ['^(?:a?){30}a{30}$', EXPONENTIAL],
    ['^(?:a{1,20}){1,20}$', EXPONENTIAL],
    ['^(?:(?:a|b)+c?)*$', EXPONENTIAL],
    ['(x+x+)+y', EXPONENTIAL],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', EXPONENTIAL],
    // Alternatives that share strings.
    ['^(a|a)*$', EXPONENTIAL],
    ['^(?:a|b|ab)*c$', EXPONENTIAL],
    ['^(?:(?:a|ab)(?:c|bc))+$', EXPONENTIAL],
    [String.raw`^(?:\p{L}|\p{Lu})*$`, EXPONENTIAL],
    [String.raw`^(?:\p{Lu}|\p{Script=Cyrillic})*$`, EXPONENTIAL],
    [String.raw`^(?:[\u{400}-\u{4ff}]|[\u{4a0}-\u{4a1}])*$`, EXPONENTIAL],
    ['^(?:é|[è-ê])*$', EXPONENTIAL],
    // Repetitions behind each other, also with a limit.
    ['^a*a*$', QUADRATIC],
    ['a*a*a*$', QUADRATIC],
    ['^a{1,200}a{1,200}$', QUADRATIC],
    ['^.*a.*b.*c$', QUADRATIC],
    [String.raw`^[^@\s]+@[^@\s]+\.[^@\s]+$`, QUADRATIC],
    // A search from every place of the string.
    ['[0-9]+$', QUADRATIC],
    [String.raw`^\s+|\s+$`, QUADRATIC],
    // Choices that multiply without a repetition.
    ['(a|a)'.repeat(20), WAYS],
    ['^(?:a|a)(?:b|b)(?:c|c)(?:d|d)(?:e|e)(?:f|f)(?:g|g)(?:h|h)(?:i|i)(?:j|j)(?:k|k)(?:l|l)(?:m|m)(?:n|n)$', WAYS],
    // Features that automata do not express.
    [String.raw`^(\w+)\1*$`, REFERENCE],
    [String.raw`^(?<word>a+)\k<word>$`, REFERENCE],
    ['(?=(a+)+$)b', LOOKAROUND],
    ['^(?=(a+)+$)b', EXPONENTIAL],
    ['^(?:(?=.*x)a)*$', LOOKAROUND],
    ['^a*(?!a*b)', LOOKAROUND],
    ['^(?=(?!a*b).*)', LOOKAROUND],
    ['^b(?<=a+b)', LOOKAROUND],
    // Size.
    [`^${'(?:'.repeat(30)}a${'){8}'.repeat(30)}$`, 'matches more than 256 characters one by one'],
    [`^${'(?:'.repeat(60)}${'){8}'.repeat(60)}$`, 'is too complex to be checked'],
    [`^${'a?'.repeat(60)}${'a'.repeat(60)}$`, 'is too complex to be checked'],
    ['(', 'is not a regular expression of ECMAScript with Unicode'],
  ])('%s', (pattern, problem) => {
    expect(patternProblem(pattern)).toBe(problem)
  })
})

test.each([
  '^https://',
  '^act_[0-9]+$',
  '^[0-9]{5,20}$',
  '^[a-z]+(-[a-z]+)*$',
  '^[a-z][a-z0-9-]*[a-z0-9]$',
  String.raw`^\+[1-9][0-9]{1,14}$`,
  '^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$',
  String.raw`^(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}$`,
  '^(?=.*[A-Z])(?=.*[0-9]).{8,64}$',
  '^(?!.*--)[a-z-]+$',
  '^(?:january|february|march|april|may|june|july)$',
  '^(?:foo|foobar)+;$',
  String.raw`^\p{L}+$`,
  '^[а-я]+ [a-z]+$',
  '^[\u{1f600}-\u{1f64f}]+$',
  '^[^,]*,[^,]*,.*$',
  String.raw`\bfoo\b`,
  String.raw`\d{4}-\d{2}`,
  '[0-9]+',
  '(^|,)x*y',
  '',
])('the linear pattern %s is fine', (pattern) => {
  expect(patternProblem(pattern)).toBeUndefined()
})

describe('the analysis has a budget', () => {
  test('whose steps are counted, so that every machine gives the same answer', () => {
    const pattern = '^[a-z]+(-[a-z]+)*$'
    const needed = Array.from({ length: 2000 }, (_, steps) => steps).find(
      (steps) => patternProblem(pattern, new StepBudget(steps)) === undefined,
    )
    expect(needed).toBeGreaterThan(20)
    expect(patternProblem(pattern, new StepBudget((needed ?? 0) - 1))).toBe('is too complex to be checked')
  })

  test('that the patterns of a definition share, and a pattern that is repeated costs nothing', () => {
    const patterns = new PatternChecker()
    const pattern = (index: number) => `^(?:[a-z]{1,8}:){1,8}${index}[a-z]*[0-9]$`
    const problems = Array.from({ length: 2000 }, (_, index) => patterns.problem(pattern(index)))
    expect(problems[0]).toBeUndefined()
    expect(problems.at(-1)).toBe('is too complex to be checked')
    expect(patterns.problem(pattern(0))).toBeUndefined()
  })
})

test('an unsafe pattern is not run on an example, by neither validator', () => {
  const schema: DataSchema = { type: 'string', pattern: String.raw`^(\w|\d)*_*$` }
  expect(exampleErrors(schema, `${'1'.repeat(40)}!`)).toEqual([])
})

test('a pattern anywhere in the schema of an event is checked', () => {
  const places = [
    ['pattern: "^c_[0-9]+$"', 'pattern: "^(c_[0-9]+)+[0-9]*$"'],
    ['pattern: "^c_[0-9]+$"', 'anyOf: [{ pattern: "^(a|a)*$" }]'],
    ['pattern: "^c_[0-9]+$"', 'allOf: [{ anyOf: [{ pattern: "^a*a*$" }] }]'],
  ] as const
  for (const [good, bad] of places) {
    expect(acme).toContain(good)
    const codes = findingsIn({ 'acme-crm.yaml': acme.replace(good, bad) }).map(({ code }) => code)
    expect(codes).toContain('event/pattern-unsafe')
  }
})
