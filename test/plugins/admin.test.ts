import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import admin from '../../plugins/admin.ts'
import type { ControlPlane, DataPlane, LoopTime } from '../../sdk/index.ts'

interface Case {
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly reload?: () => Promise<number>
  readonly status: number
  readonly body: object
}

const cases: Case[] = [
  { name: 'shows what serves', method: 'GET', url: '/admin/config', status: 200, body: { epoch: 4, routes: [] } },
  { name: 'reloads', method: 'POST', url: '/admin/reload', reload: async () => 5, status: 200, body: { epoch: 5 } },
  {
    name: 'tells every problem of a config', method: 'POST', url: '/admin/reload',
    reload: () => Promise.reject(new Error('a.yaml:1:1 x\na.yaml:2:1 y')),
    status: 422,
    body: {
      error: { code: 'invalid_config', message: 'The config stays as it was.', problems: ['a.yaml:1:1 x', 'a.yaml:2:1 y'] },
    },
  },
  {
    name: 'does not reload on a GET, which a link or an image could send', method: 'GET', url: '/admin/reload', status: 404,
    body: { message: 'Route GET:/admin/reload not found', error: 'Not Found', statusCode: 404 },
  },
]
for (const { name, method, url, reload = () => Promise.reject(new Error('not asked for')), status, body } of cases) {
  test(name, async () => {
    const app = Fastify()
    await admin.control!(app, { summary: () => ({ epoch: 4, routes: [] }), reload } as unknown as ControlPlane, {})
    const reply = await app.inject({ method, url })
    assert.deepEqual([reply.statusCode, reply.json()], [status, body])
  })
}

test('adds the steps on the loop up over the workers: the slowest that may be judged speaks for all', async () => {
  const time = (step: string, calls: number, p99: number, advice?: string): LoopTime => ({ chain: 'guarded', step, calls, p99, advice })
  const workers = [
    [time('burn', 300, 9, 'run it elsewhere'), time('pii', 5, 0.1)],
    [time('burn', 400, 20, 'run it elsewhere'), time('pii', 7, 0.2)],
    // So few calls say nothing.
    [time('burn', 3, 80)],
  ]
  const answers: unknown[] = []
  for (const loopTimes of workers) {
    const house = { loopTimes, answers: (topic: string, answer: () => unknown) => void answers.push([topic, answer()]) }
    await admin.data!(Fastify(), house as unknown as DataPlane, {})
  }
  assert.deepEqual(answers, workers.map(times => ['advice', times]))
  const app = Fastify()
  await admin.control!(app, { ask: async () => structuredClone(workers) } as unknown as ControlPlane, {})
  assert.deepEqual((await app.inject('/admin/advice')).json(), { steps: [
    { chain: 'guarded', step: 'burn', calls: 703, p99: 20, advice: 'run it elsewhere' }, { chain: 'guarded', step: 'pii', calls: 12, p99: 0.2 },
  ] })
})
