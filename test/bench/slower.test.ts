import { expect, test } from 'vitest'
import { slowerThan } from './slower.ts'

test('a ratio that is a fifth worse than it was is named, and no other', () => {
  const before = { cold: 2, 'one edited': 1, gone: 1 }
  expect(slowerThan(before, { cold: 2.41, 'one edited': 1.2, new: 9 })).toEqual([
    '::warning title=slower than before::cold: 2.41, was 2.00',
  ])
})
