import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { collect, type Call, type Source } from '../../core/call.ts'
import type { Trial } from '../../core/asking.ts'
import { atOnce } from '../../core/at-once.ts'
import { attempt as attemptWith, type Attempts, type Patience } from '../../core/fallback.ts'
import { Health } from '../../core/health.ts'
import { KeyRing } from '../../core/keys.ts'
import { reasonsOf } from '../../core/reason.ts'
import { Troubles } from '../../core/troubles.ts'
import { open } from '../../core/upstream.ts'
import { Upstreams } from '../../core/upstreams.ts'
import { GatehouseError, type Connection } from '../../sdk/index.ts'

const RULE = { failures: 3, pause: 100, concurrency: 50 }
const TIMEOUTS = { connect: 1000, headers: 5000, firstEvent: 100, idle: 5000, total: 10_000, chain: 10_000, heartbeat: 10_000 }
const upstreams = new Upstreams()
const servers: Server[] = []
after(async () => {
  await upstreams.destroy()
  for (const server of servers) server.close()
})

interface Target {
  readonly name: string
  readonly model: string | undefined
  readonly connection: Connection
  readonly server: Server
  readonly health: Health
  readonly keys: KeyRing
  asked: number
  sockets: number
}

type Respond = ((response: ServerResponse) => void) | 'closed'

/** An upstream; `closed` ones are gone before anybody asks. */
async function target(name: string, respond: Respond, model?: string): Promise<Target> {
  const server = createServer((_request, response) => {
    made.asked++
    response.on('error', () => {})
    if (respond !== 'closed') respond(response)
  }).on('connection', () => { made.sockets++ }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const connection: Connection = { origin, dialects: [], streamUsage: true, path: path => path, headers: [] }
  const made: Target = { name, model, connection, asked: 0, sockets: 0, server, health: new Health(RULE), keys: new KeyRing(name, [connection], new Troubles()) }
  if (respond === 'closed') server.close()
  else servers.push(server)
  return made
}

const send = ({ connection }: Target): Call => open(
  { connection, dispatcher: upstreams.dispatcher(connection, { connections: 1, connect: 1000 }), timeouts: TIMEOUTS },
  { path: '/', method: 'POST', headers: [], body: Buffer.from('{}') }, upstreams.alarms)

const trial: Trial<Target> = { send, receive: (_target, call) => call }

const attempt = (exchange: Attempts<Target>, targets: readonly Target[], how: Trial<Target>, patience: Partial<Patience> = {}): Promise<Source> =>
  attemptWith(exchange, targets, how, { attempts: 0, backoff: 0, reasons: reasonsOf(['error']), hedge: Infinity, ...patience })

const exchange = (deadline = Infinity): Attempts<Target> => ({
  model: 'asked', deadline, consumer: { name: 'anyone' }, attempts: [], target: undefined, call: undefined, occupied: undefined, cancelled: undefined,
  pause: async ms => { await wait(ms) }, wake() {},
})
const tries = ({ attempts }: Attempts<Target>): string =>
  attempts.map(({ provider, status, error }) => `${provider}:${status}:${error}`).join(' ')
const answering = (status: number, body = `from ${status}`) =>
  (response: ServerResponse): void => { response.writeHead(status).end(body) }
const stream = (response: ServerResponse): ServerResponse => response.writeHead(200, { 'content-type': 'text/event-stream' })
const breakLater = (response: ServerResponse): void => { setTimeout(() => response.destroy(), 20) }

const cases: readonly { readonly name: string; readonly first: Respond; readonly tries: string; readonly answer: string }[] = [
  { name: 'a good answer is the answer', first: answering(200), tries: 'a:200:', answer: 'from 200' },
  ...[400, 401, 404, 422, 302].map(status => ({
    name: `${status} is an answer like any`, first: answering(status), tries: `a:${status}:`, answer: `from ${status}`,
  })),
  ...[408, 429, 500, 503, 529].map(status => ({
    name: `${status} goes on to the next`, first: answering(status), tries: `a:${status}:upstream_error b:200:`, answer: 'second',
  })),
  { name: 'no connection goes on to the next', first: 'closed', tries: 'a:0:upstream_refused b:200:', answer: 'second' },
  { name: 'a close before the head goes on to the next', tries: 'a:0:upstream_closed b:200:', answer: 'second',
    first: response => { response.destroy() } },
  { name: 'a close before the first byte goes on to the next', tries: 'a:200:upstream_closed b:200:', answer: 'second',
    first: response => {
      stream(response).flushHeaders()
      breakLater(response)
    } },
  { name: 'silence before the first event goes on to the next', tries: 'a:200:upstream_timeout b:200:', answer: 'second',
    first: response => { stream(response).flushHeaders() } },
]

for (const { name, first, tries: expected, answer } of cases) {
  test(name, async () => {
    const targets = [await target('a', first), await target('b', answering(200, 'second'))]
    const asked = exchange()
    const call = await attempt(asked, targets, trial)
    assert.equal((await collect(call, 1000)).toString(), answer)
    assert.equal(tries(asked), expected)
    assert.equal(targets[1]!.asked, expected.includes('b:') ? 1 : 0)
    assert.ok(asked.attempts.every(({ ms }) => ms > 0))
  })
}

test('an error status of the last target is the answer, with its body', async () => {
  const asked = exchange()
  const call = await attempt(asked, [await target('a', 'closed'), await target('b', answering(503, 'busy'))], trial)
  assert.equal(call.status, 503)
  assert.equal((await collect(call, 1000)).toString(), 'busy')
  assert.equal(tries(asked), 'a:0:upstream_refused b:503:upstream_error')
})

test('where no target answers, the last failure is what is told', async () => {
  const asked = exchange()
  const targets = [await target('a', response => { response.destroy() }), await target('b', 'closed')]
  await assert.rejects(attempt(asked, targets, trial), { code: 'upstream_refused' })
  assert.equal(tries(asked), 'a:0:upstream_closed b:0:upstream_refused')
})

test('the record names the model of the target, else that of the client', async () => {
  const asked = exchange()
  await attempt(asked, [await target('a', answering(500), 'own'), await target('b', answering(200))], trial)
  assert.deepEqual(asked.attempts.map(({ model }) => model), ['own', 'asked'])
})

test('nothing new is tried after the deadline', async () => {
  const status = exchange(0)
  const call = await attempt(status, [await target('a', answering(503)), await target('b', answering(200))], trial)
  assert.equal(call.status, 503)
  assert.equal((await collect(call, 1000)).toString(), 'from 503')
  const failure = exchange(0)
  const targets = [await target('a', 'closed'), await target('b', answering(200))]
  await assert.rejects(attempt(failure, targets, trial), { code: 'upstream_refused' })
  assert.equal(failure.attempts.length, 1)
})

test('P49: nothing new is tried once the client has gone', async () => {
  const asked = exchange()
  const targets = [await target('a', () => {}), await target('b', answering(200))]
  await assert.rejects(attempt(asked, targets, { ...trial, send: one => {
    const call = send(one)
    targets[0]!.server.once('request', () => call.cancel(new GatehouseError('client_closed', 'gone')))
    return call
  } }), { code: 'client_closed' })
  assert.equal(tries(asked), 'a:0:client_closed')
})

test('what turns out to be an error, or nothing that can be read, goes on to the next as well', async () => {
  for (const receive of [
    (call: Call): Source => call.status === 200 ? atOnce(503, {}, 'no') : call,
    (): Source => { throw new GatehouseError('upstream_invalid', 'no') },
  ]) {
    const asked = exchange()
    const targets = [await target('a', answering(200)), await target('b', answering(201, 'second'))]
    const answer = await attempt(asked, targets, { send, receive: (one, call) => one.name === 'a' ? receive(call) : call })
    assert.equal((await collect(answer, 1000)).toString(), 'second')
    assert.match(tries(asked), /^a:(503:upstream_error|200:upstream_invalid) b:201:$/)
  }
})

test('a mistake of our own is not tried again elsewhere', async () => {
  const asked = exchange()
  const targets = [await target('a', answering(200)), await target('b', answering(200))]
  await assert.rejects(attempt(asked, targets, { ...trial, send: () => { throw new Error('secret') } }), { code: 'internal' })
  assert.equal(tries(asked), 'a:0:internal')
})

test('P56: what breaks after the first byte is the reader\'s to see', async () => {
  const first = await target('a', response => {
    stream(response).write('data: 1\n\n')
    breakLater(response)
  })
  const targets = [first, await target('b', answering(200))]
  const call = await attempt(exchange(), targets, trial)
  assert.equal(String(await call.next()), 'data: 1\n\n')
  await assert.rejects(async () => call.next(), { code: 'upstream_closed' })
  assert.equal(targets[1]!.asked, 0)
})

test('the connection of an answer given up serves again', async () => {
  const targets = [await target('a', answering(429, 'x'.repeat(2000))), await target('b', answering(200))]
  for (let i = 0; i < 3; i++) await collect(await attempt(exchange(), targets, trial), 1000)
  assert.equal(targets[0]!.asked, 3)
  assert.equal(targets[0]!.sockets, 1)
})

test('a slow answer given up is cut', async () => {
  const cut = Promise.withResolvers<void>()
  const slow = await target('a', response => {
    const drip = setInterval(() => response.write('x'), 20)
    response.writeHead(500).once('close', () => {
      clearInterval(drip)
      cut.resolve()
    })
  })
  await collect(await attempt(exchange(), [slow, await target('b', answering(200))], trial), 1000)
  await cut.promise
})

test('a long answer given up is cut', async () => {
  const cut = Promise.withResolvers<void>()
  const long = await target('a', response => {
    response.once('close', () => cut.resolve())
    response.writeHead(500)
    const more = (): void => { while (!response.destroyed && response.write('x'.repeat(1 << 16))); }
    response.on('drain', more)
    more()
  })
  await collect(await attempt(exchange(), [long, await target('b', answering(200))], trial), 1000)
  await cut.promise
})

/** Answers one after the other; the last one for good. */
function inTurn(...answers: readonly ((response: ServerResponse) => void)[]): (response: ServerResponse) => void {
  let turn = 0
  return response => answers[Math.min(turn++, answers.length - 1)]!(response)
}

test('with patience, all targets are tried again, later each time', async () => {
  const asked = exchange()
  const targets = [await target('a', inTurn(answering(503), answering(500), answering(200))), await target('b', answering(429))]
  const began = performance.now()
  const answer = await attempt(asked, targets, trial, { attempts: 9, backoff: 40 })
  assert.equal((await collect(answer, 1000)).toString(), 'from 200')
  assert.equal(tries(asked), 'a:503:upstream_error b:429:upstream_error a:500:upstream_error b:429:upstream_error a:200:')
  assert.ok(performance.now() - began >= 20 + 40, 'half of 40, and half of 80, at the least')
})

test('patience ends: after its tries, and before the deadline', async () => {
  const few = exchange()
  const call = await attempt(few, [await target('a', answering(503, 'busy'))], trial, { attempts: 3, backoff: 5 })
  assert.equal((await collect(call, 1000)).toString(), 'busy')
  assert.equal(few.attempts.length, 3)
  const late = exchange(performance.now() + 500)
  await attempt(late, [await target('a', answering(503, 'busy'))], trial, { attempts: 3, backoff: 2000 })
  assert.equal(late.attempts.length, 1)
})

test('a client that leaves while nothing is tried is not kept', async () => {
  const gone = new GatehouseError('client_closed', 'gone')
  const asked: Attempts<Target> = { ...exchange(), pause: async () => { (asked as { cancelled: GatehouseError }).cancelled = gone } }
  await assert.rejects(attempt(asked, [await target('a', answering(503))], trial, { attempts: 3, backoff: 5 }), gone)
  assert.equal(asked.attempts.length, 1)
})

test('a target that failed again and again is passed over, and tried when its pause is over', async () => {
  const targets = [await target('a', inTurn(answering(500), answering(500), answering(500), answering(200))), await target('b', answering(200, 'second'))]
  for (let i = 0; i < 5; i++) await attempt(exchange(), targets, trial)
  assert.equal(targets[0]!.asked, 3)
  await wait(RULE.pause + 5)
  assert.equal((await collect(await attempt(exchange(), targets, trial), 1000)).toString(), 'from 200')
})

test('an error whose body breaks off is one failure', async () => {
  const targets = [await target('a', answering(500))]
  for (let i = 1; i < RULE.failures; i++) {
    await assert.rejects(attempt(exchange(), targets, { send, receive: () => { throw new GatehouseError('upstream_closed', 'no') } }), { code: 'upstream_closed' })
  }
  assert.equal(targets[0]!.health.restAt(performance.now()), 0)
})

test('a target that fails while another is tried is not tried after it', async () => {
  const second = await target('b', answering(200))
  const first = await target('a', response => {
    for (let i = 0; i < RULE.failures; i++) second.health.fail(performance.now(), second.health.begin())
    response.writeHead(503).end('busy')
  })
  const asked = exchange()
  assert.equal((await attempt(asked, [first, second], trial)).status, 503)
  assert.equal(tries(asked), 'a:503:upstream_error')
})

test('who comes while a target is on trial waits to hear how that went', async () => {
  const only = await target('a', inTurn(answering(500), answering(500), answering(500), response => { setTimeout(answering(200), 100, response) }, answering(200)))
  for (let i = 0; i < RULE.failures; i++) await attempt(exchange(), [only], trial)
  await wait(RULE.pause + 5)
  const answers = await Promise.all(Array.from({ length: 5 }, () => attempt(exchange(), [only], trial, { attempts: 2, backoff: 20 })))
  assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200, 200])
  assert.equal(only.asked, RULE.failures + 5)
})

test('where nobody may be asked, the client hears when to come back', async () => {
  const only = await target('a', response => { response.writeHead(429, { 'retry-after': '7' }).end() })
  await attempt(exchange(), [only], trial)
  await assert.rejects(attempt(exchange(), [only], trial), { code: 'unavailable', status: 503, retryAfter: 7 })
  assert.equal(only.asked, 1)
})

test('a short rest that a target asks for is waited for', async () => {
  const only = await target('a', inTurn(response => { response.writeHead(429, { 'retry-after': '0.1' }).end() }, answering(200)))
  const began = performance.now()
  const asked = exchange()
  await attempt(asked, [only], trial, { attempts: 2, backoff: 1 })
  assert.equal(tries(asked), 'a:429:upstream_error a:200:')
  assert.ok(performance.now() - began >= 100)
})

test('P49: a client that leaves is no failure of the target', async () => {
  const only = await target('a', () => {})
  for (let i = 0; i < 5; i++) {
    await assert.rejects(attempt(exchange(), [only], { ...trial, send: one => {
      const call = send(one)
      call.cancel(new GatehouseError('client_closed', 'gone'))
      return call
    } }), { code: 'client_closed' })
  }
  assert.equal(only.health.restAt(performance.now()), 0)
})

test('what is under way is counted until the exchange lets go of it', async () => {
  const asked = exchange()
  const [failing, fine] = [await target('a', answering(500)), await target('b', answering(200))]
  await attempt(asked, [failing, fine], trial)
  assert.deepEqual([failing.health.busy, fine.health.busy], [0, 1])
  assert.equal(asked.occupied, fine.health)
})

test('what one target cannot be asked is asked of the next, and is no failure of it', async () => {
  const asked = exchange()
  const targets = [await target('a', answering(200)), await target('b', answering(200, 'second'))]
  const answer = await attempt(asked, targets, { ...trial, send: one => {
    if (one.name === 'a') throw new GatehouseError('untranslatable', 'no')
    return send(one)
  } })
  assert.equal((await collect(answer, 1000)).toString(), 'second')
  assert.equal(targets[0]!.health.restAt(performance.now()), 0)
  await assert.rejects(attempt(exchange(), targets.slice(0, 1), { ...trial, send: () => { throw new GatehouseError('untranslatable', 'no') } }), { code: 'untranslatable' })
})
