import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Config } from '../../config/config.ts'
import { parseConfig, type Loaded } from '../../config/loader.ts'
import { ConfigError } from '../../config/problem.ts'
import type { RouteDescription } from '../../core/description.ts'
import { openLogger } from '../../core/logger.ts'
import { keepFixed, Reloader, type ReloaderParts } from '../../core/reload.ts'

const ROUTES = {
  providers: { echo: { use: 'echo' } },
  routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'echo' }] }],
}
const CONSUMER = { consumers: [{ name: 'research', keys: [{ sha256: 'ab'.repeat(32) }] }] }
const load = (written: object): Promise<Loaded> =>
  parseConfig(JSON.stringify({ ...ROUTES, ...written }), { file: 'house.json', env: {} })

const described = (warnings: string[] = []): RouteDescription[] =>
  [{ name: 'all', match: '', targets: [], request: [], response: [], delivery: 'live', warnings }]

interface Rig { reloader: Reloader; done: string[]; lines: Record<string, unknown>[] }

/** A reloader whose collaborators note what they were told. */
async function rig(written: object, parts: Partial<ReloaderParts> = {}): Promise<Rig> {
  const done: string[] = []
  const lines: Record<string, unknown>[] = []
  const note = (what: string) => async (epoch: number): Promise<void> => void done.push(`${what} ${epoch}`)
  const { config } = await load(written)
  const reloader = new Reloader({ epoch: 1, config, routes: described() }, {
    load: () => load(written),
    check: async (_config, epoch) => {
      done.push(`check ${epoch}`)
      return described()
    },
    workers: { prepare: note('prepare'), commit: note('commit'), discard: note('discard') },
    log: openLogger('info', {}, { write: line => void lines.push(JSON.parse(line) as Record<string, unknown>) }),
    ...parts,
  })
  return { reloader, done, lines }
}

test('a reload checks, prepares and commits, and the epoch moves on', async () => {
  const { reloader, done } = await rig({ drain: '1s' }, { load: () => load({ drain: '2s' }) })
  assert.equal(await reloader.reload(), 2)
  assert.equal(await reloader.reload(), 3)
  assert.deepEqual(done, ['check 2', 'prepare 2', 'commit 2', 'check 3', 'prepare 3', 'commit 3'])
  assert.deepEqual([reloader.current.epoch, reloader.current.config.drain, reloader.counts], [3, 2000, { ok: 2, failed: 0 }])
})

test('the level of the log changes with the config', async () => {
  const { reloader, lines } = await rig({}, { load: () => load({ log: { level: 'error' } }) })
  await reloader.reload()
  await reloader.reload()
  assert.deepEqual(lines.map(({ level }) => level), ['warn'])
})

test('a worker that starts during the commit begins with the new config', async () => {
  const seen: number[] = []
  const look = async (): Promise<void> => void seen.push(reloader.current.epoch)
  const { reloader } = await rig({}, { workers: { prepare: look, commit: look, discard: look } })
  await reloader.reload()
  assert.deepEqual(seen, [1, 2])
})

const broken = new ConfigError([
  { file: 'house.yaml', path: '/routes', line: 3, column: 1, expected: 'a list', got: 'nothing', message: '' },
])
const refusals: { name: string; parts: (done: string[]) => Partial<ReloaderParts>; done: string[]; problem: RegExp }[] = [
  {
    name: 'a file that is broken',
    parts: () => ({ load: () => Promise.reject(broken) }),
    done: [], problem: /^house.yaml:3:1 \/routes expected a list/,
  },
  {
    name: 'a config that does not compile',
    parts: () => ({ check: () => Promise.reject(broken) }),
    done: [], problem: /expected a list/,
  },
  {
    name: 'a worker that does not prepare',
    parts: done => ({
      workers: {
        prepare: () => Promise.reject(new Error('worker 2 does not take the config')),
        commit: async () => void done.push('commit'),
        discard: async epoch => void done.push(`discard ${epoch}`),
      },
    }),
    done: ['discard 2'], problem: /^worker 2 does not take the config$/,
  },
]
for (const { name, parts, done, problem } of refusals) {
  test(`${name} changes nothing and says why`, async () => {
    const told: string[] = []
    const { reloader, lines } = await rig({}, parts(told))
    const before = reloader.current
    await assert.rejects(reloader.reload(), error => problem.test((error as Error).message))
    assert.equal(reloader.current, before)
    assert.deepEqual(told, done)
    assert.deepEqual(reloader.counts, { ok: 0, failed: 1 })
    assert.match(lines.at(-1)!['problem'] as string, problem)
  })
}

test('the next reload after a refused one is as good as any', async () => {
  let broke = true
  const { reloader } = await rig({}, { load: () => broke ? Promise.reject(broken) : load({}) })
  await assert.rejects(reloader.reload())
  broke = false
  assert.equal(await reloader.reload(), 2)
})

test('whoever asks during a reload shares the next one, which reads the file anew', async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let reads = 0
  const { reloader } = await rig({}, { load: () => gates[reads++]!.promise.then(() => load({})) })
  const all = [reloader.reload(), reloader.reload(), reloader.reload(), reloader.reload()]
  gates[0]!.resolve()
  assert.equal(await all[0], 2)
  gates[1]!.resolve()
  assert.deepEqual(await Promise.all(all), [2, 3, 3, 3])
  assert.equal(reads, 2)
})

test('a reload that waits is not refused with the one before it', async () => {
  let reads = 0
  const { reloader } = await rig({}, { load: () => reads++ === 0 ? Promise.reject(broken) : load({}) })
  const [first, second] = [reloader.reload(), reloader.reload()]
  await assert.rejects(first, ConfigError)
  assert.equal(await second, 2)
})

const running = {
  listen: { host: '127.0.0.1', port: 1001 }, admin: { host: '127.0.0.1', port: 1002 }, workers: 2, plugins: [],
  limits: { body: 1000, depth: 10 }, drain: '1s', threads: 2,
}
const changes: { name: string; written: object; kept: string[]; taken?: (config: Config) => void }[] = [
  { name: 'nothing', written: {}, kept: [] },
  { name: 'the addresses', written: { listen: { host: '127.0.0.1', port: 1003 }, admin: false }, kept: ['listen', 'admin'] },
  { name: 'threads', written: { threads: 3 }, kept: ['threads'] },
  {
    name: 'the log', written: { log: { access: false, level: 'warn' } }, kept: ['log.access'],
    taken: ({ log }) => assert.deepEqual(log, { access: true, level: 'warn' }),
  },
  { name: 'workers and plugins', written: { workers: 'auto', plugins: ['health'] }, kept: ['workers', 'plugins'] },
  {
    name: 'limits', written: { limits: { body: 2000, depth: 20 } }, kept: ['limits.body'],
    taken: ({ limits }) => assert.deepEqual([limits.body, limits.depth], [1000, 20]),
  },
  { name: 'what may change', written: { drain: '5s' }, kept: [], taken: ({ drain }) => assert.equal(drain, 5000) },
]
for (const { name, written, kept, taken } of changes) {
  test(`a change of ${name} ${kept.length === 0 ? 'needs no restart' : 'waits for a restart, the rest does not'}`, async () => {
    const before = (await load(running)).config
    const merged = keepFixed(before, (await load({ ...running, ...written })).config)
    assert.deepEqual(merged.kept, kept)
    for (const fixed of ['listen', 'admin', 'workers', 'threads', 'plugins', 'apis', 'auth'] as const) {
      assert.deepEqual(merged.config[fixed], before[fixed])
    }
    taken?.(merged.config)
  })
}

test('a house that listens beyond the machine stays closed, wherever the new file wants it to listen', async () => {
  const open = { listen: { host: '0.0.0.0', port: 1001 }, ...CONSUMER }
  const { reloader, done } = await rig(open, { load: () => load({ listen: { host: '127.0.0.1', port: 1001 } }) })
  await assert.rejects(reloader.reload(), /expected a loopback host.*as long as there are no consumers/)
  assert.deepEqual(done, [])
})

test('warnings of the new config are logged', async () => {
  const { reloader, lines } = await rig({}, { check: async () => described(['the route all is never reached']) })
  await reloader.reload()
  assert.ok(lines.some(({ level, msg }) => level === 'warn' && msg === 'the route all is never reached'))
})
