import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import health from '../../plugins/health.ts'
import type { ControlPlane } from '../../sdk/index.ts'

const cases = [
  { path: '/livez', ready: true, reasons: [], status: 200, body: { alive: true } },
  { path: '/livez', ready: false, reasons: ['stopping'], status: 200, body: { alive: true } },
  { path: '/readyz', ready: true, reasons: [], status: 200, body: { ready: true, reasons: [] } },
  { path: '/readyz', ready: false, reasons: ['stopping'], status: 503, body: { ready: false, reasons: ['stopping'] } },
]
for (const { path, ready, reasons, status, body } of cases) {
  test(`${path} of a house that is ${ready ? '' : 'not '}ready: ${status}`, async () => {
    const app = Fastify()
    await health.control!(app, { readiness: () => ({ ready, reasons }) } as unknown as ControlPlane, {})
    const reply = await app.inject(path)
    assert.deepEqual([reply.statusCode, reply.json()], [status, body])
  })
}
