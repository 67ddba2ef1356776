import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Pool } from 'undici'
import { collect, type Call } from '../../core/call.ts'
import { open } from '../../core/upstream.ts'
import { Upstreams } from '../../core/upstreams.ts'
import { connectionTo, fails, GET, serve, text, TIMEOUTS } from './calling.ts'

test('one pool for a connection, its own dispatcher where it brings one', async () => {
  const pools = new Upstreams()
  const connection = connectionTo(1)
  const pool = pools.dispatcher(connection, { connections: 1, connect: 10 })
  assert.equal(pools.dispatcher(connection, { connections: 1, connect: 10 }), pool)
  assert.notEqual(pools.dispatcher(connection, { connections: 1, connect: 20 }), pool)
  assert.notEqual(pools.dispatcher(connectionTo(1), { connections: 1, connect: 10 }), pool)
  const own = new Pool('http://127.0.0.1:1')
  assert.equal(pools.dispatcher({ ...connection, dispatcher: own }, { connections: 1, connect: 10 }), own)
  await pools.close()
  assert.equal(own.closed, true)
})

test('close waits for what is running; destroy ends it', async () => {
  const port = await serve(async (_request, response) => {
    response.write('a')
    await wait(50)
    response.end('b')
  })
  const pools = new Upstreams()
  const connection = connectionTo(port)
  const ask = (from: Upstreams): Call =>
    open({ connection, dispatcher: from.dispatcher(connection, { connections: 2, connect: 500 }), timeouts: TIMEOUTS }, GET, from.alarms)
  const running = ask(pools)
  await running.begun
  const [answer] = await Promise.all([text(running), pools.close()])
  assert.equal(answer, 'ab')
  await fails(ask(pools).begun, 'draining')

  const others = new Upstreams()
  const cut = ask(others)
  await cut.begun
  const reading = collect(cut, 100)
  await Promise.all([fails(reading, 'draining'), others.destroy()])
})
