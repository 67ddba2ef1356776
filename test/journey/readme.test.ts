import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { openRig, textOf } from './rig.ts'

const root = join(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const quickstart = parse(readFileSync(join(root, 'config/examples/quickstart.yaml'), 'utf8')) as Record<string, unknown>
const blocks = (language: string): string[] => [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(match => match[1]!)
const SAID = 'You said: Write to jane.roe@example.com'

test('the README\'s two requests work as printed on the quickstart', async t => {
  const rig = await openRig(t, { ...quickstart, listen: { port: 0 }, admin: false, plugins: [] })
  const curls = blocks('').filter(block => block.startsWith('curl'))
  assert.equal(curls.length, 2)
  for (const curl of curls) {
    const [, url, body] = /(http:\S+) [^]*-d '(.*)'/.exec(curl)!
    const reply = await rig.post(body!, { path: new URL(url!).pathname, headers: { 'content-type': 'application/json' } })
    assert.equal(reply.status, 200)
    const text = await reply.text()
    if (curl.includes('"stream":true')) assert.equal(textOf(text), SAID)
    else assert.equal((JSON.parse(text) as { choices: { message: { content: string } }[] }).choices[0]!.message.content, SAID)
  }
  assert.deepEqual(rig.records.map(({ provider, model }) => [provider, model]), [['openai', 'gpt-4o-mini'], ['openai', 'gpt-4o-mini']])
})

test('the README\'s program with the official client works as printed, but for the port', async t => {
  const rig = await openRig(t, { ...quickstart, listen: { port: 0 }, admin: false, plugins: [] })
  const folder = await mkdtemp(join(root, 'node_modules', '.readme-'))
  t.after(() => rm(folder, { recursive: true }))
  const [program] = blocks('js')
  await writeFile(join(folder, 'program.mjs'), program!.replace('http://127.0.0.1:8080', rig.url))
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'program.mjs')])
  assert.equal(stdout, SAID)
})

test('the README\'s processor works as printed, wherever its file stands', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'no-project-names.ts')
  await writeFile(file, blocks('ts')[0]!)
  const { chains, ...declared } = parse(blocks('yaml').find(block => block.startsWith('# gateway.yaml'))!) as { chains: object }
  const rig = await openRig(t, {
    ...declared,
    trusted: [file],
    chains: JSON.parse(JSON.stringify(chains).replace('./no-project-names.ts', file)) as object,
    listen: { port: 0 },
  })
  const reply = await rig.post({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Tell me about Blue Heron.' }] })
  assert.equal(textOf(await reply.text()), 'You said: Tell me about [PROJECT].')
})
