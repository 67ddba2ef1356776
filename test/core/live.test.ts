import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { askAdvice } from '../../core/live.ts'

const STEP = { chain: 'guarded', step: 'burn', calls: 3, p99: 0.5 }

/** A port that answers every request alike; its address. */
async function answering(t: TestContext, status: number, body: string): Promise<string> {
  const server = createServer((request, reply) => {
    reply.writeHead(request.url === '/admin/advice' ? status : 500, { 'content-type': 'application/json' }).end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('gives the steps of a gateway that answers', async t => {
  const admin = await answering(t, 200, JSON.stringify({ steps: [STEP] }))
  assert.deepEqual(await askAdvice(admin), [STEP])
})

const others: { name: string; status: number; body: string }[] = [
  { name: 'has no such path', status: 404, body: '{}' },
  { name: 'speaks no JSON', status: 200, body: '<html>' },
  { name: 'speaks of something else', status: 200, body: '{"steps":[{}]}' },
  { name: 'speaks to the terminal', status: 200, body: JSON.stringify({ steps: [{ ...STEP, step: '\u001b[2J' }] }) },
  { name: 'never ends', status: 200, body: `[${'1,'.repeat(2 ** 20)}1]` },
]
for (const { name, status, body } of others) {
  test(`one that ${name} is no gateway with advice`, async t => {
    await assert.rejects(askAdvice(await answering(t, status, body)), /gives no advice: expected the admin address of a gateway/)
  })
}

test('nobody there: a sentence that says where', async t => {
  const gone = await answering(t, 200, '')
  await assert.rejects(askAdvice(gone.replace(/\d+$/, '1')), /^Error: no gateway answers at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\): expected/)
  await assert.rejects(askAdvice('house'), /no gateway answers at house \(ERR_INVALID_URL\)/)
})
