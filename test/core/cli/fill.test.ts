import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { loadConfig } from '../../../config/loader.ts'
import { runCli } from '../../../core/cli.ts'
import { compileGateway } from '../../../core/gateway.ts'
import { openLogger } from '../../../core/logger.ts'
import { openServer } from '../../../core/server.ts'
import { completion, openUpstream } from '../../journey/rig.ts'

const configFor = (url: string): string => JSON.stringify({
  listen: { port: 0 }, admin: false, plugins: [], log: { access: false }, state: 'state',
  providers: { up: { use: 'openai-compatible', url } },
  chains: { documents: ['retrieve'], plain: ['meter'] },
  routes: [{ name: 'all', match: { model: '*' }, chain: 'documents', targets: [{ provider: 'up' }] }],
})

function folderOf(t: TestContext, url = 'http://127.0.0.1:1'): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-fill-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'gateway.json'), configFor(url))
  mkdirSync(join(folder, 'docs', '.hidden'), { recursive: true })
  return folder
}

async function index(folder: string, ...more: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', '']
  const print = { out: (text: string) => { out += `${text}\n` }, err: (text: string) => { err += `${text}\n` } }
  const code = await runCli(['index', join(folder, 'docs'), '--config', join(folder, 'gateway.json'), ...more], print)
  return { code, out, err }
}

test('documents are read, found by a gateway, and read again for what has changed', async t => {
  const upstream = await openUpstream(t, reply => reply.setHeader('content-type', 'application/json').end(JSON.stringify(completion('Nine [1].'))))
  const folder = folderOf(t, upstream.url)
  writeFileSync(join(folder, 'docs', 'refunds.md'), '# Refunds\n\nA refund takes nine days from the day on which we get the parcel.\n')
  writeFileSync(join(folder, 'docs', 'hours.txt'), 'The shop is open from Tuesday to Saturday.')
  writeFileSync(join(folder, 'docs', '.hidden', 'secret.md'), 'Nobody reads this.')
  writeFileSync(join(folder, 'docs', 'picture.png'), 'no text')
  assert.deepEqual(await index(folder), {
    code: 0, out: '2 files, 2 passages: 2 new, 0 removed\n', err: 'hours.txt: 1 passages, 1 new\nrefunds.md: 1 passages, 1 new\n',
  })
  rmSync(join(folder, 'docs', 'hours.txt'))
  assert.equal((await index(folder, '--chain', 'documents')).out, '1 files, 1 passages: 0 new, 1 removed\n')

  const { config, problem } = await loadConfig(join(folder, 'gateway.json'))
  const server = await openServer(await compileGateway(config, 1, problem), openLogger('silent', {}, { write() {} }))
  const port = await server.listen({ host: '127.0.0.1', port: 0, reusePort: false })
  t.after(() => server.drain(100))
  const question = { role: 'user', content: 'How many days does my refund take?' }
  const reply = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'm', messages: [question] }),
  })
  assert.equal(reply.status, 200, await reply.text())
  const { messages } = JSON.parse(String(upstream.requests[0]!.body)) as { messages: { role: string; content: string }[] }
  assert.equal(messages.length, 2)
  assert.match(messages[0]!.content, /\n\n\[1\] refunds\.md\nRefunds\nA refund takes nine days /)
  assert.deepEqual(messages[1], question)

  // What is written first has this name.
  mkdirSync(join(folder, 'state', `passages.index.${process.pid}`))
  rmSync(join(folder, 'docs', 'refunds.md'))
  const { code, err } = await index(folder)
  assert.deepEqual([code, err.includes('EISDIR')], [1, true], 'nothing was kept')
})

test('a chain without such a step, and a folder that is not there, are refused', async t => {
  const folder = folderOf(t)
  assert.match((await index(folder, '--chain', 'plain')).err, /expected a chain with a step that takes documents/)
  rmSync(join(folder, 'docs'), { recursive: true })
  const { code, err } = await index(folder)
  assert.equal(code, 1)
  assert.match(err, /ENOENT/)
})
