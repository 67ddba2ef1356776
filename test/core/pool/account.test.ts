import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Account } from '../../../core/pool/account.ts'

test('what is expected follows what was, the latest the most', () => {
  const account = new Account()
  assert.equal(account.expected, 0)
  account.ran(10)
  assert.equal(account.expected, 10)
  account.ran(20)
  assert.equal(account.expected, 12)
  for (let i = 0; i < 30; i++) account.ran(2)
  assert.ok(account.expected > 2 && account.expected < 2.1)
  assert.equal(account.totals().runMs, 90)
})
