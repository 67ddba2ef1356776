import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { InjectOptions } from 'fastify'
import { openControl, type Control, type ControlPlugin } from '../../core/control.ts'
import { openLogger } from '../../core/logger.ts'
import { definePlugin, GatehouseError, type ControlPlane } from '../../sdk/index.ts'

const house = { readiness: () => ({ ready: true, reasons: [] }) } as unknown as ControlPlane

const rooms = definePlugin({
  name: 'rooms',
  control(app, plane, options: unknown) {
    app.get('/room', async () => ({ ready: plane.readiness().ready, options }))
    app.post('/room', async ({ body }) => body)
    app.get('/refused', async () => { throw new GatehouseError('forbidden', 'Not this room.') })
    app.get('/broken', async () => { throw new Error('sk-secret') })
  },
})

const ROOMS: ControlPlugin[] = [{ definition: rooms, options: { floor: 2 } }]

interface Opened {
  readonly control: Control
  readonly lines: string[]
}

async function open(t: TestContext, { plugins = ROOMS, host = '127.0.0.1' } = {}): Promise<Opened> {
  const lines: string[] = []
  const log = openLogger('info', {}, { write: line => void lines.push(line) })
  const control = await openControl({ host, port: 0 }, house, plugins, log)
  t.after(() => control.app.close())
  return { control, lines }
}

test('a plugin answers on the port, with the house and its options', async t => {
  const { control } = await open(t)
  const reply = await fetch(`http://127.0.0.1:${control.port}/room`)
  assert.deepEqual([reply.status, await reply.json()], [200, { ready: true, options: { floor: 2 } }])
})

test('a plugin without a control side is left alone', async t => {
  const { control } = await open(t, { plugins: [{ definition: definePlugin({ name: 'data-only' }), options: {} }] })
  assert.equal((await control.app.inject('/room')).statusCode, 404)
})

const post = (payload: string, type: string): InjectOptions =>
  ({ method: 'POST', url: '/room', payload, headers: { host: 'localhost', 'content-type': type } })

const LARGE = JSON.stringify('x'.repeat(70_000))

const errors: { name: string; request: InjectOptions; status: number; code: string }[] = [
  { name: 'a path that is not there', request: { url: '/nowhere?key=sk-secret' }, status: 404, code: 'unknown_path' },
  { name: 'a refusal of a plugin', request: { url: '/refused' }, status: 403, code: 'forbidden' },
  { name: 'a failure of a plugin', request: { url: '/broken' }, status: 500, code: 'internal' },
  { name: 'a body that is no JSON', request: post('{sk-secret', 'application/json'), status: 400, code: 'invalid_body' },
  { name: 'a body that is too large', request: post(LARGE, 'application/json'), status: 413, code: 'invalid_body' },
  { name: 'a body of another kind', request: post('x', 'image/png'), status: 415, code: 'invalid_body' },
]
for (const { name, request, status, code } of errors) {
  test(`${name} is answered as a small JSON that gives nothing away`, async t => {
    const { control, lines } = await open(t)
    const reply = await control.app.inject(request)
    const body = reply.json<{ error: { code: string; message: string } }>()
    assert.deepEqual([reply.statusCode, body.error.code], [status, code])
    assert.deepEqual([Object.keys(body), Object.keys(body.error)], [['error'], ['code', 'message']])
    assert.doesNotMatch(reply.body + lines.join(''), /sk-secret/)
    assert.equal(lines.length, code === 'internal' ? 1 : 0)
  })
}

const callers: { headers: Record<string, string>; let: boolean }[] = [
  { headers: { host: '127.0.0.1:9090' }, let: true },
  { headers: { host: '127.8.9.1' }, let: true },
  { headers: { host: 'localhost:9090' }, let: true },
  { headers: { host: '[::1]:9090' }, let: true },
  { headers: { host: '127.0.0.1:9090', origin: 'http://127.0.0.1:9090' }, let: true },
  { headers: { host: 'evil.example:9090' }, let: false },
  { headers: { host: '127.0.0.1.evil.example' }, let: false },
  { headers: { host: 'localhost.evil.example' }, let: false },
  { headers: { host: '[::1].evil.example' }, let: false },
  { headers: { host: '192.168.1.10:9090' }, let: false },
  { headers: { host: ':9090' }, let: false },
  { headers: { host: '127.0.0.1:9090', origin: 'http://evil.example' }, let: false },
  { headers: { host: '127.0.0.1:9090', origin: 'http://127.0.0.1:8080' }, let: false },
  { headers: { host: '127.0.0.1:9090', origin: 'null' }, let: false },
]
for (const { headers, let: allowed } of callers) {
  test(`a request with ${JSON.stringify(headers)} is ${allowed ? 'let in' : 'kept out'}`, async t => {
    const { control } = await open(t)
    const reply = await control.app.inject({ url: '/room', headers })
    assert.equal(reply.statusCode, allowed ? 200 : 403)
    assert.equal(reply.headers['access-control-allow-origin'], undefined)
  })
}

test('beyond loopback any Host will do, but no strange Origin', async t => {
  const { control } = await open(t, { host: '0.0.0.0' })
  const host = 'gatehouse.internal:9090'
  assert.equal((await control.app.inject({ url: '/room', headers: { host } })).statusCode, 200)
  assert.equal((await control.app.inject({ url: '/room', headers: { host, origin: 'http://evil.example' } })).statusCode, 403)
})

test('an address that is taken is refused', async t => {
  const { control } = await open(t)
  const again = openControl({ host: '127.0.0.1', port: control.port }, house, [], openLogger('silent', {}))
  await assert.rejects(again, { code: 'EADDRINUSE' })
})
