import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Troubles } from '../../core/troubles.ts'

test('each is told when it begins and when it is over, and listed meanwhile', () => {
  const troubles = new Troubles()
  const told: string[] = []
  troubles.listener = ({ provider, about, why }, isOver) => { told.push(`${provider} ${about} ${why} ${isOver}`) }
  troubles.end('p', 'key 1')
  troubles.begin('p', 'key 1', 'refused')
  troubles.begin('p', 'key 1', 'refused again')
  troubles.begin('p', 'token', 'none')
  assert.deepEqual(troubles.all, ['p, key 1: refused', 'p, token: none'])
  troubles.end('p', 'key 1')
  assert.deepEqual(told, ['p key 1 refused false', 'p token none false', 'p key 1 refused true'])
  assert.deepEqual(troubles.all, ['p, token: none'])
})
