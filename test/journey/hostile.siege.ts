import assert from 'node:assert/strict'
import { fork, type ChildProcess } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { DRIPS, ESCAPES, FAMILIES, sourceOf, type Attack, type End } from './hostile/attacks.ts'
import { hostsOf, megabytesOf } from './hostile/process-table.ts'
import { HouseProcess } from './house-process.ts'
import type { Report, Word } from './hostile/neighbour.ts'

/** Milliseconds for which the attacks of a family go on together, and between two of the same. */
const SIEGE = 2500
const PAUSE = 20
/** Milliseconds by which the loop's p99 may be late while others are attacked. */
const LATEST = 20
/** Milliseconds between two looks of the loop's monitor, which the figures of the metrics include. */
const MONITOR = 10
/** Megabytes by which the worker may have grown when all is over: its young generation, once it was needed. */
const GROWTH = 160
/** The same for a host: an isolate that lives may keep garbage, up to its limit of 64, until it is asked again. */
const GARBAGE = 4 * 64
/** Megabytes by which the worker's old generation may have grown: code that was compiled since, and garbage not collected yet. */
const KEPT = 16
/** Milliseconds for anything that has to come about. */
const PATIENCE = 10_000
const LOOT = 'nobody-may-see-this'

const NAMES = `import { defineProcessor } from 'gatehouse/sdk'
export default defineProcessor({ name: 'names', kind: 'detector', rights: ['edit', 'annotate'], on: ['request'], reads: { origins: ['user'] },
  setup: () => ({ inspect: segments => segments.flatMap(({ id, text }) => {
    const start = text.indexOf('Bluebird')
    return start === -1 ? [] : [{ segment: id, start, end: start + 8, type: 'name', action: 'replace' }]
  }) }) })`

const ATTACKS = [...FAMILIES.values(), DRIPS].flat()
const TENANTS = ['neighbour', 'hostile']

/** A neighbour at work in a house of one worker, and a hostile tenant with a route for each attack. */
class Siege {
  readonly house: HouseProcess
  readonly worker: number
  readonly #neighbour: ChildProcess

  private constructor(house: HouseProcess, worker: number, neighbour: ChildProcess) {
    this.house = house
    this.worker = worker
    this.#neighbour = neighbour
  }

  static async begin(t: TestContext): Promise<Siege> {
    const neighbour = fork(join(import.meta.dirname, 'hostile/neighbour.ts'))
    t.after(() => neighbour.kill())
    const [{ provider }] = await once(neighbour, 'message') as [{ provider: string }]
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-hostile-'))
    t.after(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'names.ts'), NAMES)
    for (const attack of ATTACKS) await writeFile(join(folder, `${attack.name}.ts`), sourceOf(attack))
    const house = await HouseProcess.start(t, configOf(folder, provider), { HOSTILE_LOOT: LOOT })
    const [worker] = await house.workers()
    neighbour.send({ begin: { url: house.url, key: 'neighbour' } } satisfies Word)
    return new Siege(house, worker!.pid, neighbour)
  }

  /** What the neighbour saw since it was asked last. */
  async report(): Promise<Report> {
    const told = once(this.#neighbour, 'message')
    this.#neighbour.send('report' satisfies Word)
    return (await told)[0] as Report
  }

  /** Milliseconds by which the worker's loop was late since it was asked last: 99 times of 100, and at most. */
  async lateness(): Promise<{ p99: number; most: number }> {
    const { body } = await this.house.ask('/metrics')
    const [p99, most] = ['p99', 'max'].map(which => Number(RegExp(`^nodejs_eventloop_lag_${which}_seconds (.*)$`, 'm').exec(body)![1]))
    return { p99: p99! * 1000 - MONITOR, most: most! * 1000 - MONITOR }
  }

  /** How the hostile tenant's request ends. */
  async ask(attack: Attack, text = 'go'): Promise<string> {
    const reply = await fetch(`${this.house.url}/v1/chat/completions`, {
      method: 'POST', signal: AbortSignal.timeout(PATIENCE),
      headers: { 'content-type': 'application/json', authorization: 'Bearer hostile' },
      body: JSON.stringify({ model: attack.name, messages: [{ role: 'user', content: text }] }),
    })
    const said = await reply.text()
    assert.ok(!said.includes(LOOT), said)
    const { error, choices } = JSON.parse(said) as { error?: { code: string }; choices: { message: { content: string } }[] }
    if (error === undefined) return choices[0]!.message.content
    assert.ok(!/SECRET|passwd|process/.test(said), said)
    return error.code
  }

  /** Sends what several attacks need, over and over. Gives how it ended, each time. */
  async rage(attacks: readonly Attack[]): Promise<string[]> {
    const until = performance.now() + SIEGE
    const ends: string[] = []
    await Promise.all(attacks.map(async attack => {
      const expected = [...repliesOf(attack.later ?? attack.end), 'step_timeout', 'step_overload', 'step_failed']
      while (performance.now() < until) {
        const end = await this.ask(attack, 'go')
        assert.ok(expected.includes(end), `${attack.name}: ${end}`)
        ends.push(end)
        await new Promise(resolve => setTimeout(resolve, PAUSE))
      }
    }))
    return ends
  }

  /** Waits until a processor serves: the one host may have just been replaced by the other. */
  async calm(attack: Attack): Promise<void> {
    const until = performance.now() + PATIENCE
    for (let end = ''; end !== 'You said: calm';) {
      end = await this.ask(attack, 'calm')
      assert.ok(performance.now() < until, `${attack.name}: ${end}`)
    }
  }

  /**
   * Does something, and holds the house to it that the neighbour noticed nothing. A machine with other work makes any loop
   * late, the neighbour's own too: what that one was late by does not count, and where it is still too much, the work is
   * done again, at most twice.
   */
  async unnoticed(t: TestContext, work: () => Promise<unknown>): Promise<void> {
    let late = Infinity
    for (let tries = 0; tries < 3 && late >= LATEST; tries++) {
      await Promise.all([this.report(), this.lateness()])
      await work()
      const [report, lateness] = await Promise.all([this.report(), this.lateness()])
      const { requests, failures, p50, p99, most } = report
      t.diagnostic(`the loop is late by ${lateness.p99.toFixed(1)} ms in p99 (the neighbour's by ${report.late.toFixed(1)}), `
        + `${lateness.most.toFixed(1)} at most; ${requests} requests: p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, max ${most.toFixed(1)} ms`)
      assert.deepEqual(failures, [])
      assert.ok(requests > 50, `the neighbour asked only ${requests} times`)
      late = lateness.p99 - Math.max(0, report.late)
    }
    assert.ok(late < LATEST, `the loop is late by ${late} ms more than the neighbour's`)
  }

  /** Megabytes in the worker's old generation: what has lived for a while. */
  async living(): Promise<number> {
    return await this.house.metric('nodejs_heap_space_size_used_bytes{space="old"}') / 2 ** 20
  }

  /** Megabytes of the worker and of its hosts. */
  memory(): number[] {
    return [this.worker, ...hostsOf(this.worker)].map(megabytesOf)
  }
}

function configOf(folder: string, provider: string): object {
  const chain = (name: string, more: object = {}): object[] => [{ use: join(folder, `${name}.ts`), ...more }]
  const route = (consumer: string, name: string, more: object = {}): object =>
    ({ name, match: { consumer, model: name }, targets: [{ provider: 'up' }], ...more })
  return {
    listen: { host: '127.0.0.1', port: 0 }, admin: { host: '127.0.0.1', port: 0 }, workers: 1, plugins: ['metrics', 'admin'],
    providers: { up: { use: 'openai-compatible', url: provider, key: 'upstream-key' } },
    consumers: TENANTS.map(name => ({ name, keys: [{ sha256: hash('sha256', name) }] })),
    chains: {
      names: chain('names'),
      // What fails by itself gets the time for it, however busy the machine is.
      ...Object.fromEntries(ATTACKS.map(({ name, end }) => [name, chain(name, { timeout: end === 'step_timeout' || end === 'either' ? '300ms' : '3s' })])),
      open: chain('endless-loop', { timeout: '300ms', onTimeout: 'open' }),
    },
    routes: [
      route('neighbour', 'plain'), route('neighbour', 'guarded', { chain: 'names' }),
      ...ATTACKS.map(({ name }) => route('hostile', name, { chain: name })), route('hostile', 'open', { chain: 'open' }),
    ],
  }
}

/** The replies that an end may be told by. */
const repliesOf = (end: End): string[] =>
  end === 'either' ? ['step_failed', 'step_timeout'] : typeof end === 'string' ? [end] : [`You said: ${end.says}`]

test('what hostile processors do is noticed by nobody else', async house => {
  const siege = await Siege.begin(house)
  // The worker's code has to be compiled once before there is a level to come back to.
  await new Promise(resolve => setTimeout(resolve, 2000))
  const before = siege.memory()
  const living = await siege.living()
  assert.equal(before.length, 3, 'a worker and two hosts')
  await house.test('in peace', t => siege.unnoticed(t, () => new Promise<void>(resolve => { setTimeout(resolve, 2000) })))

  for (const [family, attacks] of FAMILIES) {
    await house.test(family, async t => {
      for (const attack of attacks) {
        await t.test(attack.name, async () => {
          await siege.calm(attack)
          const end = await siege.ask(attack)
          assert.ok(repliesOf(attack.end).includes(end), end)
        })
      }
      await t.test('all of them at once', () => siege.unnoticed(t, () => siege.rage(attacks)))
    })
  }

  await house.test('calls just under the limit, from several processors', async t => siege.unnoticed(t, async () => {
    const ends = await siege.rage([...DRIPS, ...DRIPS])
    assert.ok(ends.includes('You said: go'), 'some call is within its limit')
  }))

  await house.test('a step that its operator lets fail open lets pass', async () => {
    assert.equal(await siege.ask({ name: 'open', body: '', end: 'step_timeout' }, 'go'), 'You said: go')
  })

  await house.test('memory and processes are back to level', async t => {
    const level = (): boolean => {
      const now = siege.memory()
      return now.length === before.length && now.every((each, index) => each < before[index]! + (index === 0 ? GROWTH : GARBAGE))
    }
    // The system tells nobody what another process gives back.
    for (const deadline = performance.now() + PATIENCE; !level() && performance.now() < deadline;) {
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    const [then, now] = [before, siege.memory()].map(all => all.map(each => each.toFixed(0)).join(', '))
    t.diagnostic(`megabytes of the worker and its hosts: ${then} before, ${now} after`)
    assert.ok(level(), `${then} before, ${now} after`)
  })

  await house.test('what lives in the worker is what lived before', async t => {
    const after = await siege.living()
    t.diagnostic(`megabytes of the worker's old generation: ${living.toFixed(0)} before, ${after.toFixed(0)} after`)
    assert.ok(after < living + KEPT, `${living} before, ${after} after`)
  })

  await house.test('the worker is still the same', async () => {
    const [worker] = await siege.house.workers()
    assert.deepEqual([worker!.pid, worker!.restarts], [siege.worker, 0])
  })
})

test('the ways out do lead out where nothing holds them', async () => {
  const all = Function('segments', 'scope', `return [${ESCAPES.map(way => `() => ${way}`).join(', ')}]`) as
    (segments: unknown, scope: unknown) => (() => unknown)[]
  let out = 0
  const prepare = Error.prepareStackTrace
  for (const way of all([], {})) {
    try {
      if (await way()) out++
    } catch { /* this one is held here, too */ }
  }
  Error.prepareStackTrace = prepare
  assert.ok(out > ESCAPES.length / 2, `${out} of ${ESCAPES.length}`)
})
