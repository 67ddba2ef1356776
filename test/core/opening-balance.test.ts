import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { BudgetConfig } from '../../config/config.ts'
import { OpeningBalance, type OpeningParts } from '../../core/opening-balance.ts'
import memory from '../../plugins/counter/memory.ts'
import type { Ask, LedgerReader, UsageColumn, UsageQuery, UsageSum } from '../../sdk/index.ts'

/** A Saturday, at noon. */
const NOW = Date.UTC(2026, 10, 21, 12)
const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR

interface Row { readonly at: number; readonly tokens: number; readonly columns: Readonly<Partial<Record<UsageColumn, string>>> }

const row = (ago: number, columns: Row['columns'], tokens = 10): Row => ({ at: NOW - ago, tokens, columns: { route: 'all', ...columns } })
const ROWS = [
  row(30 * 1000, { 'consumer': 'red', 'asked': 'fast-1', 'key': 'a1', 'tags.team': 'paint' }),
  row(11 * HOUR, { 'consumer': 'red', 'asked': 'slow', 'key': 'a2', 'tags.team': 'paint' }),
  row(13 * HOUR, { 'consumer': 'blue', 'asked': 'fast-2', 'key': 'b1' }, 100),
  row(6 * DAY, { 'consumer': 'blue', 'asked': 'a/b', 'key': 'b1' }, 1000),
  row(40 * DAY, { 'consumer': 'blue', 'asked': 'slow', 'key': 'b1', 'route': '' }, 10_000),
  // Of this start: they are counted as they come.
  row(0, { consumer: 'red', asked: 'slow' }, 100_000),
]

/** Sums up the rows; each is a request, and a token costs a million. */
async function usage({ since, until, by }: UsageQuery): Promise<UsageSum[]> {
  const groups = Map.groupBy(ROWS.filter(({ at }) => at >= since && at < until), ({ columns }) => JSON.stringify(by.map(name => columns[name] ?? '')))
  return [...groups].map(([group, rows]) => {
    const tokens = rows.reduce((sum, one) => sum + one.tokens, 0)
    return { group: JSON.parse(group) as string[], requests: rows.length, chargedTokens: tokens, chargedCost: BigInt(tokens) * 1_000_000n } as unknown as UsageSum
  })
}

const budget = (more: Partial<BudgetConfig>): BudgetConfig => ({
  name: 'b', of: 'tokens', limit: 1e9, window: { kind: 'total' }, each: [], match: {}, mode: 'strict', reserve: 4096, unpriced: 'refuse', floor: 0, ...more,
})

/** An opening balance at noon, whose timers are the test's; what it tells the store, and the log. */
function open(t: TestContext, budgets: readonly BudgetConfig[], more: Partial<OpeningParts> = {}): { balance: OpeningBalance; told: Ask[][]; logged: string[] } {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'], now: NOW })
  const told: Ask[][] = []
  const logged: string[] = []
  const note = (_: object | string, text?: string): void => { if (text !== undefined || typeof _ === 'string') logged.push(text ?? String(_)) }
  const store = { async take(asks: readonly Ask[]) { told.push([...asks]); return [] }, async close() {} }
  const books = { caughtUp: Promise.resolve({ usage }) }
  return { balance: new OpeningBalance({ budgets, keep: 0, books, store, log: { info: note, warn: note } as never, ...more }), told, logged }
}

/** What each count begins with. */
function countsOf(asks: readonly Ask[]): Record<string, number> {
  const groups = Map.groupBy(asks, ({ key }) => key)
  return Object.fromEntries([...groups].map(([key, own]) => [key, own.reduce((sum, { over }) => sum + over, 0)]))
}

const cases: { name: string; budget: Partial<BudgetConfig>; counts: Record<string, number> }[] = [
  { name: 'all that ever was', budget: {}, counts: { 'b/tokens/total': 11_120 } },
  { name: 'requests of the day', budget: { of: 'requests', window: { kind: 'calendar', period: 'day' } }, counts: { 'b/requests/day': 2 } },
  { name: 'money of the week', budget: { of: 'cost', window: { kind: 'calendar', period: 'week' } }, counts: { 'b/cost/week': 120_000_000 } },
  { name: 'the month', budget: { window: { kind: 'calendar', period: 'month' } }, counts: { 'b/tokens/month': 1120 } },
  { name: 'the last minute', budget: { window: { kind: 'sliding', ms: 60_000 } }, counts: { 'b/tokens/60000ms': 10 } },
  {
    name: 'each consumer and model as it was asked for', budget: { each: ['consumer', 'model'], window: { kind: 'calendar', period: 'month' } },
    counts: {
      'b/tokens/month/consumer=red/model=fast-1': 10, 'b/tokens/month/consumer=red/model=slow': 10,
      'b/tokens/month/consumer=blue/model=fast-2': 100, 'b/tokens/month/consumer=blue/model=a%2Fb': 1000,
    },
  },
  { name: 'each key', budget: { each: ['key'] }, counts: { 'b/tokens/total/key=a1': 10, 'b/tokens/total/key=a2': 10, 'b/tokens/total/key=b1': 11_100 } },
  { name: 'those that match, summed up', budget: { match: { model: ['fast-*'] } }, counts: { 'b/tokens/total': 110 } },
  { name: 'with a tag, whatever its value', budget: { match: { tags: { team: ['*'] } }, each: ['tags.team'] }, counts: { 'b/tokens/total/tags.team=paint': 20 } },
  { name: 'on a route', budget: { match: { route: ['*'] } }, counts: { 'b/tokens/total': 1120 } },
  { name: 'nobody', budget: { match: { consumer: ['green'] } }, counts: {} },
  { name: 'nothing of what ran at once', budget: { of: 'concurrency', window: { kind: 'held' } }, counts: {} },
]
for (const { name, budget: more, counts } of cases) {
  test(`a budget begins with what the ledger says: ${name}`, async t => {
    const { balance, told } = open(t, [budget(more)])
    await balance.tell(1000)
    assert.deepEqual([told.length, countsOf(told.flat())], [1, counts])
    assert.ok(balance.isTold)
  })
}

test('a counter in memory gives out what is left, and no more', async t => {
  const store = await memory.open({ directory: '', options: {} })
  await open(t, [budget({ of: 'requests', limit: 8 })], { store }).balance.tell(1000)
  const ask: Ask = { key: 'b/requests/total', limit: 8, window: { kind: 'total' }, want: 5, back: 0, mark: 0, over: 0, floor: 0 }
  assert.deepEqual((await store.take([ask])).map(({ granted, left }) => [granted, left]), [[3, 0]])
})

test('a ledger that is late holds nobody up for long, and is counted when it comes', async t => {
  const { promise, resolve } = Promise.withResolvers<Pick<LedgerReader, 'usage'>>()
  const { balance, told, logged } = open(t, [budget({})], { books: { caughtUp: promise } })
  const telling = balance.tell(1000)
  t.mock.timers.tick(1000)
  await telling
  assert.deepEqual([balance.isTold, told.length], [false, 0])
  assert.match(logged.join(), /does not tell yet/)
  resolve({ usage })
  await new Promise(setImmediate)
  assert.deepEqual([balance.isTold, told.map(countsOf)], [true, [{ 'b/tokens/total': 11_120 }]])
})

test('a ledger that fails is asked again, and nothing is told twice', async t => {
  let asked = 0
  const failing = async (query: UsageQuery): Promise<UsageSum[]> => {
    if (++asked === 2) throw new Error('nobody is there')
    return usage(query)
  }
  const { balance, told, logged } = open(t, [budget({}), budget({ name: 'c' })], { books: { caughtUp: Promise.resolve({ usage: failing }) } })
  const telling = balance.tell(5000)
  await new Promise(setImmediate)
  assert.equal(told.length, 0)
  t.mock.timers.tick(1000)
  await telling
  assert.deepEqual(told.map(countsOf), [{ 'b/tokens/total': 11_120, 'c/tokens/total': 11_120 }])
  assert.deepEqual(logged, ['the ledger was asked in vain what the budgets have used', 'the budgets begin with what the ledger says was used'])
})

test('a budget whose window is longer than the ledger keeps is named', async t => {
  const budgets = [budget({}), budget({ window: { kind: 'calendar', period: 'week' } })]
  for (const [keep, warnings] of [[0, 0], [7 * DAY, 1], [DAY, 2]] as const) {
    const { balance, logged } = open(t, budgets, { keep })
    await balance.tell(1000)
    assert.equal(logged.filter(text => text.includes('keeps less')).length, warnings, `${keep}`)
    t.mock.timers.reset()
  }
})
