import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import { Roster } from '../../core/roster.ts'

test('a roster holds who entered and did not leave, whatever the order', () => {
  fc.assert(fc.property(fc.array(fc.nat(9)), moves => {
    const all = Array.from({ length: 10 }, (_, name) => ({ name, place: -1 }))
    const roster = new Roster<{ name: number; place: number }>()
    const expected = new Set<number>()
    for (const name of moves) {
      if (expected.delete(name)) {
        roster.leave(all[name]!)
      } else {
        expected.add(name)
        roster.enter(all[name]!)
      }
    }
    assert.equal(roster.size, expected.size)
    assert.deepEqual([...roster].map(({ name }) => name).toSorted(), [...expected].toSorted())
    assert.ok(all.every(({ name, place }) => expected.has(name) === (place !== -1)))
  }))
})

test('members may leave while the roster is walked', () => {
  const roster = new Roster<{ place: number }>()
  for (let i = 0; i < 5; i++) roster.enter({ place: -1 })
  for (const member of roster) roster.leave(member)
  assert.equal(roster.size, 0)
})
