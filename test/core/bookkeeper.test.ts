import assert from 'node:assert/strict'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Bookkeeper } from '../../core/bookkeeper.ts'
import type { JournalLine } from '../../core/journal.ts'
import type { Ledger, LedgerEntry, UsageEntry } from '../../sdk/index.ts'

const entry = (id: string, more: Partial<UsageEntry> = {}): UsageEntry => ({
  kind: 'usage', id, request: id, at: 1, route: 'all', consumer: 'c', tags: {}, dialect: 'openai-chat', provider: 'p', model: 'm',
  status: 200, ending: 'complete', streamed: false, ms: 1, usage: undefined, raw: '', cost: undefined, price: undefined, priceVersion: '',
  key: '', asked: 'm', chargedTokens: undefined, chargedCost: undefined, ...more,
})
const USAGE = { input: 3, output: 4, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' } as const
const begin = (id: string): JournalLine => ({ line: 'begin', entry: entry(id, { status: 0, ending: 'lost' }) })
const heard = (id: string): JournalLine => ({ line: 'heard', id, usage: USAGE, raw: '{}' })
const end = (id: string): JournalLine => ({ line: 'entry', entry: entry(id, { usage: USAGE }) })

/** What a ledger took, and how often it is away. */
class Taken {
  readonly entries = new Map<string, LedgerEntry>()
  away = false
  /** The id of an entry that it does not take. */
  refuses = ''
  opened = 0
  pruned: number[] = []

  async open(): Promise<Ledger> {
    if (this.away) throw new Error('nobody is there')
    this.opened++
    return {
      append: async entries => {
        if (this.away) throw new Error('nobody is there')
        if (entries.some(({ id }) => id === this.refuses)) throw new Error('not this one')
        for (const one of entries) if (!this.entries.has(one.id)) this.entries.set(one.id, one)
      },
      prune: async before => this.pruned.push(before),
      find: async () => [], settle: async () => [],
      usage: async () => [], audit: async () => [], verify: async () => ({ entries: 0, head: undefined, faults: [] }), close: async () => {},
    }
  }

  /** Id and ending of all. */
  get told(): string[] { return [...this.entries.values()].map(one => `${one.id} ${one.kind === 'usage' ? `${one.ending} ${one.usage?.input ?? '-'}` : one.action}`).toSorted() }
}

async function openBooks(t: TestContext, keep = 0): Promise<{ taken: Taken; books: Bookkeeper; problems: string[]; write: (lines: readonly JournalLine[]) => Promise<void>; child: ChildProcess; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-books-'))
  const taken = new Taken()
  const problems: string[] = []
  const log = { info: (_: object, told: string) => problems.push(told), warn: (_: object, told: string) => problems.push(told), error: (_: object, told: string) => problems.push(told) }
  const books = new Bookkeeper({ folder, open: () => taken.open(), keep, log: log as never })
  const child = fork(new URL('./spool/writer.ts', import.meta.url), [folder])
  await once(child, 'message')
  t.after(async () => {
    child.kill('SIGKILL')
    await books.close(1000)
    rmSync(folder, { recursive: true })
  })
  const write = async (lines: readonly JournalLine[]): Promise<void> => {
    child.send(lines.map(line => JSON.stringify(line)))
    await once(child, 'message')
  }
  return { taken, books, problems, write, child, folder }
}

/** Waits until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  const late = performance.now() + 10_000
  while (!isSo()) {
    assert.ok(performance.now() < late, 'it never came')
    await wait(20)
  }
}

test('what ended is entered; what has only begun waits', async t => {
  const { taken, books, write } = await openBooks(t)
  books.start()
  await write([begin('a'), begin('b'), heard('a'), end('a')])
  await until(() => taken.entries.size === 1)
  await write([end('b')])
  await until(() => taken.entries.size === 2)
  assert.deepEqual(taken.told, ['a complete 3', 'b complete 3'])
  assert.deepEqual([books.numbers.entries, books.numbers.lost], [2, 0])
})

test('what a process did not live to end is lost, with the usage that it had heard of', async t => {
  const { taken, books, write, child, problems } = await openBooks(t)
  books.start()
  await write([begin('a'), begin('b'), begin('c'), heard('b'), end('c')])
  await until(() => taken.entries.size === 1)
  child.kill('SIGKILL')
  await until(() => taken.entries.size === 3)
  assert.deepEqual(taken.told, ['a lost -', 'b lost 3', 'c complete 3'])
  assert.equal(books.numbers.lost, 2)
  assert.match(problems.join(), /died before these attempts had ended/)
})

test('while the ledger is away, all waits on disk, and none of it is entered twice', async t => {
  const { taken, books, write, problems, folder } = await openBooks(t)
  taken.away = true
  books.start()
  await write([begin('a'), end('a')])
  await until(() => books.numbers.failingSince > 0)
  assert.ok(books.numbers.waitingBytes > 0)
  taken.away = false
  await until(() => taken.entries.size === 1)
  assert.equal(books.numbers.failingSince, 0)
  assert.deepEqual(problems, ['the ledger takes no entries; they wait on disk', 'the ledger takes entries again'])
  // Another bookkeeper, after a crash of this one, reads it all again.
  const second = new Bookkeeper({ folder, open: () => taken.open(), keep: 0, log: { info() {}, warn() {}, error() {} } as never })
  await second.close(1000)
  assert.deepEqual(taken.told, ['a complete 3'])
})

test('a segment whose process is gone and whose entries are kept is removed', async t => {
  const { books, write, child, folder, taken } = await openBooks(t)
  await write([begin('a')])
  books.start()
  child.kill('SIGKILL')
  await until(() => readdirSync(folder).length === 0)
  assert.deepEqual(taken.told, ['a lost -'])
})

test('what is too old is forgotten', async t => {
  const { books, taken } = await openBooks(t, 1000)
  books.start()
  await until(() => taken.pruned.length === 1)
  assert.ok(Math.abs(Date.now() - 1000 - taken.pruned[0]!) < 60_000)
})

test('the last entries are taken when it closes', async t => {
  const { books, taken, write } = await openBooks(t)
  await write([begin('a'), end('a')])
  await books.close(5000)
  assert.deepEqual(taken.told, ['a complete 3'])
})

test('it has caught up when all is entered that stood there at the start, what a process did not live to end too', async t => {
  const { books, taken, write, child } = await openBooks(t)
  await write([begin('a'), end('a'), begin('b')])
  const told = books.caughtUp.then(() => taken.told)
  books.start()
  await until(() => taken.entries.size === 1)
  assert.equal(await Promise.race([told, 'not yet']), 'not yet')
  child.kill('SIGKILL')
  assert.deepEqual(await told, ['a complete 3', 'b lost -'])
})

test('it has caught up at once where nothing stood there', async t => {
  const { books } = await openBooks(t)
  books.start()
  await books.caughtUp
})

test('an entry that the ledger takes from nobody is set aside, and the others are entered', async t => {
  const { taken, books, write, folder, problems } = await openBooks(t)
  taken.refuses = 'b'
  books.start()
  await write([begin('a'), end('a'), begin('b'), end('b'), begin('c'), end('c')])
  await until(() => taken.entries.size === 2)
  assert.deepEqual(taken.told, ['a complete 3', 'c complete 3'])
  await until(() => books.numbers.failingSince === 0)
  assert.equal((JSON.parse(readFileSync(join(folder, 'refused.jsonl'), 'utf8')) as UsageEntry).id, 'b')
  assert.match(problems.join(), /refuses this entry/)
})

test('while something is always under way, the journals shrink; who reads them anew comes to the same', async t => {
  const { taken, books, write, child, folder } = await openBooks(t)
  books.start()
  await write([begin('long'), heard('long')])
  const raw = 'x'.repeat(1024 * 1024)
  for (let n = 0; n < 12; n++) await write([begin(`${n + 1}`), { line: 'entry', entry: entry(`${n}`, { raw }) }])
  await until(() => taken.entries.size === 12 && books.numbers.waitingBytes < 5 * 1024 * 1024)
  await books.close(1000)
  taken.entries.clear()
  child.kill('SIGKILL')
  const second = new Bookkeeper({ folder, open: () => taken.open(), keep: 0, log: { info() {}, warn() {}, error() {} } as never })
  t.after(() => second.close(1000))
  second.start()
  await until(() => readdirSync(folder).length === 0)
  assert.deepEqual(taken.told.filter(told => told.includes('lost')), ['12 lost -', 'long lost 3'])
  assert.equal(second.numbers.lost, 2)
})

test('attempts whose end found no room on the disk are lost as soon as that is told, and not open for ever', async t => {
  const { taken, books, write, problems } = await openBooks(t)
  books.start()
  await write([begin('a'), begin('b'), begin('c'), heard('b'), { line: 'dropped', ids: ['a', 'b', 'never begun'] }, end('c')])
  await until(() => taken.entries.size === 3)
  assert.deepEqual(taken.told, ['a lost -', 'b lost 3', 'c complete 3'])
  assert.equal(books.numbers.lost, 2)
  assert.match(problems.join(), /no room/)
})

test('a line that cannot be read is told and passed over, and all others are entered', async t => {
  const { taken, books, folder, problems } = await openBooks(t)
  const nil = '\0'.repeat(300)
  const broken = [nil, `${nil}"}}`, '{"line":"entry"', 'null', '{}', '{"line":"entry","entry":0}', '{"line":"dropped"}', '']
  const lines = [JSON.stringify(begin('a')), ...broken, JSON.stringify(end('b')), '']
  writeFileSync(join(folder, '99999999-5.000000.jsonl'), lines.join('\n'))
  writeFileSync(join(folder, '99999999-6.000000.jsonl'), `${JSON.stringify(end('c'))}\n`)
  books.start()
  await books.caughtUp
  assert.deepEqual(taken.told, ['a lost -', 'b complete 3', 'c complete 3'])
  assert.deepEqual([books.numbers.torn, books.numbers.failingSince], [broken.length, 0])
  assert.match(problems.join(), /cannot be read/)
})

test('a lost request is charged once, however often it was tried', async t => {
  const { taken, books, write, child } = await openBooks(t)
  const charged = { request: 'r', ending: 'lost', chargedTokens: 5000, chargedCost: 70 } as const
  await write([0, 1, 2].map(n => ({ line: 'begin', entry: entry(`r.${n}`, charged) })))
  child.kill('SIGKILL')
  books.start()
  await books.caughtUp
  assert.deepEqual(taken.told, ['r.0 lost -', 'r.1 lost -', 'r.2 lost -'])
  const told = [...taken.entries.values()].map(one => one.kind === 'usage' && [one.chargedTokens, one.chargedCost])
  assert.deepEqual(told, [[undefined, undefined], [undefined, undefined], [5000, 70]])
})
