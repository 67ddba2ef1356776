import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '../../config/loader.ts'
import { complaint, completed } from './complaint.ts'

const load = (lines: string) => parseConfig(completed(lines), { file: 'g.yaml', env: {} })
const budget = (fields: string): string => `budgets: [{ name: b, ${fields} }]`

for (const [name, lines, ...problems] of [
  ['no limit', budget('of: requests'), '1:11 /budgets/0/limit expected a number above 0; got nothing'],
  ['a limit of nothing', budget('of: requests, limit: 0.5'), '1:36 /budgets/0/limit expected at least 1; got less than that'],
  ['more money than can be counted', budget('of: cost, limit: 10000000, window: month'),
    '1:32 /budgets/0/limit expected at most 9000000 dollars; got more than can be counted exactly'],
  ['a window of requests at once', budget('of: concurrency, limit: 3, window: 1m'),
    '1:49 /budgets/0/window expected no window, since requests at once are counted while they run; got sliding'],
  ['too short a window', budget('of: requests, limit: 3, window: 500ms'), '1:46 /budgets/0/window expected a duration of at least 1s; got 500ms'],
  ['a floor under a strict budget', budget('of: tokens, limit: 3, floor: 1'),
    '1:44 /budgets/0/floor expected no floor, since the budget is strict; got 1; '
    + 'what is used without the store may pass the limit; `mode: optimistic` allows that'],
  ['a window that is none', budget('of: requests, limit: 3, window: year'),
    '1:46 /budgets/0/window expected a duration such as 1m or 1h, or day, week, month (UTC) or total; got "year"'],
  ['something that nobody counts by', budget('of: requests, limit: 3, each: [user]'),
    '1:53 /budgets/0/each/0 expected consumer, key, model, route or tags.NAME; got "user"'],
  ['two of a name', 'budgets: [{ name: b, of: requests, limit: 1 }, { name: b, of: tokens, limit: 1 }]',
    '1:50 /budgets/1/name expected a name of its own; got "b" again'],
] as const) {
  test(`${name} is refused with its place`, async () => assert.deepEqual(await complaint(lines), problems))
}

test('what is left out is filled in, and units are reckoned', async () => {
  const { config } = await load('budgets: [{ name: a, of: cost, limit: 1.5, window: month }, { name: b, of: concurrency, limit: 2, each: [tags.team], match: { consumer: x, tags: { team: y } } },'
    + ' { name: c, of: tokens, limit: 10, window: 1m, mode: optimistic, floor: 5 }]\ncounter: { use: redis, options: { url: "redis://x" } }')
  const filled = { each: [], match: {}, mode: 'strict', reserve: 4096, unpriced: 'refuse', floor: 0 }
  assert.deepEqual(config.budgets, [
    { ...filled, name: 'a', of: 'cost', limit: 1_500_000_000, window: { kind: 'calendar', period: 'month' } },
    { ...filled, name: 'b', of: 'concurrency', limit: 2, window: { kind: 'held' }, each: ['tags.team'], match: { consumer: ['x'], tags: { team: ['y'] } } },
    { ...filled, name: 'c', of: 'tokens', limit: 10, window: { kind: 'sliding', ms: 60_000 }, mode: 'optimistic', floor: 5 },
  ])
  assert.deepEqual(config.counter, { use: 'redis', options: { url: 'redis://x' } })
  const none = await load('')
  assert.deepEqual([none.config.budgets, none.config.counter], [[], { use: 'memory', options: {} }])
})

test('a budget that counts nobody is told', async () => {
  const { warnings } = await load('budgets: [{ name: lost, of: requests, limit: 1, match: { consumer: [nobody], route: gone } }, { name: fine, of: requests, limit: 1, match: { consumer: "*" } }]')
  assert.deepEqual(warnings.filter(warning => warning.includes('budget')), [
    'the budget lost never applies: it counts the consumers "nobody" only, and none is declared',
    'the budget lost never applies: it counts the routes "gone" only, and none is declared',
  ])
})
