// What a running house tells its operators about where processors run.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { check } from '../../core/cli/check.ts'
import { HouseProcess } from './house-process.ts'

const BURN = `import { defineProcessor } from 'gatehouse/sdk'
export default defineProcessor({ name: 'burn', kind: 'detector', rights: [], on: ['request'], setup: () => ({ inspect: () => {
  for (const end = performance.now() + 4; performance.now() < end;);
  return []
} }) })`
const BOMB = `import { defineProcessor } from 'gatehouse/sdk'
export default defineProcessor({ name: 'bomb', kind: 'detector', rights: [], on: ['request'], setup: () => ({ inspect: () => {
  const all = []
  for (;;) all.push(new Array(1e5).fill('x'))
} }) })`

test('a slow step on the loop, and one that brings sandbox hosts down', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-advice-'))
  t.after(() => rm(folder, { recursive: true }))
  const files = { burn: join(folder, 'burn.ts'), bomb: join(folder, 'bomb.ts') }
  await writeFile(files.burn, BURN)
  await writeFile(files.bomb, BOMB)
  const route = (name: string): object => ({ name, match: { model: name }, chain: name, targets: [{ provider: 'echo' }] })
  const house = await HouseProcess.start(t, {
    listen: { port: 0 }, admin: { port: 0 }, workers: 1, log: { access: false }, trusted: [files.burn], providers: { echo: { use: 'echo' } },
    chains: { burn: [files.burn], bomb: [{ use: files.bomb, limits: { memory: '16mb' } }] },
    routes: [route('burn'), route('bomb')],
  })
  const ask = async (model: string): Promise<number> => (await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }] }),
  })).status
  const live = async (): Promise<string> => {
    const said: string[] = []
    const print = { out: (text: string) => void said.push(text), err: assert.fail }
    assert.equal(await check.run({ options: { live: true, admin: house.admin }, operands: [house.file] }, print), 0)
    return said.join('\n')
  }

  assert.equal(await live(), 'no inline step has been called yet')
  for (let n = 0; n < 100; n++) assert.equal(await ask('burn'), 200)
  assert.match(await live(), /^chain burn, step burn: p99 [\d.]+ ms in 100 calls; while it runs every other request waits; run it elsewhere: `run: pool`, or `run: sandbox`$/)
  assert.equal(await house.metric('gatehouse_step_loop_advised{chain="burn",step="burn"}'), 1)
  assert.ok(await house.metric('gatehouse_step_loop_p99_seconds{chain="burn",step="burn"}') >= 0.004)

  // A host that is only starting answers in its own time: such a call is late, and no strike.
  for (let n = 0; n < 20 && await house.metric('gatehouse_sandbox_quarantined') !== 1; n++) assert.ok(await ask('bomb') >= 500)
  const { status, body } = await house.ask('/readyz')
  assert.equal(status, 200)
  const { ready, notes } = JSON.parse(body) as { ready: boolean; notes: string[] }
  assert.equal(ready, true)
  assert.match(notes.join(), /^bomb@[0-9a-f]{12} is in quarantine: it brought sandbox hosts down$/)
  assert.equal(await house.metric('gatehouse_sandbox_quarantined'), 1)
  assert.equal(await house.metric('gatehouse_sandbox_quarantines_total{processor="bomb"}'), 1)
  assert.equal(await house.metric('gatehouse_sandbox_strikes_total{processor="bomb",reason="out of memory"}'), 3)
  assert.equal(await house.metric('gatehouse_sandbox_hosts_retired_total{reason="out of memory"}'), 3)
  assert.equal(await ask('burn'), 200)
})
