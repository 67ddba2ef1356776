import assert from 'node:assert/strict'
import { test } from 'node:test'
import { validator } from '../../../config/validator.ts'
import redis from '../../../plugins/counter/redis.ts'
import { ask } from './contract.ts'

test('takes the URL of a Redis, and nothing else', () => {
  const check = validator(redis.options!)
  assert.deepEqual(check({ url: 'rediss://user:secret@cache.example:6380/2', prefix: 'house' }), [])
  assert.match(check({ url: 'http://127.0.0.1' })[0]!.expected, /redis:/)
  assert.equal(check({ url: 'redis://127.0.0.1', prefix: '{x}' }).length, 1)
})

test('opens where there is no server, and says nothing of where it was looked for', async t => {
  const counter = await redis.open({ directory: '', options: { url: 'redis://:secret-word@127.0.0.1:1' } })
  t.after(() => counter.close())
  assert.deepEqual(await counter.take([]), [])
  await assert.rejects(counter.take([ask({ want: 1 })]), error => !String(error).includes('secret-word') && !String(error).includes('127.0.0.1'))
})
