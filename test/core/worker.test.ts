import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Config } from '../../config/config.ts'
import { LoopClock } from '../../core/advice.ts'
import { NO_CHAIN } from '../../core/chain.ts'
import type { Gateway } from '../../core/gateway.ts'
import { openLogger, type Logger } from '../../core/logger.ts'
import type { Server } from '../../core/server.ts'
import { Worker } from '../../core/worker.ts'

const configOf = (more: object = {}): Config =>
  ({ listen: { host: '127.0.0.1', port: 0 }, drain: 500, log: { level: 'info' }, ...more }) as unknown as Config

interface Hooks {
  routes?: (epoch: number) => unknown
  compile?: (config: Config) => Promise<void>
  drain?: () => Promise<void>
}

const nothing = async (): Promise<void> => {}

interface Rig { worker: Worker; done: string[]; exits: number[]; log: () => Logger }

/** A worker whose gateway and server only note what happens to them. */
function rig({ compile = nothing, drain = nothing, routes = () => [] }: Hooks = {}): Rig {
  const done: string[] = []
  const exits: number[] = []
  let logger: Logger | undefined
  const server = {
    app: { server: { closeIdleConnections() {} } },
    listen: async ({ port, reusePort }: { port: number; reusePort: boolean }) => void done.push(`listen ${port} ${reusePort}`),
    swap: (gateway: Gateway) => void done.push(`swap ${gateway.epoch}`),
    ask: (topic: string, question: unknown) => ({ topic, question }),
    drain: async (ms: number) => {
      done.push(`drain ${ms}`)
      await drain()
    },
  }
  const worker = new Worker({
    compile: async (config, epoch) => {
      await compile(config)
      done.push(`compile ${epoch}`)
      return { epoch, config, routes: routes(epoch), close: async () => void done.push(`close ${epoch}`) } as unknown as Gateway
    },
    open: async () => server as unknown as Server,
    log(level, base) {
      logger = openLogger(level, base, { write: line => void done.push((JSON.parse(line) as { msg: string }).msg) })
      return logger
    },
    exit: code => void exits.push(code),
  })
  return { worker, done, exits, log: () => logger! }
}

const start = { kind: 'start', worker: 1, epoch: 1, port: 1234, reusePort: true, config: configOf() } as const

test('starts: compiles, opens, listens on the port that the supervisor found', async () => {
  const { worker, done } = rig()
  await worker.obey(start)
  assert.deepEqual(done, ['compile 1', 'listen 1234 true'])
})

test('answers the control plane, also while a config compiles', async () => {
  const gate = Promise.withResolvers<void>()
  const { worker } = rig({ compile: config => config.drain === 7 ? gate.promise : Promise.resolve() })
  await worker.obey(start)
  const preparing = worker.obey({ kind: 'prepare', epoch: 2, config: configOf({ drain: 7 }) })
  assert.deepEqual(await worker.obey({ kind: 'ask', topic: 'metrics', question: 3 }), { topic: 'metrics', question: 3 })
  gate.resolve()
  await preparing
})

test('swaps on commit, not before, and takes the level of the log along', async () => {
  const { worker, done, log } = rig()
  await worker.obey(start)
  await worker.obey({ kind: 'prepare', epoch: 2, config: configOf({ log: { level: 'error' } }) })
  assert.deepEqual(done.slice(2), ['compile 2'])
  assert.equal(log().level, 'info')
  await worker.obey({ kind: 'commit', epoch: 2 })
  assert.deepEqual(done.slice(2), ['compile 2', 'swap 2'])
  assert.equal(log().level, 'error')
})

test('takes orders one after the other, though they come together', async () => {
  const { worker, done } = rig()
  await Promise.all([
    worker.obey(start), worker.obey({ kind: 'prepare', epoch: 2, config: configOf() }), worker.obey({ kind: 'commit', epoch: 2 }),
  ])
  assert.deepEqual(done, ['compile 1', 'listen 1234 true', 'compile 2', 'swap 2'])
})

const forgotten: { name: string; order: Parameters<Worker['obey']>[0] }[] = [
  { name: 'a discard', order: { kind: 'discard', epoch: 2 } },
  { name: 'the next prepare', order: { kind: 'prepare', epoch: 3, config: configOf() } },
]
for (const { name, order } of forgotten) {
  test(`what was prepared is closed by ${name}, and cannot be committed`, async () => {
    const { worker, done } = rig()
    await worker.obey(start)
    await worker.obey({ kind: 'prepare', epoch: 2, config: configOf() })
    await worker.obey(order)
    assert.ok(done.includes('close 2'))
    await assert.rejects(async () => worker.obey({ kind: 'commit', epoch: 2 }), /nothing is prepared for epoch 2/)
    assert.ok(!done.includes('swap 2'))
  })
}

test('a config that does not compile is told of, and the next order is obeyed', async () => {
  const { worker, done } = rig({ compile: async config => { if (config.drain === 7) throw new Error('bad pattern') } })
  await worker.obey(start)
  await assert.rejects(async () => worker.obey({ kind: 'prepare', epoch: 2, config: configOf({ drain: 7 }) }), /bad pattern/)
  await worker.obey({ kind: 'prepare', epoch: 2, config: configOf() })
  await worker.obey({ kind: 'commit', epoch: 2 })
  assert.equal(done.at(-1), 'swap 2')
})

const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

test('drains and ends', async () => {
  const { worker, done, exits } = rig()
  await worker.obey(start)
  worker.obey({ kind: 'drain', ms: 100 })
  await settle()
  assert.deepEqual([done.at(-1), exits], ['drain 100', [0]])
})

test('ends where it never started', async () => {
  const { worker, exits } = rig()
  worker.obey({ kind: 'drain', ms: 100 })
  await settle()
  assert.deepEqual(exits, [0])
})

test('ends by force where draining does not', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { worker, exits } = rig({ drain: () => new Promise(() => {}) })
  await worker.obey(start)
  worker.obey({ kind: 'drain', ms: 100 })
  t.mock.timers.tick(1099)
  assert.deepEqual(exits, [])
  t.mock.timers.tick(1)
  assert.deepEqual(exits, [1])
})

test('without its supervisor it finishes what it has, for as long as the config that serves allows', async () => {
  const { worker, done, exits } = rig()
  await worker.obey(start)
  await worker.obey({ kind: 'prepare', epoch: 2, config: configOf({ drain: 900 }) })
  await worker.obey({ kind: 'commit', epoch: 2 })
  await worker.orphaned()
  assert.deepEqual(done.slice(-2), ['the supervisor is gone; this worker finishes what it has and ends', 'drain 900'])
  assert.deepEqual(exits, [0])
})

test('an error that nobody caught ends it', async () => {
  const { worker, done, exits } = rig()
  await worker.obey(start)
  worker.failed(new TypeError('x is not a function'))
  assert.deepEqual([done.at(-1), exits], ['an error that nobody caught; this worker ends', [1]])
})

test('says now and then which steps of the config that serves hold the loop for too long', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const burn = (epoch: number): unknown => {
    const clock = new LoopClock()
    for (let call = 0; call < 100; call++) clock.add(10)
    return [{ chain: { ...NO_CHAIN, request: [{ name: `burn ${epoch}`, executor: { clock } }] } }]
  }
  const { worker, done } = rig({ routes: burn })
  const warnings = (): number => done.filter(each => each === 'a step holds the loop for long (p99 in ms)').length
  await worker.obey(start)
  t.mock.timers.tick(60_000)
  assert.equal(warnings(), 1)
  await worker.obey({ kind: 'prepare', epoch: 2, config: configOf() })
  t.mock.timers.tick(60_000)
  assert.equal(warnings(), 1)
  await worker.obey({ kind: 'commit', epoch: 2 })
  t.mock.timers.tick(60_000)
  assert.equal(warnings(), 2)
})
