import assert from 'node:assert/strict'
import { test } from 'node:test'
import { completion, onto, openRig, openUpstream, type Rig } from './rig.ts'

const ASK = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }
const turn = (): Promise<void> => new Promise(resolve => { setTimeout(resolve, 10) })

const status = async (rig: Rig): Promise<number> => {
  const reply = await rig.post(ASK)
  await reply.text()
  return reply.status
}

test('a check closes the breaker of a target that is back, long before its pause is over', async t => {
  let isDown = true
  const upstream = await openUpstream(t, (reply, _body, { method, headers }) => {
    assert.ok(method === 'POST' || headers.authorization === 'Bearer upstream-key')
    reply.writeHead(isDown ? 500 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('back')))
  })
  const rig = await openRig(t, onto(upstream.url, { provider: { breaker: { failures: 1, pause: '30s' }, check: { every: 30 } } }))
  assert.equal(await status(rig), 500)
  assert.equal(await status(rig), 503)
  isDown = false
  while (await status(rig) !== 200) await turn()
  assert.equal(upstream.requests.find(({ request }) => request.method === 'GET')!.request.url, '/v1/models')
})

test('checks that fail open the breaker before a request meets it', async t => {
  const upstream = await openUpstream(t, reply => { reply.writeHead(503).end() })
  const rig = await openRig(t, onto(upstream.url, { provider: { breaker: { failures: 3, pause: '30s' }, check: { path: '/up', every: 20 } } }))
  while (upstream.requests.length < 3) await turn()
  await turn()
  assert.equal(await status(rig), 503)
  assert.ok(upstream.requests.every(({ request }) => request.url === '/v1/up'), 'nobody else was asked')
})

test('a silent provider fails its check in time', async t => {
  const upstream = await openUpstream(t, () => {})
  const rig = await openRig(t, onto(upstream.url, { provider: { breaker: { failures: 1, pause: '30s' }, check: { every: 20, timeout: 40 } } }))
  while (upstream.requests.length === 0) await turn()
  const began = performance.now()
  while (performance.now() - began < 60) await turn()
  assert.equal(await status(rig), 503)
})

test('an answer that tells nothing is told to operators, and changes nothing', async t => {
  const upstream = await openUpstream(t, (reply, _body, { method }) => {
    reply.writeHead(method === 'GET' ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('fine')))
  })
  const rig = await openRig(t, onto(upstream.url, { provider: { breaker: { failures: 1, pause: '30s' }, check: { every: 20 } } }))
  while (upstream.requests.length < 3) await turn()
  assert.equal(await status(rig), 200)
  const told = rig.log.filter(line => line.includes('"about":"check"'))
  assert.equal(told.length, 1, 'once')
  assert.match(told[0]!, /"provider":"up".*answers \/models with status 404/)
})

test('nobody checks what is heard of, or for a gateway that is gone', async t => {
  const upstream = await openUpstream(t, reply => { reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('fine'))) })
  const checked = onto(upstream.url, { provider: { check: { every: '300ms' } } })
  const rig = await openRig(t, checked)
  for (const began = performance.now(); performance.now() - began < 700;) await status(rig)
  assert.ok(upstream.requests.filter(({ request }) => request.method === 'GET').length <= 2, 'one before the first request, at the most, and one of a slow machine')
  rig.server.swap(await rig.compile(onto(upstream.url)))
  const { length } = upstream.requests
  await new Promise(resolve => { setTimeout(resolve, 700) })
  assert.equal(upstream.requests.length, length)
})
