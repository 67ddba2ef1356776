// Against a real server: postgres.services.ts. Here is what needs none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { validator } from '../../../config/validator.ts'
import postgres from '../../../plugins/index/postgres.ts'
import { DIMENSIONS, entryOf, vectorOf } from './kit.ts'

test('a URL that is none is refused, and so is a query in it', () => {
  const check = validator(postgres.options!)
  assert.deepEqual(check({ url: 'postgres://u:p@db.example.com:5432/house' }), [])
  for (const url of ['mysql://u@h/d', 'postgres://u:p@h/d?sslmode=disable', 'house']) assert.equal(check({ url })[0]?.pointer, '/url')
})

test('opening costs nothing; where nobody listens, a call is an error without the password', async () => {
  const index = await postgres.open({ directory: '', options: { url: 'postgres://u:secret@127.0.0.1:1/d' }, dimensions: DIMENSIONS, model: 'm' })
  for (const call of [() => index.size(), () => index.put([entryOf('a', 1)]), () => index.nearest('p', vectorOf(1), 1)]) {
    await assert.rejects(call, (error: Error) => /^PostgreSQL at 127\.0\.0\.1: error ECONNREFUSED$/.test(error.message))
  }
  await index.close()
})
