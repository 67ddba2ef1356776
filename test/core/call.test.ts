import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { createServer as createSocketServer, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { fc } from '../law.ts'
import { Dispatcher } from 'undici'
import { collect, type Call } from '../../core/call.ts'
import { open } from '../../core/upstream.ts'
import type { Timeouts } from '../../config/config.ts'
import { GatehouseError } from '../../sdk/index.ts'
import { call, connectionTo, fails, GET, portOf, say, serve, text, TIMEOUTS, upstreams } from './calling.ts'

const GONE = new GatehouseError('client_closed', 'gone')

test('skips informational heads', async () => {
  const port = await serve((_request, response) => {
    response.writeEarlyHints({ link: '</a>; rel=preload' })
    response.writeHead(200).end('answer')
  })
  const answer = call(port)
  assert.equal((await answer.begun).status, 200)
  assert.equal(await text(answer), 'answer')
})

const HEAD = 'HTTP/1.1 200 OK\r\n'

interface Failure {
  readonly name: string
  readonly code: string
  readonly timeouts?: Partial<Timeouts>
  readonly port: () => Promise<number>
}

const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'
const brokenHeads: readonly Failure[] = [
  { name: 'no head in time', code: 'upstream_timeout', timeouts: { headers: 150 }, port: () => serve(() => {}) },
  { name: 'half a head', code: 'upstream_timeout', timeouts: { headers: 150 }, port: () => say('HTTP/1.1 200 OK\r\ncontent-') },
  { name: 'a close without an answer', code: 'upstream_closed', port: () => serve(request => { request.socket.destroy() }) },
  { name: 'a reset without an answer', code: 'upstream_closed',
    port: () => serve(request => { request.socket.resetAndDestroy() }) },
  { name: 'garbage', code: 'upstream_invalid', port: () => say('\u0016\u0003\u0001 what? \r\n\r\n') },
  { name: 'another protocol', code: 'upstream_invalid', port: () => say('SSH-2.0-OpenSSH_9.2\r\n') },
  { name: 'two lengths', code: 'upstream_closed', port: () => say(`${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\nab`) },
  { name: 'a head too large', code: 'upstream_invalid', port: () => say(`${HEAD}x: ${'y'.repeat(70_000)}\r\n\r\n`) },
  { name: 'a protocol switch that nobody asked for', code: 'upstream_closed', port: () => say(SWITCH) },
]

// Undici's own timers are a second off at worst, so these wait together.
describe('before the head', { concurrency: true }, () => {
  for (const { name, port, timeouts, code } of brokenHeads) {
    test(`${name}: ${code}`, async () => {
      const answer = call(await port(), timeouts)
      await fails(answer.begun, code)
      await fails(answer.next(), code)
      await fails(answer.begun, code)
    })
  }

  test('a handshake that never ends times out', async () => {
    const port = await portOf(createSocketServer(socket => { socket.on('error', () => {}) }))
    const connection = connectionTo(port, 'https')
    const dispatcher = upstreams.dispatcher(connection, { connections: 1, connect: 100 })
    await fails(open({ connection, dispatcher, timeouts: TIMEOUTS }, GET, upstreams.alarms).begun, 'upstream_timeout')
  })
})

const BEGUN = `${HEAD}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`
const LONGER = 'content-length: 10\r\n\r\nhello'
const end = (socket: Socket): void => { socket.end() }
const reset = (socket: Socket): void => { setTimeout(() => socket.resetAndDestroy(), 20) }
const bodies: readonly Failure[] = [
  { name: 'a body that stops', code: 'upstream_timeout', port: () => say(BEGUN) },
  { name: 'a chunked body that is cut', code: 'upstream_closed', port: () => say(BEGUN, end) },
  { name: 'a chunked body that is reset', code: 'upstream_closed', port: () => say(BEGUN, reset) },
  { name: 'a chunk size that is none', code: 'upstream_invalid', port: () => say(`${BEGUN}zz\r\nhello\r\n`) },
  { name: 'fewer bytes than announced', code: 'upstream_closed', port: () => say(HEAD + LONGER, end) },
  { name: 'fewer bytes than announced, at the last request of a connection', code: 'upstream_closed',
    port: () => say(`${HEAD}connection: close\r\n${LONGER}`, end) },
]

for (const { name, port, code } of bodies) {
  test(`${name}: what came is given, then ${code}`, async () => {
    const answer = call(await port(), { idle: 150 })
    assert.equal((await answer.begun).status, 200)
    assert.equal(String(await answer.next()), 'hello')
    await fails(answer.next(), code)
    await fails(answer.next(), code)
  })
}

test('bytes beyond the announced length are no part of the answer', async () => {
  const answer = call(await say('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello, hello'))
  assert.equal(await text(answer), 'hello')
})

test('a body that only the close of the connection ends is whole', async () => {
  const answer = call(await say('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello', socket => { socket.end() }))
  assert.equal(await text(answer), 'hello')
})

const EVENTS = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'

test('a stream has its own wait for the first event', async () => {
  const first = call(await say(EVENTS), { firstEvent: 100, idle: 5000 })
  await fails(first.begun, 'upstream_timeout')
  const event = (socket: Socket): void => { setTimeout(() => socket.write('1\r\na\r\n'), 200) }
  const later = call(await say(EVENTS, event), { firstEvent: 5000, idle: 80 })
  await later.begun
  assert.equal(String(await later.next()), 'a')
  await fails(later.next(), 'upstream_timeout')
})

test('a slow body is fine as long as no pause is too long', async () => {
  const port = await serve(async (_request, response) => {
    for (let i = 0; i < 6; i++) {
      response.write('x')
      await wait(80)
    }
    response.end()
  })
  assert.equal(await text(call(port, { idle: 400 })), 'xxxxxx')
})

test('a call has begun with its first piece, which stays where it is', async () => {
  const port = await serve((_request, response) => { response.end('whole') })
  const answer = call(port)
  await answer.begun
  assert.equal(await text(answer), 'whole')
  const empty = call(await serve((_request, response) => { response.end() }))
  await empty.begun
  assert.equal(empty.next(), null)
})

test('cancel while the request waits for a connection: nothing is sent, and the connection lives', async () => {
  const asked: ServerResponse[] = []
  let sockets = 0
  const server = createServer((_request, response) => {
    if (asked.push(response) > 1) response.end('third')
  }).on('connection', () => { sockets++ })
  const connection = connectionTo(await portOf(server))
  const dispatcher = upstreams.dispatcher(connection, { connections: 1, connect: 1000 })
  const ask = (): Call => open({ connection, dispatcher, timeouts: TIMEOUTS }, { ...GET, method: 'POST', body: Buffer.from('{}') }, upstreams.alarms)
  const first = ask()
  const [second, third] = [ask(), ask()]
  await once(server, 'request')
  second.cancel(GONE)
  await fails(second.begun, 'client_closed')
  await fails(second.next(), 'client_closed')
  asked[0]!.end('first')
  assert.equal(await text(first), 'first')
  assert.equal(await text(third), 'third')
  assert.deepEqual({ asked: asked.length, sockets }, { asked: 2, sockets: 1 })
})

test('cancel before the connection stands', async () => {
  let asked = 0
  const answer = call(await serve(() => { asked++ }))
  answer.cancel(GONE)
  await fails(answer.next(), 'client_closed')
  await wait(30)
  assert.equal(asked, 0)
})

interface Phase {
  readonly name: string
  readonly respond: (response: ServerResponse) => void
  readonly reach: (answer: Call) => unknown
}

const phases: readonly Phase[] = [
  { name: 'while the head is waited for', respond: () => {}, reach: () => {} },
  { name: 'after the head', respond: response => { response.flushHeaders() }, reach: () => wait(50) },
  { name: 'amid the body', respond: response => { response.write('a') }, reach: answer => answer.next() },
  { name: 'amid a body that the close ends', reach: answer => answer.next(),
    respond: response => { response.writeHead(200, { connection: 'close' }).write('a') } },
  { name: 'with pieces unread', respond: response => { response.write('a') }, reach: answer => answer.begun },
  { name: 'while it is held back', reach: answer => answer.begun.then(() => wait(50)),
    respond: response => { response.write('a'.repeat(1 << 20)) } },
]

for (const { name, respond, reach } of phases) {
  test(`cancel ${name}: the upstream sees the close, the reader the reason`, async () => {
    const seen = Promise.withResolvers<void>()
    const server = createServer((request, response) => {
      response.on('error', () => {})
      request.socket.once('close', () => seen.resolve())
      respond(response)
    })
    const answer = call(await portOf(server))
    await once(server, 'request')
    await reach(answer)
    const reading = name.startsWith('while the head') || name.startsWith('amid') ? answer.next() : undefined
    answer.cancel(GONE)
    answer.cancel(new GatehouseError('deadline', 'too late'))
    if (reading !== undefined) await fails(reading, 'client_closed')
    await seen.promise
    await fails(answer.next(), 'client_closed')
  })
}

test('cancel after the end: what was not read is gone', async () => {
  const port = await serve((_request, response) => { response.end('all') })
  const unread = call(port)
  await unread.begun
  await wait(20)
  unread.cancel(GONE)
  await fails(unread.next(), 'client_closed')
})

test('a fast upstream waits for a slow reader', async () => {
  const size = 64 << 20
  const piece = Buffer.alloc(1 << 16, 'x')
  let sent = 0
  const port = await serve((_request, response) => {
    const pump = (): void => {
      while (sent < size) {
        sent += piece.length
        if (!response.write(piece)) return void response.once('drain', pump)
      }
      response.end()
    }
    pump()
  })
  const answer = call(port, { idle: 250 })
  await answer.begun
  // Longer than the idle timeout: silence that the reader asked for is not the upstream's.
  await wait(600)
  const before = sent
  assert.ok(before < 16 << 20, `${before} bytes were taken from the upstream while nobody read`)
  let read = 0
  let most = 0
  for (let chunk = await answer.next(); chunk !== null; chunk = await answer.next()) {
    read += chunk.length
    most = Math.max(most, sent - read)
    if (read % (4 << 20) < chunk.length) await wait(1)
  }
  assert.equal(read, size)
  assert.ok(most < 16 << 20, `${most} bytes were under way`)
})

/** A dispatcher without a network: the test says what comes, and sees what the call asks for. */
class Wire extends Dispatcher implements Dispatcher.DispatchController {
  handler!: Call
  aborted = false
  paused = false
  reason: Error | null = null
  override dispatch(_options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.handler = handler as Call
    return true
  }
  pause(): void { this.paused = true }
  resume(): void { this.paused = false }
  abort(reason: Error): void {
    this.aborted = true
    this.reason = reason
    this.handler.onResponseError(this, reason)
  }
  open(): Call {
    return open({ connection: connectionTo(1), dispatcher: this, timeouts: TIMEOUTS }, GET, upstreams.alarms)
  }
}

test('tiny pieces are held back too', () => {
  const wire = new Wire()
  const answer = wire.open()
  answer.onRequestStart(wire)
  answer.onResponseStart(wire, 200, {})
  let pieces = 0
  for (; !wire.paused; pieces++) answer.onResponseData(wire, Buffer.from('x'))
  assert.ok(pieces < 600, `${pieces} pieces were taken`)
  for (let i = 0; i < pieces; i++) assert.equal(wire.paused && Buffer.isBuffer(answer.next()), true)
  assert.equal(wire.paused, false)
  answer.cancel(GONE)
})

test('any order of events has one outcome, and no piece is lost or doubled before it', async () => {
  const step = fc.constantFrom('data', 'data', 'data', 'next', 'next', 'next', 'turn', 'end', 'error', 'cancel')
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
    const wire = new Wire()
    const answer = wire.open()
    answer.onRequestStart(wire)
    answer.onResponseStart(wire, 200, {})
    const got: string[] = []
    const outcomes: string[] = []
    let sent = 0
    let running = true
    let cancelled = false
    let reading: Promise<void> | undefined
    const read = async (): Promise<void> => {
      try {
        const piece = await answer.next()
        if (piece === null) outcomes.push('end')
        else got.push(piece.toString())
      } catch (error) {
        outcomes.push((error as GatehouseError).code)
      }
      reading = undefined
    }
    for (const now of steps) {
      if (outcomes.length > 0) break
      if (now === 'turn') await wait(0)
      else if (now === 'next') reading ??= read()
      else if (now === 'cancel') {
        answer.cancel(GONE)
        cancelled = true
        running = false
      } else if (running && now === 'data') {
        answer.onResponseData(wire, Buffer.from(String(sent++)))
      } else if (running) {
        if (now === 'end') answer.onResponseEnd()
        else answer.onResponseError(wire, new Error('broken'))
        running = false
      }
    }
    if (running) answer.onResponseEnd()
    await reading
    while (outcomes.length === 0) await read()
    await read()
    assert.equal(outcomes.length, 2)
    assert.equal(outcomes[0], outcomes[1])
    assert.deepEqual(got, Array.from(got, (_, i) => String(i)))
    if (!cancelled) assert.equal(got.length, sent)
  }), { numRuns: 500 })
})

test('collect joins pieces, and stops at its limit', async () => {
  const port = await serve((_request, response) => {
    for (let i = 0; i < 100; i++) response.write(String(i).padStart(4))
    response.end()
  })
  assert.equal((await collect(call(port), 400)).toString(), Array.from({ length: 100 }, (_, i) => String(i).padStart(4)).join(''))
  const long = call(port)
  await fails(collect(long, 399), 'upstream_invalid')
  await fails(long.next(), 'upstream_invalid')
})
