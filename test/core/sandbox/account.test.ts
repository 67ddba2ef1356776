import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SandboxAccount } from '../../../core/sandbox/account.ts'
import { UNKNOWN } from '../../../core/sandbox/host-pair.ts'

test('counts hosts by reason, and processors by name whichever their version', () => {
  const account = new SandboxAccount()
  const events = [
    ['restarted', '', ''], ['retired', 'bomb@1', 'out of memory'], ['strike', 'bomb@1', 'out of memory'],
    ['retired', '', UNKNOWN], ['strike', 'bomb@2', 'out of memory'], ['strike', 'bomb@2', 'did not stop'],
    ['quarantined', 'bomb@2', 'did not stop'], ['strike', 'other@1', 'catastrophic error'],
  ] as const
  for (const [kind, processor, reason] of events) account.note({ kind, processor, reason })
  assert.deepEqual(account.numbers(2, ['bomb@2']), {
    hosts: 2, quarantined: ['bomb@2'], retired: { 'out of memory': 1, [UNKNOWN]: 1 }, quarantines: { bomb: 1 },
    strikes: [
      { processor: 'bomb', reason: 'out of memory', count: 2 }, { processor: 'bomb', reason: 'did not stop', count: 1 },
      { processor: 'other', reason: 'catastrophic error', count: 1 },
    ],
  })
})

test('a reason that is none of ours is no label of its own', () => {
  const account = new SandboxAccount()
  for (let i = 0; i < 100; i++) account.note({ kind: 'retired', processor: '', reason: `invented ${i}` })
  assert.deepEqual(account.numbers(0, []).retired, { other: 100 })
})
