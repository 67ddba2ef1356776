import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseConfig } from '../../config/loader.ts'
import { complaint, completed, HASH } from './complaint.ts'

const CONSUMERS = `consumers: [{ name: a, keys: [{ sha256: ${HASH} }] }]`

async function warnings(lines: string): Promise<readonly string[]> {
  return (await parseConfig(completed(lines), { file: 'g.yaml', env: {} })).warnings
}

describe('what does not go together', () => {
  const route = (fields: string): string => `routes:\n- name: a\n  targets: [{ provider: echo }]\n  ${fields}`
  const target = (fields: string): string => `routes:\n- name: a\n  targets: [${fields}]`
  const port = 'expected a port of its own; got'
  const taken = 'that is the port of `listen` already'
  const cases: [string, string, ...string[]][] = [
    ['a chain that is not declared', route('chain: gaurded'),
      '4:3 /routes/0/chain expected one of guarded, open; got "gaurded"; did you mean "guarded"?'],
    ['a chain where none is declared', `chains: {}\n${route('chain: guarded')}`,
      '5:3 /routes/0/chain expected a chain that is declared under `chains`; got "guarded"'],
    ['a chain by a name that every object has', route('chain: constructor'),
      '4:3 /routes/0/chain expected one of guarded, open; got "constructor"'],
    ['a provider by a name that every object has', target('{ provider: toString }'),
      '3:15 /routes/0/targets/0/provider expected echo; got "toString"'],
    ['targets that are not declared', target('{ provider: echo }, { provider: ehco }, { provider: x }'),
      '3:35 /routes/0/targets/1/provider expected echo; got "ehco"; did you mean "echo"?',
      '3:55 /routes/0/targets/2/provider expected echo; got "x"'],
    ['a fallback that is not declared', route('fallback: [{ provider: x }]'),
      '4:16 /routes/0/fallback/0/provider expected echo; got "x"'],
    ['a mirror that is not declared', route('mirror: { provider: x }'), '4:13 /routes/0/mirror/provider expected echo; got "x"'],
    ['a size that no body has', route('match: { size: { above: 1kb, below: 1025 } }'),
      '4:32 /routes/0/match/size/below expected a size beyond that of `above`, with one in between; got 1025 bytes'],
    ['only weights of 0', target('{ provider: echo, weight: 0 }, { provider: echo, weight: 0.0 }'),
      '3:3 /routes/0/targets expected a target with a weight above 0; got only weights of 0'],
    ['a hedge that has nobody to ask', route('hedge: 2s'),
      '4:3 /routes/0/hedge expected a second target or a fallback, which could be asked as well; got one target only'],
    ['two routes of a name', `${target('{ provider: echo }')}\n- name: a\n  targets: [{ provider: echo }]`,
      '4:3 /routes/1/name expected a name of its own; got "a" again'],
    ['a stand-in that is not declared', 'providers: { one: { use: echo, withoutKey: ehco }, echo: { use: echo } }',
      '1:32 /providers/one/withoutKey expected echo; got "ehco"; did you mean "echo"?'],
    ['a stand-in for itself', 'providers: { echo: { use: echo, withoutKey: echo } }',
      '1:33 /providers/echo/withoutKey expected a provider that has no `withoutKey` of its own; got "echo"'],
    ['stand-ins in a circle', 'providers: { echo: { use: echo }, a: { use: a, withoutKey: b }, b: { use: b, withoutKey: a } }',
      '1:48 /providers/a/withoutKey expected echo; got "b"', '1:78 /providers/b/withoutKey expected echo; got "a"'],
    ['two consumers of a name', `${CONSUMERS.slice(0, -1)}, { name: a, keys: [{ sha256: ${HASH.replace('c', 'd')} }] }]`,
      '1:114 /consumers/1/name expected a name of its own; got "a" again'],
    ['two consumers of a key', `${CONSUMERS.slice(0, -1)}, { name: b, keys: [{ sha256: ${HASH.toUpperCase()} }] }]`,
      '1:132 /consumers/1/keys/0/sha256 expected a key of its own; got (hidden); that is a key of a already'],
    ['a file that nobody trusts', 'trusted: [/mine.ts]\nchains: { guarded: [pii, /mine.ts, { use: /theirs.ts, run: inline }] }',
      '2:38 /chains/guarded/2/use expected a processor of the house, a file that is listed under `trusted`, or `run: sandbox`; '
      + 'got "/theirs.ts"; the file would run with all the rights of the gateway'],
    ['limits that nothing would keep to', 'chains: { guarded: [{ use: pii, limits: { memory: 32mb } }, { use: pii, run: pool, limits: { cpu: 5ms } }] }',
      '1:33 /chains/guarded/0/limits expected `run: sandbox` for a step that has limits ("pii"); got run: inline; '
      + 'on the loop and in a thread nothing would keep to them',
      '1:84 /chains/guarded/1/limits expected `run: sandbox` for a step that has limits ("pii"); got run: pool; '
      + 'on the loop and in a thread nothing would keep to them'],
    ['limits that are too small or too large', 'chains: { guarded: [{ use: /a.ts, limits: { memory: 7mb } }, { use: /a.ts, limits: { memory: 600mb, cpu: 11s } }] }',
      '1:45 /chains/guarded/0/limits/memory expected a size from 8mb to 512mb; got 7340032 bytes',
      '1:86 /chains/guarded/1/limits/memory expected a size from 8mb to 512mb; got 629145600 bytes',
      '1:101 /chains/guarded/1/limits/cpu expected a duration from 1ms to 10s; got 11000ms'],
    ['one port for two', 'admin: { port: 8080 }', `1:10 /admin/port ${port} 8080; ${taken}`],
    ['one port for two, of which one is not written', 'listen: { port: 9090 }', `1:1 /admin/port ${port} 9090; ${taken}`],
  ]
  for (const [name, lines, ...problems] of cases) {
    test(name, async () => assert.deepEqual(await complaint(lines), problems))
  }

  test('two free ports are not one', async () => {
    const { config } = await parseConfig(completed('listen: { port: 0 }\nadmin: { port: 0 }'), { file: 'g.yaml', env: {} })
    assert.deepEqual(config.admin, { host: '127.0.0.1', port: 0 })
  })
})

describe('who may come in from where', () => {
  const loopback = ['127.0.0.1', '127.8.9.1', '::1', 'localhost', 'LocalHost', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1']
  const beyond = [
    '0.0.0.0', '::', '10.0.0.1', '128.0.0.1', '127.1', '::ffff:10.0.0.1',
    'gateway.internal', 'localhost.evil.example', 'evil.localhost',
  ]
  for (const host of loopback) {
    test(`without consumers, ${host} will do, with a warning`, async () => {
      assert.deepEqual(await warnings(`listen: { host: "${host}" }`),
        [`no consumers are declared: whoever on this machine reaches ${host}:8080 may use every provider`])
    })
    test(`an admin port on ${host} will do`, async () => {
      assert.deepEqual(await warnings(`admin: { host: "${host}" }\n${CONSUMERS}`), [])
    })
  }
  for (const host of beyond) {
    test(`without consumers, ${host} will not do; with them, it will`, async () => {
      assert.deepEqual(await complaint(`listen: { host: "${host}" }`), [
        '1:11 /listen/host expected a loopback host (127.0.0.1, ::1 or localhost) as long as there are no consumers; '
        + `got "${host}"; whoever reached the port could spend your keys; declare \`consumers\`, or listen on 127.0.0.1`,
      ])
      assert.deepEqual(await warnings(`listen: { host: "${host}" }\n${CONSUMERS}`), [])
    })
    test(`an admin port on ${host} is worth a warning`, async () => {
      assert.deepEqual(await warnings(`admin: { host: "${host}" }\n${CONSUMERS}`),
        [`the admin port listens on ${host}, beyond this machine, and asks for no key: let only operators in`])
    })
  }

  test('an empty list of consumers is none', async () => {
    assert.match((await complaint('listen: { host: 0.0.0.0 }\nconsumers: []'))[0]!, /as long as there are no consumers/)
  })

  test('a route that waits for a stranger is worth a warning', async () => {
    const route = 'routes: [{ name: r, match: { consumer: [a, b, "c*"] }, targets: [{ provider: echo }] }]'
    assert.deepEqual(await warnings(`${CONSUMERS}\n${route}`), ['the route r waits for the consumer "b", who is not declared'])
  })
})
