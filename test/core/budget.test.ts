import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BudgetConfig } from '../../config/config.ts'
import { compileBudget, type Spender } from '../../core/budget.ts'

const compile = (more: Partial<BudgetConfig>) => compileBudget({
  name: 'b', of: 'tokens', limit: 10, window: { kind: 'sliding', ms: 60_000 }, each: [], match: {}, mode: 'strict', reserve: 1, unpriced: 'refuse', floor: 0, ...more,
}, { used: 0, refused: 0 })

const spender: Spender = {
  consumer: { name: 'red', tags: { team: 'a/b' }, rights: [], key: '0123' }, model: 'gpt-x', route: { name: 'chat' },
}

test('each value has a count of its own, and no two share one', () => {
  assert.equal(compile({}).keyOf(spender), 'b/tokens/60000ms')
  assert.equal(compile({ each: ['consumer', 'key', 'model', 'route', 'tags.team', 'tags.none'], window: { kind: 'total' } }).keyOf(spender),
    'b/tokens/total/consumer=red/key=0123/model=gpt-x/route=chat/tags.team=a%2Fb/tags.none=')
})

for (const [match, counts] of [
  [{}, true],
  [{ consumer: ['red', 'blue'] }, true],
  [{ consumer: ['blue'] }, false],
  [{ tags: { team: ['a/*'] } }, true],
  [{ tags: { team: ['a/*'], rank: ['*'] } }, false],
  [{ model: ['gpt-*'], route: ['chat'] }, true],
  [{ model: ['claude-*'] }, false],
  [{ route: ['other'] }, false],
] as const) {
  test(`${JSON.stringify(match)} ${counts ? 'counts' : 'does not count'} it`, () => assert.equal(compile({ match }).counts(spender), counts))
}

test('a path that passes by unread may ask for any model', () => {
  assert.ok(compile({ match: { model: ['claude-*'] } }).counts({ ...spender, model: '' }))
})
