import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { lostOf, usageOf } from '../../plugins/ledger/contract.ts'
import { configWith, run } from './ledger-config.ts'

const line = (n: number): string =>
  JSON.stringify({ id: `gh-${n}.0`, model: 'gpt-5', usage: { prompt_tokens: 1000 * n, completion_tokens: 1 } })

test('settles by a file, once, and tells what became of every line', async t => {
  const { file } = await configWith(t, [lostOf(1), lostOf(2), lostOf(3), usageOf(4)])
  const records = join(dirname(file), 'records.jsonl')
  const text = [line(1), 'hunter2', line(2), line(4), line(5), ''].join('\n')
  await writeFile(records, text)
  const ask = (): ReturnType<typeof run> => run('settle', records, '-c', file, '--dialect', 'openai-chat')
  const told = (...lines: string[]): object =>
    ({ code: 1, err: 'line 2: expected JSON\n', out: [...lines, '1 not in the ledger: gh-5.0\n'].join('\n') })
  assert.deepEqual(await ask(), told('2 settled: 3002 tokens, 0.003770000 dollars', '1 passed over, which were not lost'))
  assert.deepEqual(await ask(), told('0 settled: 0 tokens, 0.000000000 dollars', '3 passed over, which were not lost'))
  const { out: usage } = await run('usage', '-c', file, '--since', '2026-11-21', '--until', '2026-11-22', '--by', 'ending', '--format', 'csv')
  assert.deepEqual(usage.trim().split('\r\n').slice(1).map(row => row.split(',').slice(0, 6).join(' ')), [
    'complete 1 1 0 0 100', 'lost 1 1 1 0 0', 'settled 2 2 0 0 3000',
  ])
  const { out: audit } = await run('audit', '-c', file, '--format', 'json')
  const [entry, ...more] = JSON.parse(audit) as Record<string, unknown>[]
  assert.deepEqual([entry!['actor'], entry!['action'], entry!['subject'], entry!['detail'], more], [
    `cli:${userInfo().username}`, 'settle', hash('sha256', text), '{"attempts":2,"tokens":3002}', [],
  ])
})

const misused: { args: string[]; says: RegExp }[] = [
  { args: [], says: /^gatehouse: expected FILE, got nothing/ },
  { args: ['gone.jsonl'], says: /^gatehouse: expected a file of records; \S+gone\.jsonl cannot be read \(ENOENT\)\n$/ },
  { args: [import.meta.dirname], says: /^gatehouse: expected a file of records; \S+ is no regular file\n$/ },
  { args: [import.meta.filename, '--dialect', 'openai-chatt'], says: /: expected --dialect to be .*; did you mean "openai-chat"\?\n$/ },
  { args: [import.meta.filename, '--config', 'gone.yaml'], says: /gone\.yaml expected a config file/ },
]
for (const { args, says } of misused) {
  const words = args.map(arg => arg.replace(import.meta.dirname, 'HERE')).join(' ')
  test(`gatehouse settle ${words}: a sentence on stderr, exit code 2`, async () => {
    const { code, out, err } = await run('settle', ...args)
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, says)
  })
}
