import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Config } from '../../config/config.ts'
import type { End, Order, WorkerProcess } from '../../core/channel.ts'
import { openLogger } from '../../core/logger.ts'
import { Workers } from '../../core/workers.ts'

/** A process that obeys as it is told, and ends when it is killed or drained. */
class FakeProcess implements WorkerProcess {
  readonly pid: number
  readonly orders: Order[] = []
  readonly signals: string[] = []
  readonly ended: Promise<End>
  readonly #end: (end: End) => void
  readonly #obey: (order: Order) => unknown

  constructor(pid: number, obey: (order: Order) => unknown) {
    this.pid = pid
    this.#obey = obey
    const { promise, resolve } = Promise.withResolvers<End>()
    this.ended = promise
    this.#end = resolve
  }

  get kinds(): string[] { return this.orders.map(({ kind }) => kind) }

  async call(order: Order): Promise<unknown> {
    this.orders.push(order)
    const reply = await this.#obey(order)
    if (order.kind === 'drain' && reply !== 'deaf') this.end({ code: 0, signal: null })
    return reply
  }

  kill(signal: string): void {
    this.signals.push(signal)
    this.end({ code: null, signal })
  }

  answers(): void {}

  end(end: End): void { this.#end(end) }
}

const configOf = (name: string): Config => ({ name }) as unknown as Config

interface Rig { workers: Workers; forked: FakeProcess[]; lines: Record<string, unknown>[]; tick(ms: number): Promise<void> }

/** Lets promises that are already settled run through their chains. */
async function settle(): Promise<void> {
  for (let n = 0; n < 20; n++) await Promise.resolve()
}

/** Workers on fake processes and a fake clock. `obey` may throw, or hang with a promise that never resolves. */
function rig(t: TestContext, count: number, obey: (order: Order, pid: number) => unknown = () => undefined): Rig {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const forked: FakeProcess[] = []
  const lines: Record<string, unknown>[] = []
  const workers = new Workers({
    count,
    counter: () => ({ take: async () => [], close: async () => {} }),
    fork() {
      const pid = forked.length + 1
      const process = new FakeProcess(pid, order => obey(order, pid))
      forked.push(process)
      return process
    },
    begin: worker => ({ kind: 'start', worker, port: 1, reusePort: true, epoch: 1, config: configOf('first') }),
    log: openLogger('info', {}, { write: line => void lines.push(JSON.parse(line) as Record<string, unknown>) }),
  })
  const tick = async (ms: number): Promise<void> => {
    await settle()
    now += ms
    t.mock.timers.tick(ms)
    await settle()
  }
  return { workers, forked, lines, tick }
}

const never = (): Promise<never> => new Promise(() => {})

test('starts all and says how they are', async t => {
  const { workers, forked } = rig(t, 2)
  assert.deepEqual(workers.states.map(({ state }) => state), ['down', 'down'])
  await workers.start()
  assert.deepEqual(workers.states, [
    { worker: 1, pid: 1, state: 'listening', restarts: 0 },
    { worker: 2, pid: 2, state: 'listening', restarts: 0 },
  ])
  assert.deepEqual(forked.map(({ orders }) => orders.map(order => order.kind === 'start' && order.worker)), [[1], [2]])
})

test('a start that fails leaves no worker behind', async t => {
  const { workers, forked, tick } = rig(t, 3, (_order, pid) => { if (pid === 2) throw new Error('listen EACCES') })
  await assert.rejects(workers.start(), /^Error: worker 2 does not start: listen EACCES$/)
  await Promise.all(forked.map(({ ended }) => ended))
  await tick(60_000)
  assert.equal(forked.length, 3)
})

test('a worker that ends is started again, later each time, and sooner after a calm life', async t => {
  const { workers, forked, lines, tick } = rig(t, 1)
  await workers.start()
  const delays = [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]
  for (const [index, delay] of delays.entries()) {
    forked.at(-1)!.kill('SIGSEGV')
    await tick(delay - 1)
    assert.equal(forked.length, index + 1, `not before ${delay} ms`)
    await tick(1)
    assert.equal(forked.length, index + 2, `after ${delay} ms`)
    assert.deepEqual(workers.states[0], { worker: 1, pid: index + 2, state: 'listening', restarts: index + 1 })
  }
  await tick(30_000)
  forked.at(-1)!.kill('SIGSEGV')
  await tick(100)
  assert.equal(forked.length, delays.length + 2)
  assert.deepEqual(lines.filter(({ level }) => level === 'error').map(({ delay }) => delay), [...delays, 100])
  assert.equal(lines[0]!['end'], 'signal SIGSEGV')
})

test('a worker that cannot start again is tried again', async t => {
  const { workers, forked, tick } = rig(t, 1, (_order, pid) => { if (pid === 2) throw new Error('no memory') })
  await workers.start()
  forked[0]!.kill('SIGKILL')
  await tick(100)
  assert.equal(workers.states[0]!.state, 'down')
  await tick(200)
  assert.deepEqual(workers.states[0], { worker: 1, pid: 3, state: 'listening', restarts: 2 })
})

test('a new config is prepared by all before any commits', async t => {
  const { workers, forked } = rig(t, 2)
  await workers.start()
  await workers.prepare(2, configOf('second'))
  assert.deepEqual(forked.map(({ kinds }) => kinds), [['start', 'prepare'], ['start', 'prepare']])
  await workers.commit(2, configOf('second'), 1000)
  assert.deepEqual(forked.map(({ kinds }) => kinds.slice(2)), [['commit'], ['commit']])
})

test('one worker that cannot prepare keeps all of them from it', async t => {
  const { workers, forked } = rig(t, 2, (order, pid) => {
    if (order.kind === 'prepare' && pid === 2) throw new Error('bad pattern')
  })
  await workers.start()
  await assert.rejects(workers.prepare(2, configOf('second')), /^Error: worker 2 does not take the config: bad pattern$/)
  await workers.discard(2)
  assert.deepEqual(forked.map(({ kinds }) => kinds), [['start', 'prepare', 'discard'], ['start', 'prepare', 'discard']])
})

test('a worker that starts between the phases is taken along', async t => {
  const { workers, forked, tick } = rig(t, 1)
  await workers.start()
  await workers.prepare(2, configOf('second'))
  forked[0]!.kill('SIGKILL')
  await tick(100)
  await workers.commit(2, configOf('second'), 1000)
  assert.deepEqual(forked[1]!.kinds, ['start', 'prepare', 'commit'])
})

test('a worker that cannot follow gives way to a new one', async t => {
  const { workers, forked, tick } = rig(t, 2, (order, pid) => {
    if (order.kind === 'commit' && pid === 1) throw new Error('lost it')
  })
  await workers.start()
  await workers.prepare(2, configOf('second'))
  await workers.commit(2, configOf('second'), 1000)
  await tick(100)
  assert.deepEqual(forked[0]!.kinds, ['start', 'prepare', 'commit', 'drain'])
  assert.deepEqual(forked[1]!.kinds, ['start', 'prepare', 'commit'])
  assert.deepEqual(workers.states.map(({ pid, state }) => [pid, state]), [[3, 'listening'], [2, 'listening']])
})

test('only those who listen are asked, and only those who answer count', async t => {
  const { workers, forked, tick } = rig(t, 3, (order, pid) => {
    if (order.kind === 'ask' && pid === 2) throw new Error('busy')
    if (order.kind === 'start' && pid === 4) return never()
    return pid
  })
  await workers.start()
  forked[2]!.kill('SIGKILL')
  await tick(100)
  assert.equal(workers.states[2]!.state, 'starting')
  assert.deepEqual(await workers.ask('metrics', undefined, 1000), [1])
})

test('draining ends all and starts none again', async t => {
  const { workers, forked, tick } = rig(t, 2)
  await workers.start()
  forked[0]!.kill('SIGKILL')
  await tick(0)
  await workers.drain(1000)
  await tick(60_000)
  assert.equal(forked.length, 2)
  assert.deepEqual(forked[1]!.orders.at(-1), { kind: 'drain', ms: 1000 })
})

test('a worker that does not drain is ended by force, once its time is over', async t => {
  const { workers, forked, tick } = rig(t, 1, order => order.kind === 'drain' ? 'deaf' : undefined)
  await workers.start()
  const drained = workers.drain(1000)
  await tick(2999)
  assert.deepEqual(forked[0]!.signals, [])
  await tick(1)
  assert.deepEqual(forked[0]!.signals, ['SIGKILL'])
  await drained
})
