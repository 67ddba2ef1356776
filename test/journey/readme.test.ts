import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { parse, stringify } from 'yaml'
import { loadConfig } from '../../config/loader.ts'
import { checkConfig } from '../../core/config-check.ts'
import { openRig, textOf } from './rig.ts'

const root = join(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const quickstart = parse(readFileSync(join(root, 'config/examples/quickstart.yaml'), 'utf8')) as Record<string, unknown>
const reference = readFileSync(join(root, 'config/README.md'), 'utf8')
const blocks = (language: string, page = readme): string[] => [...page.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(match => match[1]!)
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

const PROVIDERS = { openai: { use: 'openai', key: 'sk-1' }, local: { use: 'openai-compatible', url: 'http://127.0.0.1:11434/v1' } }
const ENV = { OPENAI_API_KEY: 'sk-1', SPARE_API_KEY: 'sk-2', GROQ_API_KEY: 'sk-3', REDIS_URL: 'redis://127.0.0.1:6379' }

test('the configs that the pages show would start as printed, once what they leave out is there', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-'))
  t.after(() => rm(folder, { recursive: true }))
  for (const name of ['no-project-names.ts', 'reviewed.ts']) await writeFile(join(folder, name), blocks('ts')[0]!)
  const file = join(folder, 'gateway.yaml')
  const shown = [...blocks('yaml'), ...blocks('yaml', reference)]
  assert.ok(shown.length > 15)
  for (const block of shown) {
    const written = parse(block) as { chains?: object }
    const [chain] = Object.keys(written.chains ?? {})
    const route = { name: 'all', match: { model: '*' }, targets: [{ provider: 'openai' }], ...chain !== undefined && { chain } }
    await writeFile(file, stringify({ providers: PROVIDERS, routes: [route], ...written }))
    const { config, problem } = await loadConfig(file, ENV)
    const routes = await checkConfig(config, 1, problem).catch(error => assert.fail(`${block}\n${String(error)}`))
    assert.deepEqual(routes.flatMap(({ warnings }) => warnings), [], block)
  }
})

test('the pages lead to places that are there', () => {
  for (const [folder, page] of [['.', readme], ['config', reference]] as const) {
    for (const [, path = '', place = ''] of page.matchAll(/\]\((?!https?:)([^)#]*)#?([^)]*)\)/g)) {
      const found = path === '' ? page : readTarget(join(root, folder, path))
      assert.ok(place === '' || headings(found).includes(place), `${folder}/README.md leads to ${path}#${place}`)
    }
  }
})

const readTarget = (path: string): string => (statSync(path).isDirectory() ? '' : readFileSync(path, 'utf8'))

/** Headings as GitHub makes anchors of them. */
const headings = (page: string): string[] =>
  [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-'))
