// The bare proxy in front of the fake upstream: whole answers and streams come through unchanged.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ANSWER, FRAMES } from '../../bench/answer.ts'
import { freePort } from '../../bench/machine.ts'
import { bare, streamUpstream } from '../../bench/peer.ts'
import { QUESTION } from '../../bench/scenario.ts'
import { start } from '../../bench/server.ts'

test('the bare proxy changes nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bare-'))
  const around = { core: undefined, folder, signal: new AbortController().signal }
  const [below, above] = [await freePort(), await freePort()]
  await using upstream = await start({ ...around, name: 'upstream', command: streamUpstream(below), port: below }, QUESTION)
  await using proxy = await start({ ...around, name: 'bare', command: bare.command(upstream.origin, above, folder), port: above }, QUESTION)
  const ask = async (body: string) => (await fetch(proxy.origin + QUESTION.path, { method: 'POST', body })).text()

  assert.equal(await ask('{}'), ANSWER)
  assert.equal(await ask('{"stream":true}'), FRAMES.join(''))
  await rm(folder, { recursive: true })
})

test('a server that does not start is reported with its last words', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bare-'))
  const command = [process.execPath, '-e', 'console.error("no bread today"); process.exit(1)']
  const program = { name: 'baker', command, port: await freePort(), core: undefined, folder, signal: new AbortController().signal }
  await assert.rejects(start(program, QUESTION), /baker does not serve.*no bread today/s)
  await rm(folder, { recursive: true })
})
