import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Config } from '../../config/config.ts'
import { LIMITS, STEP, TIMEOUTS } from '../../config/defaults.ts'
import { asWritten, normalise } from '../../config/normalise.ts'
import type { Written } from '../../config/schema.ts'

const least: Written = { providers: { echo: { use: 'echo' } }, routes: [{ name: 'all', targets: [{ provider: 'echo' }] }] }
const config = (more: Partial<Written>): Config => normalise({ ...least, ...more }, '/etc/gatehouse')

test('what is left out is filled in', () => {
  const { secret, limits, timeouts, ...rest } = config({})
  assert.ok(secret.length >= 32)
  assert.equal(config({}).secret, secret, 'made once per start')
  assert.deepEqual(limits, {
    body: 33_554_432, headers: 16_384, depth: 128, answer: 33_554_432, frame: 8_388_608, headTime: 10_000, bodyTime: 60_000,
    held: 4_194_304, verdicts: 10_000,
  })
  assert.deepEqual(timeouts, { connect: 5000, headers: 300_000, firstEvent: 120_000, idle: 60_000, total: 600_000, chain: 10_000, heartbeat: 10_000 })
  assert.deepEqual(rest, {
    listen: { host: '127.0.0.1', port: 8080 },
    admin: { host: '127.0.0.1', port: 9090 },
    workers: 'auto',
    threads: 'auto',
    log: { level: 'info', access: true },
    drain: 25_000,
    plugins: [{ use: 'health', options: {} }, { use: 'metrics', options: {} }, { use: 'admin', options: {} }],
    trusted: [],
    apis: ['openai', 'anthropic', 'gemini'],
    auth: 'key',
    providers: {
      echo: { use: 'echo', key: '', keys: [], connections: 256, concurrency: 4096, breaker: { failures: 10, pause: 5000 }, timeouts: {}, options: {} },
    },
    consumers: [],
    chains: {},
    models: {},
    prices: {},
    state: '/etc/gatehouse/.gatehouse',
    ledger: false,
    counter: { use: 'memory', options: {} },
    budgets: [],
    routes: [{
      name: 'all', match: {}, targets: [{ provider: 'echo', weight: 1 }], fallback: [], onUncovered: 'warn', onLoss: 'warn', timeouts: {},
      restore: ['text', 'refusal', 'transcript'], balance: 'weighted', retry: { attempts: 0, backoff: 250, on: ['error'] },
    }],
  })
})

test('what is written stays, in the units of the house', () => {
  const written = config({
    listen: { port: '0' }, admin: false, workers: '4', log: { access: false }, limits: { body: '1mb', headTime: '1s', depth: 9 },
    timeouts: { idle: '2m', connect: '250' }, drain: '1h', secret: 'sixteen letters!', apis: ['anthropic'], auth: 'jwt',
    plugins: ['health', { use: 'otel', options: { a: 1 } }, { use: 'admin' }],
    providers: {
      local: {
        use: 'openai-compatible', url: 'http://127.0.0.1:1/v1', key: 'k', keys: ['', 'l'], connections: 2, concurrency: 9, breaker: { pause: '1s' },
        queue: { wait: '3s' }, check: { path: '/up', every: '1m' },
        timeouts: { total: '1s' }, options: { a: 1 },
      },
    },
    consumers: [{ name: 'ada', keys: [{ sha256: 'AB'.repeat(32) }] }],
    routes: [{
      name: 'r', match: { model: 'a', path: ['/v1/*', '/x'], tags: { team: 'lab' }, header: { 'x-a': ['b', 'c'] }, size: { above: '1kb' } }, when: 'true', chain: 'c',
      mirror: { provider: 'local' }, onLoss: 'reject',
      targets: [{ provider: 'local', model: 'm', weight: 0.5 }], fallback: [{ provider: 'local', model: 'n' }],
      onUncovered: 'reject', timeouts: { total: 5 }, balance: 'sticky', retry: { attempts: 4, backoff: '1s', on: ['filter', 404] }, hedge: '2s',
    }],
  })
  assert.deepEqual(written.listen, { host: '127.0.0.1', port: 0 })
  assert.equal(written.admin, false)
  assert.equal(written.workers, 4)
  assert.deepEqual(written.log, { level: 'info', access: false })
  assert.deepEqual(written.limits, { ...LIMITS, body: 1_048_576, headTime: 1000, depth: 9 })
  assert.deepEqual(written.timeouts, { ...TIMEOUTS, idle: 120_000, connect: 250 })
  assert.equal(written.drain, 3_600_000)
  assert.equal(written.secret, 'sixteen letters!')
  assert.deepEqual([written.apis, written.auth], [['anthropic'], 'jwt'])
  assert.deepEqual(written.plugins,
    [{ use: 'health', options: {} }, { use: 'otel', options: { a: 1 } }, { use: 'admin', options: {} }])
  assert.deepEqual(written.providers, {
    local: {
      use: 'openai-compatible', url: 'http://127.0.0.1:1/v1', key: 'k', keys: ['k', 'l'], connections: 2, concurrency: 9, breaker: { failures: 10, pause: 1000 },
      queue: { size: 100, wait: 3000 }, check: { path: '/up', every: 60_000, timeout: 5000 },
      timeouts: { total: 1000 }, options: { a: 1 },
    },
  })
  assert.deepEqual(written.consumers, [{ name: 'ada', keys: [{ sha256: 'ab'.repeat(32) }], tags: {}, rights: [] }])
  assert.deepEqual(written.routes, [{
    name: 'r', match: { model: ['a'], path: ['/v1/*', '/x'], tags: { team: ['lab'] }, header: { 'x-a': ['b', 'c'] }, size: { above: 1024 } }, when: 'true', chain: 'c',
    mirror: { provider: 'local', share: 1 }, onLoss: 'reject',
    targets: [{ provider: 'local', model: 'm', weight: 0.5 }], fallback: [{ provider: 'local', model: 'n', weight: 1 }],
    balance: 'sticky', retry: { attempts: 4, backoff: 1000, on: ['filter', 404] }, hedge: 2000, onUncovered: 'reject', timeouts: { total: 5 }, restore: ['text', 'refusal', 'transcript'],
  }])
})

test('a ledger: how much may wait for it, and how long usage is kept', () => {
  const ledger = (written: object): unknown => config({ state: 'books', ledger: { use: 'sqlite', ...written } }).ledger
  assert.equal(config({ state: 'books' }).state, '/etc/gatehouse/books')
  assert.deepEqual(ledger({}), { use: 'sqlite', spool: 1_047_527_424, keep: 400 * 86_400_000, options: {} })
  assert.deepEqual(ledger({ spool: '64mb', keep: '90d', options: { a: 1 } }), { use: 'sqlite', spool: 67_108_864, keep: 90 * 86_400_000, options: { a: 1 } })
  assert.deepEqual(ledger({ keep: 'ever' }), { use: 'sqlite', spool: 1_047_527_424, keep: 0, options: {} })
})

test('an empty secret is one made at the start', () => {
  assert.equal(config({ secret: '' }).secret, config({}).secret)
})

describe('chains', () => {
  test('one list is walked down and up, over the same steps', () => {
    const list = ['pii', { use: 'meter', timeout: '1s', blockResponse: { status: 403 } }]
    const { request, response } = config({ chains: { c: list } }).chains['c']!
    assert.deepEqual(request, [
      { ...STEP, use: 'pii', timeout: 5000 },
      { ...STEP, use: 'meter', timeout: 1000, blockResponse: { ...STEP.blockResponse, status: 403 } },
    ])
    assert.equal(response[0], request[1])
    assert.equal(response[1], request[0])
  })

  test('the breaker of a step, as far as it is written', () => {
    const breakers = [undefined, {}, { failures: 2 }, { pause: '1s' }].map(breaker =>
      config({ chains: { c: [{ use: 'pii', ...(breaker !== undefined && { breaker }) }] } }).chains['c']!.request[0]!.breaker)
    assert.deepEqual(breakers, [undefined, { failures: 5, pause: 5000 }, { failures: 2, pause: 5000 }, { failures: 5, pause: 1000 }])
  })

  test('two lists are each in their own order', () => {
    const { request, response } = config({ chains: { c: { response: ['a', 'b'] } } }).chains['c']!
    assert.deepEqual([request.length, ...response.map(({ use }) => use)], [0, 'a', 'b'])
  })

  test('paths of processor files begin at the config; names stay names', () => {
    const uses = ['./a.ts', '../b.ts', '/c.ts', 'pii', 'a/b', '.hidden']
    const { chains, trusted } = config({ chains: { c: uses }, trusted: ['./a.ts', 'a.ts', '/c.ts'] })
    assert.deepEqual(chains['c']!.request.map(({ use }) => use),
      ['/etc/gatehouse/a.ts', '/etc/b.ts', '/c.ts', 'pii', 'a/b', '.hidden'])
    assert.deepEqual(trusted, ['/etc/gatehouse/a.ts', '/etc/gatehouse/a.ts', '/c.ts'])
  })
})

test('pointers into the config lead back to what was written', () => {
  const written = { chains: { one: ['a', 'b', 'c'], two: { request: ['a'], response: ['b'] }, 'request': ['a'], grouped: ['a', { together: ['b', 'c'] }, 'd'], ways: { request: [{ together: ['a', 'b'] }, 'c'] } } }
  const cases: [string, string][] = [
    ['/chains/one/request/0', '/chains/one/0'],
    ['/chains/one/request/2/options/x~1y', '/chains/one/2/options/x~1y'],
    ['/chains/one/response/0/use', '/chains/one/2/use'],
    ['/chains/one/response/2', '/chains/one/0'],
    ['/chains/request/response/0', '/chains/request/0'],
    ['/chains/one/1', '/chains/one/1'],
    ['/chains/one/request', '/chains/one/request'],
    ['/chains/two/response/0', '/chains/two/response/0'],
    ['/chains/grouped/request/2/mode', '/chains/grouped/1/together/1/mode'],
    ['/chains/grouped/response/0', '/chains/grouped/2'],
    ['/chains/grouped/response/1', '/chains/grouped/1/together/1'],
    ['/chains/ways/request/1', '/chains/ways/request/0/together/1'],
    ['/chains/ways/request/2', '/chains/ways/request/1'],
    ['/chains/none/request/0', '/chains/none/request/0'],
    ['/routes/0/targets', '/routes/0/targets'],
    ['', ''],
  ]
  for (const [pointer, back] of cases) assert.equal(asWritten(pointer, written), back)
  assert.equal(asWritten('/chains/one/request/0', {}), '/chains/one/request/0')
})

test('limits of a step are bytes and milliseconds; without any there are none', () => {
  const { request } = config({ chains: { c: ['pii', { use: 'pii', run: 'sandbox', limits: { memory: '32mb', cpu: '20ms' } }] } }).chains['c']!
  assert.deepEqual(request.map(({ limits }) => limits), [{}, { memory: 33_554_432, cpu: 20 }])
})
