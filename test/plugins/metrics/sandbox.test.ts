import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sandboxMetrics } from '../../../plugins/metrics/sandbox.ts'

test('without a sandbox there is nothing to tell', () => {
  assert.deepEqual(sandboxMetrics(undefined), [])
})

test('a sandbox tells its hosts, and who brought them down', () => {
  const metrics = sandboxMetrics({
    hosts: 2, retired: { 'out of memory': 4 }, quarantines: { bomb: 1 }, quarantined: ['bomb@0123456789ab'],
    strikes: [{ processor: 'bomb', reason: 'out of memory', count: 3 }],
  })
  const told = Object.fromEntries(metrics.map(({ name, values }) => [name, values.map(({ labels, value }) => [labels, value])]))
  assert.deepEqual(told, {
    gatehouse_sandbox_hosts: [[{}, 2]],
    gatehouse_sandbox_quarantined: [[{}, 1]],
    gatehouse_sandbox_hosts_retired_total: [[{ reason: 'out of memory' }, 4]],
    gatehouse_sandbox_strikes_total: [[{ processor: 'bomb', reason: 'out of memory' }, 3]],
    gatehouse_sandbox_quarantines_total: [[{ processor: 'bomb' }, 1]],
  })
})
