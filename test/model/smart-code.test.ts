import { describe, expect, test } from 'vitest'
import { SMART_CODE, smartCodeOf } from '../../generator/model/smart-code.ts'
import { fc } from '../support/property.ts'

const codeOf = (name: string) => smartCodeOf('GITHUB', name, { version: 1 })

describe('the smart code of an event', () => {
  test.each([
    ['form_submitted', 'HERA.GITHUB.EVENT.FORM.SUBMITTED.v1'],
    ['customer_subscription_trial_will_end', 'HERA.GITHUB.EVENT.CUSTOMER.SUBSCRIPTION.TRIAL.WILL.END.v1'],
    ['push', 'HERA.GITHUB.EVENT.WORD_.PUSH.v1'],
    ['plan_a_ended', 'HERA.GITHUB.EVENT.WORD_.PLAN_A_ENDED.v1'],
    ['one_of_the_names_with_seven_words', 'HERA.GITHUB.EVENT.ONE_OF_THE_NAMES_WITH_SEVEN.WORDS.v1'],
  ])('%s: %s', (name, code) => {
    expect(codeOf(name)).toBe(code)
    expect(code).toMatch(SMART_CODE)
  })

  test('is different for every two names', () => {
    const word = fc.stringMatching(/^[a-c1]{1,4}$/)
    const names = fc.array(word, { minLength: 1, maxLength: 9 }).map((words) => `x${words.join('_')}`)
    fc.assert(
      fc.property(names, names, (left, right) => {
        expect(codeOf(left) === codeOf(right)).toBe(left === right)
      }),
    )
  })
})
