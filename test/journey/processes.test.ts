import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { allGone, HouseProcess } from './house-process.ts'

const all = { name: 'all', match: { model: '*' }, targets: [{ provider: 'echo' }] }

/** Two workers on free ports. */
const config = (more: object = {}): object => ({
  listen: { host: '127.0.0.1', port: 0 }, admin: { host: '127.0.0.1', port: 0 }, workers: 2,
  plugins: ['health', 'metrics', 'admin'],
  providers: { echo: { use: 'echo' } },
  routes: [all],
  ...more,
})

/** Asks the house; resolves when the answer's head is there. Without an agent each request has a connection of its own. */
async function ask(house: HouseProcess, more: object = {}, agent: Agent | false = false): Promise<IncomingMessage> {
  const body = JSON.stringify({ model: 'echo', messages: [{ role: 'user', content: 'hello' }], ...more })
  const headers = { 'content-type': 'application/json' }
  const call = request(`${house.url}/v1/chat/completions`, { method: 'POST', agent, headers, timeout: 5000 })
  call.end(body)
  const [reply] = await once(call, 'response') as [IncomingMessage]
  return reply
}

/** Asks, reads the whole answer, and says which worker gave it on which config, by the log. */
async function served(house: HouseProcess, agent: Agent | false = false): Promise<{ worker: unknown; epoch: unknown }> {
  const reply = await ask(house, {}, agent)
  assert.equal(reply.statusCode, 200, await text(reply))
  reply.resume()
  const { worker, epoch } = await house.line(line => line['id'] === reply.headers['x-gatehouse-id'])
  return { worker, epoch }
}

/** An upstream whose answer to a streaming request is in the test's hands. */
async function openUpstream(t: TestContext): Promise<{ url: string; asked: () => Promise<ServerResponse> }> {
  const asked: ServerResponse[] = []
  const server = createServer((_request, reply) => {
    reply.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.write(chunk('one'))
    asked.push(reply)
    server.emit('asked')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async asked() {
      if (asked.length === 0) await once(server, 'asked')
      return asked.shift()!
    },
  }
}

function frame(delta: object, finish: string | null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }]
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\n`
}
const chunk = (content: string): string => frame({ content }, null)
const END = `${frame({}, 'stop')}data: [DONE]\n\n`

const streaming = (url: string, more: object = {}): object => config({
  providers: { slow: { use: 'openai-compatible', url, key: 'upstream-key' } },
  routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'slow' }] }],
  ...more,
})

interface Streaming {
  readonly house: HouseProcess
  readonly upstream: ServerResponse
  readonly client: IncomingMessage
  readonly first: string
}

/** A house with a stream under way: its first event is at the client. */
async function withStream(t: TestContext, more: object = {}): Promise<Streaming> {
  const { url, asked } = await openUpstream(t)
  const house = await HouseProcess.start(t, streaming(url, more))
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  const client = await ask(house, { stream: true }, agent)
  client.setEncoding('utf8')
  const [first] = await once(client, 'data') as [string]
  client.pause()
  return { house, upstream: await asked(), client, first }
}

test('a house of two workers', async t => {
  const house = await HouseProcess.start(t, config())

  await t.test('is ready, and both workers serve', async () => {
    assert.match(house.text, /the config is .*house\.json\n.*listening on http:\/\/127\.0\.0\.1:\d+, with the control plane on/s)
    assert.equal((await house.ask('/livez')).status, 200)
    assert.deepEqual(await house.ask('/readyz'), { status: 200, body: '{"ready":true,"reasons":[],"notes":[]}' })
    const workers = await house.workers()
    assert.deepEqual(workers.map(({ worker, state }) => [worker, state]), [[1, 'listening'], [2, 'listening']])
    const answers = await Promise.all(Array.from({ length: 40 }, () => served(house)))
    assert.deepEqual([...new Set(answers.map(({ worker }) => worker))].toSorted(), [1, 2])
  })

  const counted = 'gatehouse_requests_total{route="all",dialect="openai-chat",status="200",ending="complete"}'

  await t.test('counts as one', async () => {
    const before = await house.metric(counted)
    assert.equal(before, 40)
    await Promise.all(Array.from({ length: 20 }, () => served(house)))
    assert.equal(await house.metric(counted), 60)
    assert.equal(await house.metric('gatehouse_workers{state="listening"}'), 2)
  })

  await t.test('keeps the control plane to this machine', async () => {
    const refused = await fetch(`${house.admin}/admin/reload`, { method: 'POST', headers: { origin: 'http://evil.example' } })
    assert.equal(refused.status, 403)
  })

  await t.test('loses no request of the other worker when one is killed, and starts a new one', async () => {
    const agents = Array.from({ length: 12 }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
    t.after(() => { for (const agent of agents) agent.destroy() })
    const pinned = await Promise.all(agents.map(async agent => ({ agent, worker: (await served(house, agent)).worker })))
    const [victim, other] = await house.workers()
    const safe = pinned.filter(({ worker }) => worker === other!.worker)
    assert.ok(safe.length > 0, 'some connection is to the other worker')

    // What a killed worker counted after the last scrape is gone with it.
    await house.metric(counted)
    const from = house.lines.length
    const back = house.line(({ msg }) => msg === 'a worker is back', from)
    const over = new AbortController()
    const load = safe.map(async ({ agent }) => {
      let count = 0
      for (; !over.signal.aborted; count++) assert.equal((await served(house, agent)).worker, other!.worker)
      return count
    })
    process.kill(victim!.pid, 'SIGKILL')
    await back
    over.abort()
    const counts = await Promise.all(load)
    assert.ok(counts.every(count => count > 0))

    const ended = await house.line(({ msg }) => msg === 'a worker ended; a new one follows', from)
    assert.deepEqual([ended['worker'], ended['end']], [victim!.worker, 'signal SIGKILL'])
    const workers = await house.workers()
    assert.deepEqual(workers.map(({ state, restarts }) => [state, restarts]), [['listening', 1], ['listening', 0]])
    assert.notEqual(workers[0]!.pid, victim!.pid)
    const total = 60 + pinned.length + counts.reduce((sum, count) => sum + count, 0)
    assert.equal(await house.metric(counted), total)
    assert.equal(await house.metric('gatehouse_worker_restarts_total'), 1)
  })

  const everywhere = async (): Promise<unknown[]> =>
    [...new Set((await Promise.all(Array.from({ length: 30 }, () => served(house)))).map(({ epoch }) => epoch))]

  const ways: { name: string; reload: () => unknown }[] = [
    { name: 'a change of its file', reload: () => house.rewrite(config({ drain: '9s' })) },
    { name: 'SIGHUP', reload: () => house.child.kill('SIGHUP') },
    { name: 'the admin port', reload: async () => assert.equal((await house.ask('/admin/reload', 'POST')).body, '{"epoch":4}') },
  ]
  for (const [index, { name, reload }] of ways.entries()) {
    await t.test(`takes a new config by ${name}, in every worker`, async () => {
      const epoch = index + 2
      await reload()
      await house.line(line => line.msg === 'the new config serves' && line['epoch'] === epoch)
      assert.deepEqual(await everywhere(), [epoch])
      assert.equal(await house.metric('gatehouse_config_epoch'), epoch)
    })
  }

  await t.test('keeps its config when the new one is broken, and takes it when it is mended', async () => {
    const wrong: [object | string, RegExp][] = [
      ['{"routes": [', /valid YAML or JSON/], ['', /an empty file/], [config({ routes: [] }), /an empty list/],
      [config({ routes: [{ ...all, when: '1 +' }] }), /"1 \+"/],
    ]
    for (const [broken, says] of wrong) {
      const from = house.lines.length
      await house.rewrite(broken)
      const refusal = 'the config stays as it was'
      const line = await house.line(({ msg, problem }) => msg === refusal && says.test(problem as string), from)
      const refused = await house.ask('/admin/reload', 'POST')
      assert.equal(refused.status, 422)
      const { error } = JSON.parse(refused.body) as { error: { problems: string[] } }
      assert.deepEqual(error.problems, (line['problem'] as string).split('\n'))
      assert.equal((await house.ask('/readyz')).status, 200)
      assert.deepEqual(await everywhere(), [4])
    }
    await house.rewrite(config({ listen: { host: '127.0.0.1', port: 1 } }))
    await house.line(({ msg, epoch }) => msg === 'the new config serves' && epoch === 5)
    assert.ok(house.lines.some(({ msg, setting }) => msg.includes('needs a restart') && setting === 'listen'))
    assert.deepEqual(await everywhere(), [5])
  })

  await t.test('does not let another house take half of its port', async () => {
    const second = await HouseProcess.spawn(t, config({ listen: { host: '127.0.0.1', port: Number(new URL(house.url).port) } }))
    assert.equal((await second.exited).code, 1)
    await second.prints(/EADDRINUSE/)
  })

  await t.test('ends with exit code 0 and leaves nothing behind', async () => {
    const pids = await house.pids()
    house.child.kill('SIGTERM')
    assert.deepEqual(await house.exited, { code: 0, signal: null })
    await allGone(pids)
  })
})

test('a stream that runs when the house is told to stop is finished', async t => {
  const { house, upstream, client, first } = await withStream(t, { workers: 1 })
  const pids = await house.pids()
  house.child.kill('SIGTERM')
  await house.line(({ msg }) => msg.startsWith('stopping'))
  assert.deepEqual(await house.ask('/readyz'), { status: 503, body: '{"ready":false,"reasons":["stopping"],"notes":[]}' })
  upstream.write(chunk('two'))
  upstream.end(END)
  assert.equal(first + await text(client), chunk('one') + chunk('two') + END)
  assert.deepEqual(await house.exited, { code: 0, signal: null })
  await allGone(pids)
})

test('a stream that outlasts the drain is ended, and told so', async t => {
  const { house, client } = await withStream(t, { drain: '300ms', workers: 1 })
  house.child.kill('SIGINT')
  assert.match(await text(client), /draining/)
  assert.deepEqual(await house.exited, { code: 0, signal: null })
})

test('a second signal ends the house at once', async t => {
  const { house, client } = await withStream(t, { drain: '60s', workers: 1 })
  const pids = await house.pids()
  client.on('error', () => {})
  house.child.kill('SIGTERM')
  await house.line(({ msg }) => msg.startsWith('stopping'))
  // What follows within half a second is taken for the echo of the first.
  house.child.kill('SIGTERM')
  await new Promise(resolve => setTimeout(resolve, 700))
  assert.ok(!house.lines.some(({ msg }) => msg.startsWith('told to stop again')))
  house.child.kill('SIGTERM')
  await house.exited
  await allGone(pids)
})

test('when the supervisor is killed, its workers finish what they have and end', async t => {
  const { house, upstream, client, first } = await withStream(t)
  const pids = await house.pids()
  const port = Number(new URL(house.url).port)
  house.child.kill('SIGKILL')
  await house.line(({ msg }) => msg.startsWith('the supervisor is gone'))
  upstream.end(END)
  assert.equal(first + await text(client), chunk('one') + END)
  await allGone(pids)
  const free = createServer().listen(port, '127.0.0.1')
  await once(free, 'listening')
  free.close()
})

test('where the system has no reusePort, the workers share one socket', async t => {
  const refuse = `import { Server } from 'node:net'
    const { listen } = Server.prototype
    Server.prototype.listen = function (...given) {
      if (given[0]?.reusePort !== true) return listen.apply(this, given)
      process.nextTick(() => this.emit('error', Object.assign(new Error('listen ENOTSUP'), { code: 'ENOTSUP' })))
      return this
    }`
  const preload = `--import=data:text/javascript,${encodeURIComponent(refuse)}`
  const house = await HouseProcess.start(t, config(), { NODE_OPTIONS: preload })
  assert.equal((await house.line(({ msg }) => msg === 'ready'))['sockets'], 'shared (cluster)')
  const answers = await Promise.all(Array.from({ length: 10 }, () => served(house)))
  assert.deepEqual([...new Set(answers.map(({ worker }) => worker))].toSorted(), [1, 2])
  const pids = await house.pids()
  house.child.kill('SIGTERM')
  assert.deepEqual(await house.exited, { code: 0, signal: null })
  await allGone(pids)
})

const unable: { name: string; config: object | string; says: RegExp }[] = [
  { name: 'a broken config', config: '{"routes": [', says: /cannot start\n.*house\.json:1/ },
  { name: 'a name that is none', config: config({ plugins: ['helth'] }), says: /\/plugins\/0 .*as "health"/ },
]
for (const { name, config: written, says } of unable) {
  test(`with ${name} nothing starts`, async t => {
    const house = await HouseProcess.spawn(t, written)
    assert.deepEqual(await house.exited, { code: 1, signal: null })
    await house.prints(says)
    assert.deepEqual(house.lines.filter(({ worker }) => worker !== undefined), [])
  })
}
