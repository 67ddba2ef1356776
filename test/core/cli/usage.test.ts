import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { usageOf } from '../../plugins/ledger/contract.ts'
import { configWith, run } from './ledger-config.ts'

const SPAN = ['--since', '2026-11-21', '--until', '2026-11-22T00:00+00:00']
const ENTRIES = [
  usageOf(1), usageOf(2, { cost: 12_000_000_000 }), usageOf(3, { consumer: '=cmd|"x"!A1,\u001b[2J', tags: { team: 'blue' } }),
  usageOf(4, { tags: {}, cost: undefined, price: 'unpriced' }),
]

test('a table, CSV and JSON tell the same, to the last digit', async t => {
  const { file } = await configWith(t, ENTRIES)
  const ask = (...more: string[]) => run('usage', '--config', file, ...SPAN, ...more)
  assert.deepEqual(await ask('--by', 'tags.team'), { code: 0, err: '', out: [
    'tags.team  requests  attempts  lost  estimated  input  output  cacheRead  cacheWrite  reasoning  unpriced       costUsd',
    '                  1         1     0          0    100      20         30          10          5         1   0.000000000',
    'blue              1         1     0          0    100      20         30          10          5         0   0.001234567',
    'red               2         2     0          0    200      40         60          20         10         0  12.001234567',
    '',
  ].join('\n') })
  const { out: csv } = await ask('--by', 'consumer,day', '--format', 'csv')
  assert.equal(csv, 'consumer,day,requests,attempts,lost,estimated,input,output,cacheRead,cacheWrite,reasoning,unpriced,costUsd\r\n'
    + '"\'=cmd|""x""!A1,\ufffd[2J",2026-11-21,1,1,0,0,100,20,30,10,5,0,0.001234567\r\n'
    + 'research,2026-11-21,3,3,0,0,300,60,90,30,15,1,12.001234567\r\n')
  const { out: json } = await ask('--format', 'json', '--where', 'tags.team=blue', '--where', 'model=gpt-5')
  assert.deepEqual(JSON.parse(json), [{
    consumer: ENTRIES[2]!.consumer, requests: 1, attempts: 1, lost: 0, estimated: 0, input: 100, output: 20, cacheRead: 30, cacheWrite: 10,
    reasoning: 5, unpriced: 0, costUsd: '0.001234567',
  }])
  const { out: table } = await ask()
  assert.match(table, /^=cmd\|"x"!A1,\\u001b\[2J +1 /m)
})

test('the last week, where nobody says when', async t => {
  const { file } = await configWith(t, [usageOf(1, { at: Date.now() - 1000 }), usageOf(2, { at: Date.now() - 8 * 24 * 60 * 60 * 1000 })])
  const { out } = await run('usage', '-c', file, '--format', 'json')
  assert.deepEqual((JSON.parse(out) as { requests: number }[]).map(({ requests }) => requests), [1])
})

const misused: { args: string[]; says: RegExp }[] = [
  { args: ['--by', 'team'], says: /^gatehouse: expected columns to be consumer, .* or tags\.NAME\n$/ },
  { args: ['--by', 'consumer,'], says: /expected columns/ },
  { args: ['--since', 'yesterday'], says: /expected a time as 90m, 24h, 7d or 4w/ },
  { args: ['--until', '2026-13-01'], says: /expected a time/ },
  { args: ['--where', 'model'], says: /expected a condition as COLUMN=VALUE/ },
  { args: ['--where', 'model=a', '--where', 'model=b'], says: /expected one condition for a column/ },
  { args: ['--format', 'xml'], says: /expected --format to be table, csv or json/ },
  { args: ['--config', 'gone.yaml'], says: /gone\.yaml expected a config file/ },
]
for (const { args, says } of misused) {
  test(`gatehouse usage ${args.join(' ')}: a sentence on stderr, exit code 2`, async () => {
    const { code, out, err } = await run('usage', ...args)
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, says)
  })
}

test('a config without a ledger: a sentence, exit code 2', async t => {
  const { file } = await configWith(t, [])
  await writeFile(file, JSON.stringify({ providers: { echo: { use: 'echo' } }, routes: [{ name: 'all', match: {}, targets: [{ provider: 'echo' }] }] }))
  const { code, err } = await run('usage', '--config', file)
  assert.equal(code, 2)
  assert.match(err, /expected a config with a `ledger`; .*house\.json has none/)
})
