// What a house writes down: of every attempt, of what it blocked and gave back, of who changed it; and that nothing of it is
// lost or doubled when its processes die.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { allGone, HouseProcess } from './house-process.ts'
import { chunks, completion, openUpstream } from './rig.ts'

interface Row { readonly id: string; readonly ending: string; readonly status: number; readonly provider: string; readonly input: number | null; readonly output: number | null; readonly cost: number | null; readonly price: string | null; readonly raw: string; readonly tags: string }
interface Audit { readonly actor: string; readonly action: string; readonly detail: string }

/** The database of a state folder, once it has so many rows. */
async function rowsOf<T>(state: string, table: string, count: number): Promise<T[]> {
  const late = performance.now() + 15_000
  for (;;) {
    const database = new DatabaseSync(join(state, 'ledger.db'))
    // The file is there before its tables are.
    const [isThere] = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?").all(table)
    const rows = isThere === undefined ? [] : database.prepare(`SELECT * FROM ${table}`).all() as T[]
    database.close()
    if (rows.length >= count) return rows
    assert.ok(performance.now() < late, `only ${rows.length} of ${count} in ${table}: ${JSON.stringify(rows)}`)
    await wait(50)
  }
}

const USAGE = { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 }
const json = { 'content-type': 'application/json' }

function answer(reply: ServerResponse, body: Buffer): void {
  const { stream, model, messages } = JSON.parse(body.toString()) as { stream?: boolean; model: string; messages: { content: string }[] }
  if (model === 'failing') return void reply.writeHead(500, json).end('{"error":{"message":"no"}}')
  if (model === 'hanging') return void reply.writeHead(200, { 'content-type': 'text/event-stream' }).write(chunks(['Hel'])[0]!)
  if (stream !== true) return void reply.writeHead(200, json).end(JSON.stringify({ ...completion(messages.at(-1)!.content), usage: USAGE }))
  const frames = chunks(['Hel', 'lo'])
  const last = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: USAGE })}\n\n`
  reply.writeHead(200, { 'content-type': 'text/event-stream' }).end([...frames.slice(0, -1), last, frames.at(-1)].join(''))
}

async function openHouse(t: TestContext): Promise<{ house: HouseProcess; state: string; again(): Promise<HouseProcess>; ask(model: string, more?: object, signal?: AbortSignal): Promise<Response> }> {
  const state = mkdtempSync(join(tmpdir(), 'gatehouse-state-'))
  t.after(() => rmSync(state, { recursive: true, force: true }))
  const { url } = await openUpstream(t, answer)
  const target = (model: string): object => ({ provider: 'up', model })
  const config = {
    listen: { host: '127.0.0.1', port: 0 }, admin: { host: '127.0.0.1', port: 0 }, workers: 1, plugins: ['admin', 'metrics'],
    state, ledger: { use: 'sqlite' }, drain: '1s',
    providers: { up: { use: 'openai-compatible', url, key: 'k' } },
    chains: { guarded: [
      { use: 'pii', options: { entities: ['email'], action: 'tokenize' } },
      'meter',
    ] },
    prices: { m: { input: 2, output: 10 } },
    routes: [
      { name: 'plain', match: { model: 'm' }, chain: 'guarded', targets: [target('m')] },
      { name: 'second', match: { model: 'second' }, targets: [target('failing')], fallback: [target('m')] },
      { name: 'hangs', match: { model: 'hanging' }, targets: [target('hanging')] },
    ],
  }
  let house = await HouseProcess.start(t, config)
  return {
    house, state,
    again: async () => (house = await HouseProcess.start(t, config)),
    ask: (model, more = {}, signal) => fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST', body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }], ...more }), signal: signal ?? null,
    }),
  }
}

test('every attempt has an entry of its own, priced, with the usage as its provider told it', async t => {
  const { state, ask } = await openHouse(t)
  await (await ask('m')).text()
  await (await ask('m', { stream: true })).text()
  await (await ask('second')).text()
  const rows = (await rowsOf<Row>(state, 'usage', 4)).map(({ id, ending, status, provider, input, output, cost, price, raw }) =>
    ({ attempt: id.slice(id.lastIndexOf('.') + 1), ending, status, provider, input, output, cost, price, raw: raw === '' ? undefined : JSON.parse(raw) as unknown }))
  const full = { attempt: '0', ending: 'complete', status: 200, provider: 'up', input: 11, output: 3, raw: USAGE }
  assert.deepEqual(rows, [
    { ...full, cost: 52_000, price: 'exact' }, { ...full, cost: 52_000, price: 'exact' },
    { attempt: '0', ending: 'failed', status: 500, provider: 'up', input: null, output: null, cost: null, price: null, raw: undefined },
    { ...full, attempt: '1', cost: 52_000, price: 'exact' },
  ])
})

test('what the client had whole was on disk before: it outlives a process that is killed in the same moment', async t => {
  const { house, state, ask, again } = await openHouse(t)
  const texts = await Promise.all([ask('m'), ask('m', { stream: true })].map(async reply => (await reply).text()))
  for (const pid of await house.pids()) process.kill(pid, 'SIGKILL')
  assert.equal(texts.length, 2)
  await again()
  const rows = await rowsOf<Row>(state, 'usage', 2)
  assert.deepEqual(rows.map(({ ending, input }) => [ending, input]), [['complete', 11], ['complete', 11]])
})

test('an attempt that its process did not live to end is entered as lost, once, whoever dies after', async t => {
  const { house, state, ask, again } = await openHouse(t)
  const cut = ask('hanging', { stream: true }).then(reply => reply.text()).catch(() => 'cut')
  await rowsOf<Audit>(state, 'audit', 1)
  while (await house.metric('gatehouse_in_flight') === 0) await wait(20)
  const pids = await house.pids()
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  await allGone(pids)
  assert.equal(await cut, 'cut')
  await again()
  const [row] = await rowsOf<Row>(state, 'usage', 1)
  assert.deepEqual([row?.ending, row?.input, row?.provider], ['lost', null, 'up'])
  await (await ask('m')).text()
  assert.deepEqual((await rowsOf<Row>(state, 'usage', 2)).map(({ ending }) => ending), ['lost', 'complete'])
})

test('a client that leaves is an entry too, without any last byte to wait for', async t => {
  const { state, ask } = await openHouse(t)
  const leaving = new AbortController()
  const reply = await ask('hanging', { stream: true }, leaving.signal)
  leaving.abort()
  await assert.rejects(reply.text())
  const [row] = await rowsOf<Row>(state, 'usage', 1)
  assert.equal(row?.ending, 'client_closed')
})

test('who changed the house and what it gave back is audited', async t => {
  const { house, state, ask } = await openHouse(t)
  const reply = await ask('m', { messages: [{ role: 'user', content: 'I am anna@example.org' }] })
  assert.match(await reply.text(), /anna@example\.org/)
  await house.ask('/admin/reload', 'POST')
  const told = (await rowsOf<Audit>(state, 'audit', 3)).map(({ actor, action, detail }) => [actor, action, JSON.parse(detail) as object])
  assert.deepEqual(told.toSorted(), [
    ['admin', 'config', { epoch: 2, routes: 3, consumers: 0 }], ['consumer:anonymous', 'restore', { route: 'plain', values: 1 }],
    ['start', 'config', { epoch: 1, routes: 3, consumers: 0 }],
  ])
})
