import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import metrics from '../../plugins/metrics.ts'
import type { AccessRecord, ControlPlane, DataPlane } from '../../sdk/index.ts'
import { recordOf } from './metrics/record.ts'

test('a worker answers with its own counts and those of its process, and the admin port shows them', async () => {
  const listeners: ((record: AccessRecord) => void)[] = []
  const answers = new Map<string, (question: unknown) => unknown>()
  const house = {
    settled: (listener: (record: AccessRecord) => void) => void listeners.push(listener),
    answers: (topic: string, answer: (question: unknown) => unknown) => void answers.set(topic, answer),
    inFlight: 3, epoch: 7, loopTimes: [{ chain: 'guarded', step: 'burn', calls: 100, p99: 20, advice: 'run it elsewhere' }],
    budgets: [{ name: 'rate', of: 'requests', limit: 10, used: 4, refused: 2, left: 6 }],
    mirrors: [{ route: 'chat', provider: 'new', status: 200, error: '', count: 5 }],
  } as unknown as DataPlane
  await metrics.data!(Fastify(), house, {})
  for (const listener of listeners) listener(recordOf())

  const control = Fastify()
  await metrics.control!(control, {
    ask: async (topic: string) => [structuredClone(await answers.get(topic)!(undefined))],
    summary() {
      return { epoch: 8, workers: [{ pid: process.pid, state: 'listening', restarts: 0 }], reloads: { ok: 1, failed: 2 }, storeUp: true }
    },
  } as unknown as ControlPlane, {})
  const { body, headers, statusCode } = await control.inject('/metrics')

  assert.deepEqual([statusCode, headers['content-type']], [200, 'text/plain; version=0.0.4; charset=utf-8'])
  for (const line of [
    'gatehouse_requests_total{route="chat",dialect="openai-chat",status="200",ending="complete"} 1',
    'gatehouse_in_flight 3',
    'gatehouse_step_loop_p99_seconds{chain="guarded",step="burn"} 0.02',
    'gatehouse_mirror_requests_total{route="chat",provider="new",status="200",error=""} 5',
    'gatehouse_budget_refusals_total{budget="rate"} 2',
    'gatehouse_budget_store_up 1',
    'gatehouse_config_epoch 7',
    'gatehouse_workers{state="listening"} 1',
    'gatehouse_config_reloads_total{result="failed"} 2',
  ]) assert.ok(body.includes(`${line}\n`), line)
  for (const name of ['process_cpu_seconds_total', 'nodejs_eventloop_lag_p99_seconds', 'nodejs_heap_size_used_bytes']) {
    assert.match(body, new RegExp(`^${name} [0-9.e-]+$`, 'm'))
  }
})
