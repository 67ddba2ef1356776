import assert from 'node:assert/strict'
import { test } from 'node:test'
import dialect from '../../../core/dialect/openai-raw.ts'
import { Scanner } from '../../../core/json-tape.ts'
import { read } from '../../../core/reading.ts'
import { GatehouseError } from '../../../sdk/index.ts'

test('its maps know nothing, so no string counts as seen', () => {
  const tape = new Scanner().scan(Buffer.from('{"model":"m","usage":{"total_tokens":1}}'), { depth: 8 })
  for (const map of [dialect.request, dialect.response]) {
    const { spots, uncovered, usage } = read(tape, map)
    assert.deepEqual([spots.length, uncovered.length, usage], [0, 1, -1])
  }
  assert.equal(dialect.usage({ prompt_tokens: 1 }), undefined)
})

test('it speaks where there is an error', () => {
  const { error } = JSON.parse(dialect.error(new GatehouseError('unknown_path', 'Expected a path; got none.')))
  assert.deepEqual(error, { message: 'Expected a path; got none.', type: 'not_found_error', param: null, code: 'unknown_path' })
})

test('what a body of any type needs is passed on, and no credential', () => {
  assert.ok(dialect.forwards.includes('content-type'))
  for (const name of ['authorization', 'api-key', 'x-api-key', 'cookie', 'openai-organization']) {
    assert.ok(!dialect.forwards.includes(name))
  }
})
