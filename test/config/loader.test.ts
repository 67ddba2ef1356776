import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fc } from '../law.ts'
import { loadConfig, parseConfig } from '../../config/loader.ts'
import { ConfigError } from '../../config/problem.ts'
import { complaint, completed } from './complaint.ts'

describe('references that lead nowhere are named along with everything else', () => {
  const missing = 'expected the environment variable ABSENT; got nothing; set it, or give a default: ${env:ABSENT:-...}'
  const cases: [string, string, ...string[]][] = [
    ['before what does not fit', 'secret: "${env:ABSENT}"\nlisten: { port: "${env:ODD}" }\nworkers: many',
      `1:1 /secret ${missing}`,
      '2:11 /listen/port expected a port from 0 to 65535; got (hidden)',
      '3:1 /workers expected auto, or a number from 1 to 999; got "many"'],
    ['before what does not go together', 'secret: "${env:ABSENT}"\nlisten: { host: 0.0.0.0 }',
      `1:1 /secret ${missing}`,
      '2:11 /listen/host expected a loopback host (127.0.0.1, ::1 or localhost) as long as there are no consumers; '
      + 'got "0.0.0.0"; whoever reached the port could spend your keys; declare `consumers`, or listen on 127.0.0.1'],
    ['instead of what follows from it: an empty name', 'routes: [{ name: a, targets: [{ provider: "${env:ABSENT}" }] }]',
      `1:33 /routes/0/targets/0/provider ${missing}`],
    ['instead of what follows from it: no chain', 'routes: [{ name: a, chain: "${env:ABSENT}", targets: [{ provider: echo }] }]',
      `1:21 /routes/0/chain ${missing}`],
  ]
  for (const [name, lines, ...problems] of cases) {
    test(name, async () => assert.deepEqual(await complaint(lines, { ODD: 'odd' }), problems))
  }

  test('one that leads to a wrong name is not printed', async () => {
    assert.deepEqual(await complaint('routes: [{ name: a, targets: [{ provider: "${env:ODD}" }] }]', { ODD: 'odd' }),
      ['1:33 /routes/0/targets/0/provider expected echo; got (hidden)'])
  })
})

test('broken syntax is a problem like any other', async () => {
  assert.deepEqual(await complaint('a: "\\x"'), [
    '1:5 expected valid YAML or JSON; got broken syntax; '
    + 'between double quotes a backslash begins an escape; between single quotes it is itself',
  ])
})

describe('files', () => {
  let folder = ''
  const at = (name: string): string => join(folder, name)
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-loader-'))
    await mkdir(at('folder'))
    await writeFile(at('key'), 'sk-from-a-file\n')
    await writeFile(at('good.yaml'), completed([
      'providers: { echo: { use: echo, key: "${file:key}" } }', 'listen: { port: "${env:PORT}" }',
      'trusted: [mine.ts]', 'chains: { guarded: [./mine.ts] }',
    ].join('\n')))
    const routes = [{ name: 'a', targets: [{ provider: 'echo' }] }]
    await writeFile(at('good.json'), JSON.stringify({ providers: { echo: { use: 'echo' } }, routes }))
    await writeFile(at('binary.yaml'), Buffer.from([0xFF, 0xFE, 0x00]))
    await writeFile(at('large.yaml'), '#'.repeat(2 * 1024 * 1024))
  })
  after(() => rm(folder, { recursive: true }))

  test('references and paths begin at the folder of the config', async () => {
    const { config } = await loadConfig(at('good.yaml'), { PORT: '8123' })
    assert.equal(config.providers['echo']!.key, 'sk-from-a-file')
    assert.equal(config.listen.port, 8123)
    assert.deepEqual(config.trusted, [at('mine.ts')])
    assert.equal(config.chains['guarded']!.request[0]!.use, at('mine.ts'))
  })

  test('without an environment of its own, a config reads that of the process', async () => {
    process.env['PORT'] = '8124'
    try {
      assert.equal((await loadConfig(at('good.yaml'))).config.listen.port, 8124)
    } finally {
      delete process.env['PORT']
    }
  })

  test('JSON will do, and gives plain data, fit to be sent to a worker', async () => {
    const { config } = await loadConfig(at('good.json'), {})
    assert.equal(config.routes[0]!.name, 'a')
    assert.deepEqual(JSON.parse(JSON.stringify(config)), config)
  })

  const unreadable: [string, string][] = [
    ['absent.yaml', 'no such file'],
    ['folder', 'a folder'],
    ['binary.yaml', 'bytes that are not UTF-8 text'],
    ['large.yaml', 'more than 1048576 bytes'],
  ]
  for (const [name, got] of unreadable) {
    test(`${name}: ${got}`, async () => {
      const message = `${at(name)} expected a config file; got ${got}`
      await assert.rejects(loadConfig(at(name), {}), { name: 'ConfigError', message })
    })
  }

  test('a half-written file is refused as a config, or is a config', async () => {
    const whole = await readFile(join(import.meta.dirname, '../../config/examples/quickstart.yaml'), 'utf8')
    let refused = 0
    for (let length = 0; length < whole.length; length += 13) {
      await parseConfig(whole.slice(0, length), { file: 'g.yaml', env: {} }).catch((error: unknown) => {
        assert.ok(error instanceof ConfigError, String(error))
        refused++
      })
    }
    assert.ok(refused > 100)
  })
})

describe('problems that later stages find', () => {
  const load = parseConfig(completed([
    'chains:', '  guarded:', '  - pii', '  - use: meter', '    options: { a: 1, token: x }',
    'providers: { echo: { use: "${env:USE}", key: k } }',
  ].join('\n')), { file: 'g.yaml', env: { USE: 'ehco' } })

  test('have a place, by what was written', async () => {
    assert.deepEqual((await load).problem('/chains/guarded/0/use', 'one of pii, meter', '"pi"', 'did you mean "pii"?'), {
      file: 'g.yaml', path: '/chains/guarded/0/use', line: 3, column: 5,
      expected: 'one of pii, meter', got: '"pi"', message: 'did you mean "pii"?',
    })
  })

  test('have a place, by the normalised config', async () => {
    const { problem, locate } = await load
    const { path, line, column, message } = problem('/chains/guarded/response/0/options/a', 'a string', '1')
    assert.deepEqual({ path, line, column, message }, { path: '/chains/guarded/1/options/a', line: 5, column: 16, message: '' })
    assert.deepEqual(locate('/chains/guarded/request/0'), { line: 3, column: 5 })
  })

  test('show no secret and nothing that came in through a reference', async () => {
    const { problem } = await load
    const hidden = [
      '/providers/echo/use', '/providers/echo/use/0', '/providers/echo/key',
      '/chains/guarded/1/options/token', '/chains/guarded/request/1/options/token',
    ]
    for (const pointer of hidden) assert.equal(problem(pointer, 'another', '"ehco"').got, '(hidden)', pointer)
    assert.equal(problem('/providers/echo', 'another', '"x"').got, '"x"')
    assert.equal(problem('/providers/echo/key', 'a key', 'nothing').got, 'nothing')
  })
})

test('a secret is never in the message, wherever it is misplaced', async () => {
  const places = [
    'providers: { echo: { use: echo, key: [SECRET] } }',
    'providers: { echo: { use: echo, key: { SECRET: 1 } } }',
    'providers: { echo: { use: echo, key: SECRET: SECRET } }',
    'providers: { echo: { use: echo, key: *SECRET } }',
    'providers: { echo: { use: echo, key: !SECRET x } }',
    'providers: { echo: { use: echo, key: "${SECRET}" } }',
    'providers: { echo: { use: echo, url: "https://SECRET@h" } }',
    'providers: { echo: SECRET }',
    'providers: SECRET',
    'secret: [SECRET]',
    'consumers: SECRET',
    'consumers: [SECRET]',
    'consumers: [{ name: a, keys: { SECRET: x } }]',
    'consumers: [{ name: a, keys: [{ sha256: SECRET }, { sha256: SECRET }, SECRET, [SECRET], { SECRET: }] }]',
    'listen: { host: "${env:HELD}/", port: "${env:HELD}" }',
    'workers: "${env:HELD}"',
    'routes: [{ name: "${env:HELD}!", chain: "${env:HELD}", targets: [{ provider: "${env:HELD}" }] }]',
    'chains: { guarded: [{ use: a, mode: "${env:HELD}", options: ["${env:HELD}"] }] }',
  ]
  for (const place of places) {
    const message = (await complaint(place.replaceAll('SECRET', 'sk-live-4f9a'), { HELD: 'sk-live-4f9a' })).join('\n')
    assert.ok(!message.includes('4f9a'), place)
  }
})

test('whatever is written, it is a config or refused as one', async () => {
  const key = fc.constantFrom(
    'listen', 'admin', 'workers', 'plugins', 'providers', 'consumers', 'chains', 'routes', 'limits', 'secret',
    'use', 'name', 'targets', 'x',
  )
  const { value } = fc.letrec(tie => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom('echo', '', 1, 0, null, true, false, '${env:A}', './a'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    ),
  }))
  await fc.assert(fc.asyncProperty(fc.dictionary(key, value), async config => {
    await parseConfig(JSON.stringify(config), { file: 'g.yaml', env: {} }).catch((error: unknown) => {
      assert.ok(error instanceof ConfigError && error.problems.length > 0 && error.message.startsWith('g.yaml:'), String(error))
    })
  }), { numRuns: 500 })
})
