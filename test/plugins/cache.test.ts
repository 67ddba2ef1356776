import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import cache from '../../plugins/cache.ts'
import type { ControlPlane, DataPlane } from '../../sdk/index.ts'

test('every worker is asked to forget, and the admin port tells how many answers are gone', async () => {
  const asked: unknown[] = []
  let answer: (tags: unknown) => unknown = () => assert.fail('nobody answers')
  const house = {
    forget: async (tags: unknown) => asked.push(tags),
    answers: (_topic: string, given: typeof answer) => { answer = given },
  }
  void cache.data!(Fastify(), house as unknown as DataPlane, {})
  const app = Fastify()
  void cache.control!(app, { ask: async (_: string, tags: unknown) => Promise.all([answer(tags), answer(tags)]) } as unknown as ControlPlane, {})
  const post = (payload: object) => app.inject({ method: 'POST', url: '/admin/cache/forget', payload })
  assert.deepEqual((await post({ tags: ['consumer:ann'] })).json(), { forgotten: 3, workers: 2 })
  assert.deepEqual(asked, [['consumer:ann'], ['consumer:ann']])
  for (const wrong of [{}, { tags: [] }, { tags: [''] }]) assert.equal((await post(wrong)).statusCode, 400)
})
