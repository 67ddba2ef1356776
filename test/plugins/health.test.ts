import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import health from '../../plugins/health.ts'
import type { ControlPlane, DataPlane } from '../../sdk/index.ts'

const notes = ['bomb@0123456789ab is in quarantine: it brought sandbox hosts down']
const REFUSED = 'openai, key 2: refused with 401, and left out for as long as there is another'
const cases = [
  { path: '/livez', ready: true, reasons: [], status: 200, body: { alive: true } },
  { path: '/livez', ready: false, reasons: ['stopping'], status: 200, body: { alive: true } },
  { path: '/readyz', ready: true, reasons: [], status: 200, body: { ready: true, reasons: [], notes: [] } },
  { path: '/readyz', ready: false, reasons: ['stopping'], status: 503, body: { ready: false, reasons: ['stopping'], notes: [] } },
  { path: '/readyz', ready: true, reasons: [], quarantined: ['bomb@0123456789ab'], status: 200, body: { ready: true, reasons: [], notes } },
  { path: '/readyz', ready: true, reasons: [], troubles: [REFUSED], status: 200, body: { ready: true, reasons: [], notes: [REFUSED] } },
]
for (const { path, ready, reasons, quarantined = [], troubles = [], status, body } of cases) {
  test(`${path} of a house that is ${ready ? '' : 'not '}ready, with ${quarantined.length} in quarantine and ${troubles.length} troubles: ${status}`, async () => {
    const answers = new Map<string, (question: unknown) => unknown>()
    const house = { sandbox: { quarantined }, troubles, answers: (topic: string, answer: () => unknown) => void answers.set(topic, answer) }
    await health.data!(Fastify(), house as unknown as DataPlane, {})
    const app = Fastify()
    // Two workers, of which the one has no sandbox.
    const ask = async (topic: string): Promise<unknown[]> => [answers.get(topic)!(undefined), [], answers.get(topic)!(undefined)]
    await health.control!(app, { readiness: () => ({ ready, reasons, notes: [] }), ask } as unknown as ControlPlane, {})
    const reply = await app.inject(path)
    assert.deepEqual([reply.statusCode, reply.json()], [status, body])
  })
}

test('a worker without a sandbox has nobody in quarantine', async () => {
  let answer: (() => unknown) | undefined
  await health.data!(Fastify(), { sandbox: undefined, troubles: [], answers: (_: string, given: () => unknown) => { answer = given } } as unknown as DataPlane, {})
  assert.deepEqual(answer!(), [])
})
