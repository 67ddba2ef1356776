import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCli } from '../../../../core/cli.ts'
import { detector, processorFile } from '../../conformance/author.ts'

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const printed = { out: '', err: '' }
  const code = await runCli(['processor', 'test', ...args], {
    out(text) { printed.out += `${text}\n` },
    err(text) { printed.err += `${text}\n` },
  })
  return { code, ...printed }
}

const GOOD = detector({ inspect: 'return find(/secret/g)' })

test('a good processor: the table on stdout, exit code 0', async t => {
  const { code, out, err } = await run(await processorFile(t, `${GOOD}\nexport const samples = ['my secret']`), '--quick')
  assert.deepEqual([code, err], [0, ''])
  assert.match(out, /^written \(detector\): passed\n {2}results +\d+ cases {2}ok\n/)
  assert.match(out, /\n {2}samples +1 cases {2}ok\n/)
})

test('a processor that misses its own sample: what failed on stdout, exit code 1', async t => {
  const { code, out, err } = await run(await processorFile(t, `${GOOD}\nexport const samples = ['my own']`), '--quick')
  assert.deepEqual([code, err], [1, ''])
  assert.match(out, /^written \(detector\): FAILED\n/)
  assert.match(out, /\n {2}samples +1 cases {2}FAILED\n {6}"my own" was not found/)
})

const refused: { name: string; args: string[]; says: RegExp }[] = [
  { name: 'nothing', args: [], says: /expected FILE, got nothing\nSee gatehouse processor test --help/ },
  { name: 'a name that is none', args: ['pie'], says: /expected a processor \(.*\), as "pii"/ },
  { name: 'a file that is none', args: ['./nowhere.ts'], says: /nowhere\.ts/ },
  { name: 'options that are no JSON', args: ['pii', '--options', '{'], says: /expected --options to be a JSON object: / },
  { name: 'options that are no object', args: ['pii', '--options', '[]'], says: /expected --options to be a JSON object\n/ },
  { name: 'unknown options', args: ['pii', '--options', '{"entity":1}'], says: /: \/options\/entity expected one of entities, / },
]
for (const { name, args, says } of refused) {
  test(`${name}: a sentence on stderr, exit code 2`, async () => {
    const { code, out, err } = await run(...args)
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, says)
  })
}

test('samples that are no texts: a sentence on stderr, exit code 2', async t => {
  const { code, err } = await run(await processorFile(t, `${GOOD}\nexport const samples = [1]`))
  assert.equal(code, 2)
  assert.match(err, /expected `samples` of the file to be a list of texts/)
})
