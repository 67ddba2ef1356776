import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deliveryOf, deliveryOfAll, holdsMore } from '../../core/delivery.ts'
import type { Step } from '../../core/step.ts'
import { stepOf } from './toy-step.ts'

const needing = (delivery: Step['delivery'], mode: Step['mode'] = 'enforce'): Step => stepOf({ inspect: () => [] }, { delivery, mode })
const LIMITS = ['live', 'holdback', 'window', 'complete'] as const

for (const [delivery, tooLittle] of [
  ['holdback', ['live']], ['window', ['live', 'holdback']], ['complete', ['live', 'holdback', 'window']],
] as const) {
  test(`a step that needs ${delivery} holds more than ${tooLittle.join(' and ')} allow`, () => {
    assert.equal(deliveryOf(needing(delivery)), delivery)
    assert.deepEqual(LIMITS.filter(limit => holdsMore(needing(delivery), limit)), tooLittle)
  })

  test(`in shadow a step that needs ${delivery} holds nothing back`, () => {
    assert.equal(deliveryOf(needing(delivery, 'shadow')), 'live')
    assert.deepEqual(LIMITS.filter(limit => holdsMore(needing(delivery, 'shadow'), limit)), [])
  })
}

for (const [steps, expected] of [
  [[], 'live'],
  [[needing('complete', 'shadow')], 'live'],
  [[needing('holdback')], 'holdback'],
  [[needing('window'), needing('holdback')], 'window'],
  [[needing('holdback'), needing('complete'), needing('window')], 'complete'],
  [[needing('complete', 'shadow'), needing('holdback')], 'holdback'],
] as const) {
  test(`${steps.map(({ mode, delivery }) => `${delivery} (${mode})`).join(' and ') || 'no step'} together come to ${expected}`, () => {
    assert.equal(deliveryOfAll(steps), expected)
  })
}
