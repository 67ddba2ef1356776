// What every ledger has to do, as tests: run on SQLite by sqlite.test.ts and on PostgreSQL by postgres.services.ts.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type {
  AuditEntry, AuditFault, Ledger, LedgerEntry, Settlement, UsageColumn, UsageEntry, UsageQuery, UsageSum,
} from '../../../sdk/index.ts'
import { fc } from '../../law.ts'

/** A ledger under test, empty at first, and the way to its tables for somebody who has no business there. */
export interface Subject {
  readonly ledger: Ledger
  /** Another one on the same tables, as a second process or the next start would open it. */
  again(): Promise<Ledger>
  /** `usage`, `audit`, `audit_head`, `migrations` stand for the tables. */
  tamper(sql: string): Promise<void>
}

/** The first moment of a day. */
export const AT = Date.UTC(2026, 10, 21)
const DAY = 24 * 60 * 60 * 1000
const ALL = { since: 0, until: AT + 1000 * DAY }

/** A usage entry that differs from all others. */
export function usageOf(n: number | string, more: Partial<UsageEntry> = {}): UsageEntry {
  return {
    kind: 'usage', id: `gh-${n}.0`, request: `gh-${n}`, at: AT, route: 'chat', consumer: 'research', tags: { team: 'red' }, dialect: 'openai-chat',
    provider: 'openai', model: 'gpt-5', status: 200, ending: 'complete', streamed: false, ms: 12.5,
    usage: { input: 100, output: 20, cacheRead: 30, cacheWrite: 10, cacheWriteHour: 4, reasoning: 5, source: 'provider' },
    raw: '{"prompt_tokens":100}', cost: 1_234_567, price: 'exact', priceVersion: 'genai-prices@0.1.8',
    key: 'b0c1', asked: 'gpt-5', chargedTokens: undefined, chargedCost: undefined, ...more,
  }
}

/** An audit entry that differs from all others. */
export function auditOf(n: number | string, more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    kind: 'audit', id: `audit-${n}`, at: AT, actor: 'consumer:research', action: 'block', subject: `gh-${n}`,
    detail: { status: 400, route: 'chat', 10: 'ten', 9: 0.5, last: true }, ...more,
  }
}

/** An attempt that its process did not live to end. */
export const lostOf = (n: number | string, more: Partial<UsageEntry> = {}): UsageEntry =>
  usageOf(n, {
    status: 0, ending: 'lost', usage: undefined, raw: '', cost: undefined, price: undefined, priceVersion: '', ...more,
  })

/** What budgets count is what was used, where nothing else is said. */
function sumOf(group: string[], more: Partial<UsageSum>): UsageSum {
  const sum = {
    group, requests: 1, attempts: 1, lost: 0, estimated: 0, input: 100, output: 20, cacheRead: 30, cacheWrite: 10, reasoning: 5,
    cost: 1_234_567n, unpriced: 0, ...more,
  }
  return { chargedTokens: sum.input - sum.cacheRead + sum.output, chargedCost: sum.cost, ...sum }
}

/** Runs all of it; `open` gives an empty ledger that ends with its test. */
export function ledgerContract(open: (t: TestContext) => Promise<Subject>): void {
  const NOTHING = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, cost: 0n }
  const entries = [
    usageOf(1), usageOf(2, { consumer: 'büro', tags: {}, at: AT + DAY, usage: { ...usageOf(2).usage!, source: 'estimated' } }),
    usageOf(3, { id: 'gh-3.0', ending: 'failed', usage: undefined, cost: undefined, price: undefined, status: 503, provider: 'local' }),
    usageOf(3, { id: 'gh-3.1', model: 'llama-3', cost: undefined, price: 'missing' }),
    usageOf(4, { ending: 'lost', usage: undefined, cost: undefined, price: undefined, raw: '' }),
    usageOf(5, { ending: 'lost', cost: undefined, price: undefined, at: AT - 1 }),
  ]
  const both = { requests: 2, attempts: 2, input: 200, output: 40, cacheRead: 60, cacheWrite: 20, reasoning: 10, cost: 2_469_134n }
  const asked: { name: string; by: UsageColumn[]; where?: UsageQuery['where']; since?: number; until?: number; sums: UsageSum[] }[] = [
    {
      name: 'all of it', by: [],
      sums: [sumOf([], {
        requests: 5, attempts: 6, lost: 1, estimated: 1, input: 400, output: 80, cacheRead: 120, cacheWrite: 40, reasoning: 20,
        cost: 2_469_134n, unpriced: 2,
      })],
    },
    {
      name: 'by team; without the tag is a group too', by: ['tags.team'], until: AT + DAY + 1, since: AT,
      sums: [
        sumOf([''], { estimated: 1 }),
        sumOf(['red'], { requests: 3, attempts: 4, lost: 1, input: 200, output: 40, cacheRead: 60, cacheWrite: 20, reasoning: 10, unpriced: 1 }),
      ],
    },
    { name: 'from and up to', by: ['day'], since: AT, until: AT + DAY, where: { provider: 'openai', ending: 'complete' }, sums: [
      sumOf(['2026-11-21'], { requests: 2, attempts: 2, input: 200, output: 40, cacheRead: 60, cacheWrite: 20, reasoning: 10, unpriced: 1 }),
    ] },
    { name: 'by day and consumer', by: ['day', 'consumer'], where: { model: 'gpt-5', 'tags.team': '' }, sums: [
      sumOf(['2026-11-22', 'büro'], { estimated: 1 }),
    ] },
    {
      name: 'by the rest', by: ['route', 'provider', 'model', 'dialect', 'ending'], where: { provider: 'local' },
      sums: [sumOf(['chat', 'local', 'gpt-5', 'openai-chat', 'failed'], NOTHING)],
    },
    { name: 'in the order of code units', by: ['consumer'], where: { ending: 'complete', model: 'gpt-5' }, sums: [
      sumOf(['büro'], { estimated: 1 }), sumOf(['research'], {}),
    ] },
    { name: 'where nothing is', by: ['consumer'], where: { 'tags.team': "red' OR ''='" }, sums: [] },
  ]
  test('sums usage up', async t => {
    const { ledger } = await open(t)
    await ledger.append(entries)
    for (const { name, by, where = {}, since = ALL.since, until = ALL.until, sums } of asked) {
      assert.deepEqual(await ledger.usage({ by, where, since, until }), sums, name)
    }
  })

  test('what budgets count: what was charged, and where nothing was, what was used', async t => {
    const { ledger } = await open(t)
    const tokens = [undefined, 0, 7, 500]
    await ledger.append(tokens.map((chargedTokens, n) => usageOf(n, {
      key: n < 3 ? 'b0c1' : 'd2e3', asked: n < 2 ? 'fast' : 'slow', chargedTokens, chargedCost: chargedTokens && chargedTokens * 1_000_000,
      ...n === 3 && { ending: 'lost', usage: undefined, cost: undefined },
    })))
    const sums = await ledger.usage({ by: ['key', 'asked'], where: {}, ...ALL })
    assert.deepEqual(sums.map(({ group, requests, chargedTokens, chargedCost }) => [...group, requests, chargedTokens, chargedCost]), [
      ['b0c1', 'fast', 2, 90, 1_234_567n], ['b0c1', 'slow', 1, 7, 7_000_000n], ['d2e3', 'slow', 1, 500, 500_000_000n],
    ])
  })

  test('tables of an older version are brought up to date, and keep what they hold', async t => {
    const { ledger, again, tamper } = await open(t)
    await ledger.append([usageOf(1)])
    await tamper(['asked', 'key', 'charged_tokens', 'charged_cost'].map(name => `ALTER TABLE usage DROP COLUMN ${name}`).join(';')
      + '; DELETE FROM migrations WHERE version = 2')
    const newer = await again()
    await newer.append([usageOf(2)])
    assert.deepEqual(await newer.usage({ by: ['asked', 'key'], where: {}, ...ALL }), [sumOf(['', ''], {}), sumOf(['gpt-5', 'b0c1'], {})])
  })

  test('whoever sends an entry twice has sent it once: in one batch, in the next, after a start', async t => {
    const { ledger, again } = await open(t)
    await ledger.append([usageOf(1), auditOf(1), usageOf(1), auditOf(1)])
    await ledger.append([auditOf(1), usageOf(1, { cost: 1 }), usageOf(2), auditOf(2)])
    await (await again()).append([usageOf(2), auditOf(2), auditOf(1, { action: 'other' })])
    assert.deepEqual(await ledger.usage({ by: [], where: {}, ...ALL }), [sumOf([], both)])
    const audit = await ledger.audit({ ...ALL, limit: 10 })
    assert.deepEqual(audit, [{ ...auditOf(2), sequence: 2 }, { ...auditOf(1), sequence: 1 }])
    const { head, ...report } = await ledger.verify()
    assert.deepEqual([report, head?.sequence], [{ entries: 2, faults: [] }, 2])
  })

  test('all of a batch or none of it', async t => {
    const { ledger } = await open(t)
    await assert.rejects(ledger.append([usageOf(1), auditOf(1), usageOf(2, { cost: 0.5 })]))
    assert.deepEqual(await ledger.audit({ ...ALL, limit: 10 }), [])
    await ledger.append([usageOf(3), auditOf(3)])
    assert.deepEqual(await ledger.usage({ by: [], where: {}, ...ALL }), [sumOf([], {})])
    assert.deepEqual((await ledger.verify()).faults, [])
  })

  test('appends that come at once follow one another', async t => {
    const { ledger, again } = await open(t)
    const other = await again()
    await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? ledger : other).append([auditOf(n), usageOf(n)])))
    const { entries: many, faults } = await ledger.verify()
    assert.deepEqual([many, faults], [20, []])
    const ids = (await ledger.audit({ ...ALL, limit: 20 })).map(({ id }) => id)
    assert.deepEqual(ids.toSorted(), Array.from({ length: 20 }, (_, n) => `audit-${n}`).toSorted())
  })

  const settlementOf = (n: number | string, more: Partial<Settlement> = {}): Settlement => {
    const { id, usage, raw, cost, price, priceVersion } = usageOf(n)
    return { id, usage: usage!, raw, cost, price, priceVersion, ...more }
  }
  const endings = async (ledger: Ledger): Promise<unknown[]> =>
    (await ledger.usage({ by: ['ending'], where: {}, ...ALL })).map(({ group, attempts, lost, input, cost, chargedTokens }) =>
      [...group, attempts, lost, input, cost, chargedTokens])

  test('what was lost is settled once, and accounted for; nothing else is ever changed', async t => {
    const { ledger, again } = await open(t)
    const heard = { ...usageOf(2).usage!, output: 1 }
    await ledger.append([lostOf(1), lostOf(2, { usage: heard, chargedTokens: 500 }), usageOf(3, { cost: 5 }), lostOf(4)])
    const { id, at, dialect, provider, model } = usageOf(1)
    assert.deepEqual(await ledger.find(['gh-1.0', 'gh-9.0', 'a\0b']), [{ id, at, dialect, provider, model, ending: 'lost' }])
    const account = auditOf('settled', { actor: 'cli:jane', action: 'settle', subject: 'ab'.repeat(32), detail: {} })
    const told = [1, 2, 3, 9].map(n => settlementOf(n))
    assert.deepEqual((await ledger.settle(told, account)).toSorted(), ['gh-1.0', 'gh-2.0'])
    const after = [['complete', 1, 0, 100, 5n, 90], ['lost', 1, 1, 0, 0n, 0], ['settled', 2, 0, 200, 2_469_134n, 590]]
    assert.deepEqual(await endings(ledger), after)
    const other = await again()
    assert.deepEqual(await other.settle(told.map(one => ({ ...one, cost: 1 })), { ...account, id: 'again' }), [])
    // A journal that is read again has it as lost.
    await other.append([lostOf(1)])
    assert.deepEqual(await endings(ledger), after)
    const [entry, ...more] = await ledger.audit({ ...ALL, limit: 10 })
    assert.deepEqual([entry, more], [{ ...account, detail: { attempts: 2, tokens: 240 }, sequence: 1 }, []])
    assert.deepEqual((await ledger.verify()).faults, [])
  })

  test('all that is settled together or none of it', async t => {
    const { ledger } = await open(t)
    await ledger.append([lostOf(1), lostOf(2)])
    await assert.rejects(ledger.settle([settlementOf(1), settlementOf(2, { cost: 0.5 })], auditOf(1)))
    assert.deepEqual([await endings(ledger), await ledger.audit({ ...ALL, limit: 10 })], [[['lost', 2, 2, 0, 0n, 0]], []])
  })

  test('money beyond what a number holds', async t => {
    const { ledger } = await open(t)
    await ledger.append([1, 2, 3].map(n => usageOf(n, { cost: Number.MAX_SAFE_INTEGER })))
    assert.equal((await ledger.usage({ by: [], where: {}, ...ALL }))[0]!.cost, 3n * BigInt(Number.MAX_SAFE_INTEGER))
  })

  const hostile = [
    '', "'; DROP TABLE usage; --", 'a\0b', '\ud800', 'x\udfff', '\u202e\u001b[2J', '"\\', '\r\n', '__proto__', '🏠', '{"a":1}', 'é'.repeat(5000),
  ]
  test('any text comes back, but for NUL and halves of characters', async t => {
    const { ledger } = await open(t)
    const stored = hostile.map(text => text.toWellFormed().replaceAll('\0', '\ufffd'))
    await ledger.append(hostile.flatMap((text, n) => [
      usageOf(text, { consumer: text, tags: { team: text, ['__proto__']: text }, raw: text, model: text }),
      auditOf(n, { id: text, subject: text, actor: text, action: text, detail: { ['__proto__']: text, [text]: text } }),
    ]))
    for (const by of ['consumer', 'tags.team', 'tags.__proto__', 'model'] as const) {
      const groups = (await ledger.usage({ by: [by], where: {}, ...ALL })).map(({ group }) => group[0]!)
      assert.deepEqual(groups, [...new Set(stored)].toSorted(), by)
    }
    assert.deepEqual((await ledger.audit({ ...ALL, limit: 100 })).map(({ id }) => id), stored.toReversed())
    const { faults, entries: count } = await ledger.verify()
    assert.deepEqual([count, faults], [hostile.length, []])
  })

  test('whatever comes, in whatever batches and however often: the sums are those of a list', async t => {
    const { ledger } = await open(t)
    const seen = new Map<string, UsageEntry>()
    const entry = fc.record({
      n: fc.nat(200), consumer: fc.constantFrom('a', 'b', 'ä'), team: fc.constantFrom('x', 'y'), input: fc.nat(1e9), cost: fc.maxSafeNat(),
    })
    await fc.assert(fc.asyncProperty(fc.array(entry, { maxLength: 30 }), async given => {
      const batch = given.map(({ n, consumer, team, input, cost }) =>
        usageOf(n, { consumer, tags: { team }, cost, usage: { ...usageOf(n).usage!, input } }))
      await ledger.append(batch)
      for (const one of batch) if (!seen.has(one.id)) seen.set(one.id, one)
      const groups = Map.groupBy(seen.values(), ({ consumer, tags }) => JSON.stringify([consumer, tags['team']]))
      const expected = [...groups].map(([group, own]) => [
        JSON.parse(group) as string[], own.length, own.reduce((sum, { usage }) => sum + usage!.input, 0),
        own.reduce((sum, { cost }) => sum + BigInt(cost!), 0n),
      ])
      const sums = await ledger.usage({ by: ['consumer', 'tags.team'], where: {}, ...ALL })
      assert.deepEqual(sums.map(({ group, requests, input, cost }) => [group, requests, input, cost]), expected.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
    }), { numRuns: 15 })
  })

  test('audit entries of a time, the newest first, at most so many', async t => {
    const { ledger } = await open(t)
    await ledger.append([1, 2, 3, 4].map(n => auditOf(n, { at: AT + n })))
    assert.deepEqual(await ledger.audit({ since: AT + 2, until: AT + 4, limit: 10 }), [3, 2].map(n => ({ ...auditOf(n, { at: AT + n }), sequence: n })))
    assert.deepEqual((await ledger.audit({ ...ALL, limit: 1 })).map(({ sequence }) => sequence), [4])
  })

  const tampered: { name: string; sql: string; faults: AuditFault[] }[] = [
    { name: 'nothing', sql: 'DELETE FROM audit WHERE sequence = 99', faults: [] },
    { name: 'the first is missing', sql: 'DELETE FROM audit WHERE sequence = 1', faults: [{ sequence: 1, what: 'missing' }] },
    { name: 'one is missing', sql: 'DELETE FROM audit WHERE sequence = 3', faults: [{ sequence: 3, what: 'missing' }] },
    { name: 'two are missing, and one elsewhere', sql: 'DELETE FROM audit WHERE sequence IN (2, 3, 5)', faults: [
      { sequence: 2, what: 'missing' }, { sequence: 5, what: 'missing' },
    ] },
    { name: 'the end is missing', sql: 'DELETE FROM audit WHERE sequence > 4', faults: [{ sequence: 5, what: 'missing' }] },
    { name: 'all is missing', sql: 'DELETE FROM audit', faults: [{ sequence: 1, what: 'missing' }] },
    {
      name: 'each column of some is another',
      sql: ['id', 'actor', 'action', 'subject'].map((column, at) => `UPDATE audit SET ${column} = 'x' WHERE sequence = ${at + 1}`).join(';')
        + `; UPDATE audit SET at = at + 1 WHERE sequence = 5; UPDATE audit SET detail = '{"status":200}' WHERE sequence = 6`,
      faults: [1, 2, 3, 4, 5, 6].map(sequence => ({ sequence, what: 'altered' })),
    },
    { name: 'a detail is none', sql: `UPDATE audit SET detail = '{' WHERE sequence = 1`, faults: [{ sequence: 1, what: 'altered' }] },
    {
      name: 'a detail says a name twice', faults: [{ sequence: 1, what: 'altered' }],
      sql: `UPDATE audit SET detail = replace(detail, '"route":', '"route":"forged","route":') WHERE sequence = 1`,
    },
    {
      name: 'two are swapped',
      sql: `UPDATE audit SET sequence = -2 WHERE sequence = 2; UPDATE audit SET sequence = 2 WHERE sequence = 4;
        UPDATE audit SET sequence = 4 WHERE sequence = -2`,
      faults: [{ sequence: 2, what: 'altered' }, { sequence: 4, what: 'altered' }],
    },
    {
      name: 'the end is missing, and the head says so too', faults: [{ sequence: 5, what: 'unsealed' }],
      sql: `DELETE FROM audit WHERE sequence > 4; UPDATE audit_head SET sequence = 4, hash = (SELECT hash FROM audit WHERE sequence = 4)`,
    },
    { name: 'the head is missing', sql: 'DELETE FROM audit_head', faults: [{ sequence: 7, what: 'unsealed' }] },
    { name: 'everything is missing', sql: 'DELETE FROM audit_head; DELETE FROM audit', faults: [{ sequence: 1, what: 'unsealed' }] },
  ]
  for (const { name, sql, faults } of tampered) {
    test(`what the chain tells where ${name}; it can be added to, and tells of it ever after`, async t => {
      const { ledger, tamper, again } = await open(t)
      await ledger.append([1, 2, 3, 4, 5, 6].map(n => auditOf(n)))
      await tamper(sql)
      assert.deepEqual((await ledger.verify()).faults, faults)
      await (await again()).append([auditOf('later'), auditOf('last')])
      const after = (await ledger.verify()).faults
      assert.deepEqual(after, faults.map(({ sequence, what }) => ({ sequence, what: what === 'unsealed' ? 'missing' : what })))
    })
  }

  test('forgets usage that is too old, and no audit entry', async t => {
    const { ledger } = await open(t)
    await ledger.append([...Array.from({ length: 2100 }, (_, n) => usageOf(n, { at: AT - 1 })), usageOf('new'), auditOf(1, { at: 0 })])
    assert.deepEqual([await ledger.prune(AT), await ledger.prune(AT)], [2100, 0])
    assert.deepEqual(await ledger.usage({ by: [], where: {}, ...ALL }), [sumOf([], {})])
    assert.equal((await ledger.audit({ ...ALL, limit: 10 })).length, 1)
  })

  test('a question with too many answers is refused, and so is a column that is none', async t => {
    const { ledger } = await open(t)
    const many: LedgerEntry[] = Array.from({ length: 10_001 }, (_, n) => usageOf(n, { consumer: `c${n}` }))
    await ledger.append(many)
    assert.equal((await ledger.usage({ by: ['consumer'], where: { consumer: 'c7' }, ...ALL })).length, 1)
    await assert.rejects(ledger.usage({ by: ['consumer'], where: {}, ...ALL }), /^Error: expected at most 10000 groups: /)
    assert.equal((await ledger.usage({ by: ['consumer'], where: {}, most: 10_001, ...ALL })).length, 10_001)
    await assert.rejects(ledger.usage({ by: ['id; DROP TABLE usage' as UsageColumn], where: {}, ...ALL }), /^Error: expected a column /)
  })

  test('tables of a newer version are left alone', async t => {
    const { again, tamper } = await open(t)
    await tamper('INSERT INTO migrations (version, at) VALUES (99, 0)')
    await assert.rejects(again(), /expected tables of version \d+ or older, got 99: a newer gatehouse has written to them$/)
  })
}
