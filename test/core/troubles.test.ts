import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Troubles } from '../../core/troubles.ts'

test('each is told when it begins and when it is over, and listed meanwhile', () => {
  const troubles = new Troubles()
  const told: string[] = []
  troubles.listener = ({ of, name, about, why }, isOver) => { told.push(`${of} ${name} ${about} ${why} ${isOver}`) }
  troubles.end('p', 'key 1')
  troubles.begin('p', 'key 1', 'refused')
  troubles.begin('p', 'key 1', 'refused again')
  troubles.begin('p', 'token', 'none')
  troubles.begin('s', 'request 1', 'failed', 'step')
  assert.deepEqual(troubles.all, ['p, key 1: refused', 'p, token: none', 's, request 1: failed'])
  troubles.end('p', 'key 1')
  assert.deepEqual(told, ['provider p key 1 refused false', 'provider p token none false', 'step s request 1 failed false', 'provider p key 1 refused true'])
  assert.deepEqual(troubles.all, ['p, token: none', 's, request 1: failed'])
})
