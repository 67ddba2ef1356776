import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import explain from '../../plugins/explain.ts'
import type { AccessRecord, ControlPlane, DataPlane } from '../../sdk/index.ts'

type Ask = (id: unknown) => unknown

/** The data plane's side of one worker: settles records, answers by id. */
function worker(keep: number): { settle: (id: string) => void; ask: Ask } {
  let listen: (record: AccessRecord) => void = () => assert.fail('nobody listens')
  let answer: Ask = () => assert.fail('nobody answers')
  const house = {
    settled: (listener: typeof listen) => { listen = listener },
    answers: (topic: string, given: Ask) => {
      assert.equal(topic, 'explain')
      answer = given
    },
  }
  void explain.data!(Fastify(), house as unknown as DataPlane, { keep })
  return { settle: id => listen({ id } as AccessRecord), ask: id => answer(id) }
}

test('a worker keeps the latest records, and no more', () => {
  const { settle, ask } = worker(2)
  for (const id of ['a', 'b', 'c']) settle(id)
  assert.deepEqual(['a', 'b', 'c'].map(ask), [null, { id: 'b' }, { id: 'c' }])
})

test('the admin port asks every worker and tells what one of them knows', async () => {
  const workers = [worker(9), worker(9)]
  workers[1]!.settle('gh-1')
  const app = Fastify()
  void explain.control!(app, { ask: async (_: string, id: unknown) => workers.map(({ ask }) => ask(id)) } as unknown as ControlPlane, {})
  const known = await app.inject('/admin/explain/gh-1')
  assert.deepEqual([known.statusCode, known.json()], [200, { id: 'gh-1' }])
  const unknown = await app.inject('/admin/explain/gh-2')
  assert.equal(unknown.statusCode, 404)
  assert.equal((unknown.json() as { error: { code: string } }).error.code, 'unknown_id')
})
