import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mirrorMetrics } from '../../../plugins/metrics/mirror.ts'

test('without copies there is nothing to tell', () => assert.deepEqual(mirrorMetrics([]), []))

test('copies by route, provider, status and error', () => {
  const metrics = mirrorMetrics([
    { route: 'chat', provider: 'new', status: 200, error: '', count: 7 }, { route: 'chat', provider: 'new', status: 0, error: 'deadline', count: 2 },
  ])
  assert.deepEqual(metrics.map(({ name, type }) => [name, type]), [['gatehouse_mirror_requests_total', 'counter']])
  assert.deepEqual(metrics[0]!.values.map(({ labels, value }) => [labels, value]), [
    [{ route: 'chat', provider: 'new', status: 200, error: '' }, 7], [{ route: 'chat', provider: 'new', status: 0, error: 'deadline' }, 2],
  ])
})
