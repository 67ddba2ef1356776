import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { runCli } from '../../../../core/cli.ts'

const ROOT = join(import.meta.dirname, '../../../..')

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const printed = { out: '', err: '' }
  const code = await runCli(['processor', 'new', ...args], {
    out(text) { printed.out += `${text}\n` },
    err(text) { printed.err += `${text}\n` },
  })
  return { code, ...printed }
}

/** A folder below the house, where its sdk can be imported as by those who have it installed. */
async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(ROOT, '.new-processor-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

test('what is written works as it is, and its test passes', async t => {
  const folder = join(await folderOf(t), 'of', 'mine')
  const { code, out, err } = await run('no-secrets', '--dir', folder)
  assert.deepEqual([code, err], [0, ''])
  assert.deepEqual((await readdir(folder)).toSorted(), ['no-secrets.test.ts', 'no-secrets.ts'])
  const place = relative('', folder)
  assert.deepEqual(out.split('\n'), [
    `Wrote ${place}/no-secrets.ts and ${place}/no-secrets.test.ts. Make it yours, then:`,
    '',
    `  cd ${place}`,
    '  npx node --test no-secrets.test.ts',
    `  npx gatehouse processor test ./no-secrets.ts --options '{"words":["Blue Heron"]}'`,
    '  npx gatehouse check gateway.yaml',
    '',
    'for a config with it as a step of a chain:',
    '',
    '  - { use: ./no-secrets.ts, options: { words: [Blue Heron] } }',
    '',
  ])

  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', 'no-secrets.test.ts'], { cwd: folder, env })
  assert.match(stdout, /\bpass 2\n/)
  for (const file of await readdir(folder)) assert.doesNotMatch(await readFile(join(folder, file), 'utf8'), /new-processor/)
})

for (const taken of [['mine.ts'], ['mine.test.ts'], ['mine.ts', 'mine.test.ts']]) {
  test(`${taken.join(' and ')} on the spot: nothing is written, exit code 2`, async t => {
    const folder = await folderOf(t)
    for (const file of taken) await writeFile(join(folder, file), 'mine')
    const { code, out, err } = await run('mine', '--dir', folder)
    assert.deepEqual([code, out], [2, ''])
    assert.ok(err.startsWith(`gatehouse: ${taken.join(' and ')} would be overwritten`), err)
    assert.deepEqual((await readdir(folder)).toSorted(), taken.toSorted())
    for (const file of taken) assert.equal(await readFile(join(folder, file), 'utf8'), 'mine')
  })
}

const refused = ['Mine', '1st', 'my_own', 'a b', '', '../mine', 'mine.ts', 'é', 'a'.repeat(65)]
for (const name of refused) {
  test(`${JSON.stringify(name)} is no name: a sentence on stderr, exit code 2`, async t => {
    const folder = await folderOf(t)
    const { code, out, err } = await run(name, '--dir', folder)
    assert.deepEqual([code, out], [2, ''])
    assert.equal(err, 'gatehouse: expected NAME to be 1 to 64 lower-case letters, digits and dashes, a letter first; '
      + `got ${JSON.stringify(name)}\n`)
    assert.deepEqual(await readdir(folder), [])
  })
}

test('a folder that is a file: a sentence on stderr, exit code 2', async t => {
  const file = join(await folderOf(t), 'file')
  await writeFile(file, '')
  const { code, err } = await run('mine', '--dir', file)
  assert.equal(code, 2)
  assert.match(err, /^gatehouse: .*(?:EEXIST|ENOTDIR)/)
})
