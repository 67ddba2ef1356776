import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileCondition, type Facts } from '../../core/condition.ts'

const facts: Facts = {
  request: { model: 'gpt-4o', stream: true, path: '/v1/chat/completions', dialect: 'openai-chat' },
  consumer: { name: 'ann', tags: { team: 'research' }, rights: [] },
  headers: { 'x-tier': 'gold' },
}

for (const [source, expected] of [
  ["consumer.tags.team != 'guests'", true],
  ["request.model.startsWith('gpt') && request.stream", true],
  ["headers['x-tier'] == 'gold'", true],
  ["consumer.name in ['bob', 'eve']", false],
  ["has(consumer.tags.office) && consumer.tags.office == 'x'", false],
] as const) {
  test(source, () => {
    assert.equal(compileCondition(source, false)(facts), expected)
  })
}

test('a condition that fails while it runs gives the answer that is safe at its place', () => {
  const source = "headers['x-missing'] == 'y'"
  assert.equal(compileCondition(source, false)(facts), false)
  assert.equal(compileCondition(source, true)(facts), true)
})

for (const [source, complaint] of [
  ['request.modle == "x"', /modle/],
  ['request.model ==', /EOF|Unexpected/],
  ['request.model', /true or false/],
  ['user.name == "x"', /user/],
  ["request.model.matches('(a+)+$')", /matches/],
  [`request.model == '${'x'.repeat(2000)}'`, /2000/],
] as const) {
  test(`refuses ${source.slice(0, 40)}`, () => {
    assert.throws(() => compileCondition(source, false), complaint)
  })
}
