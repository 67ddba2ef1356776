import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { parseConfig } from '../../../config/loader.ts'
import { openLedger } from '../../../core/bookkeeper.ts'
import { connectAll } from '../../../core/providers.ts'
import type { Misfit, UsageRecord } from '../../../core/settlement/record.ts'
import { Settler, type SettlingHouse } from '../../../core/settlement/settler.ts'
import { Troubles } from '../../../core/troubles.ts'
import { PriceBook, type Ledger, type LedgerEntry, type UsageColumn, type UsageQuery } from '../../../sdk/index.ts'
import { AT, lostOf, usageOf } from '../../plugins/ledger/contract.ts'

const { config } = await parseConfig(JSON.stringify({
  providers: {
    openai: { use: 'openai', key: 'k' }, claude: { use: 'anthropic', key: 'k' }, gemini: { use: 'gemini', key: 'k' },
    aws: { use: 'bedrock', key: 'k', options: { region: 'eu-central-1' } }, cohere: { use: 'cohere', key: 'k' },
    mistral: { use: 'mistral', key: 'k' }, local: { use: 'ollama' },
  },
  routes: [{ name: 'all', match: {}, targets: [{ provider: 'openai' }] }],
}), { file: '/house.json', env: {} })
const providers = await connectAll(config, new Troubles(), (...fault) => assert.fail(fault.join(' ')))

async function openHouse(t: TestContext, entries: readonly LedgerEntry[]): Promise<{ ledger: Ledger; house: SettlingHouse }> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-settle-'))
  const ledger = await openLedger(folder, { use: 'sqlite', options: {} })
  t.after(async () => {
    await ledger.close()
    await rm(folder, { recursive: true })
  })
  await ledger.append(entries)
  const prices = new PriceBook({ 'gpt-5': { input: 2, output: 10 }, 'claude/sonnet': { input: 3, output: 15, cacheRead: 0.3 } })
  return { ledger, house: { ledger, prices, providers, format: undefined, account: { actor: 'cli:jane', subject: 'ab' } } }
}

const record = (n: number, usage: object, line = 1): UsageRecord =>
  ({ line, id: `gh-${n}.0`, usage, raw: JSON.stringify(usage) })
const toldBy = ({ settled, tokens, cost, notLost, unknown, misfits }: Settler): unknown =>
  ({ settled, tokens, cost, notLost, unknown: unknown.first, misfits: misfits.first })

async function rowsOf(ledger: Ledger, by: UsageColumn = 'provider', where: UsageQuery['where'] = {}): Promise<unknown[]> {
  const sums = await ledger.usage({ by: [by, 'ending'], where, since: 0, until: AT + 1 })
  return sums.map(({ group, input, output, cacheRead, cost, unpriced }) => [...group, input, output, cacheRead, cost, unpriced])
}

const OPENAI = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 }

test('a portion: what was lost is settled, and everything else is told', async t => {
  const { ledger, house } = await openHouse(t, [lostOf(1), lostOf(2), usageOf(3), lostOf(4), lostOf(5)])
  const settler = new Settler(house)
  const portion: (UsageRecord | Misfit)[] = [
    record(1, OPENAI), { line: 2, problem: 'expected JSON' }, record(2, { prompt_tokens: '7' }, 3), record(3, OPENAI),
    record(9, OPENAI), record(1, { ...OPENAI, prompt_tokens: 5 }), record(4, { prompt_tokens: 2 ** 53 - 1 }, 7),
    // A provider that says that it was nothing.
    record(5, { prompt_tokens: 0, completion_tokens: 0 }),
  ]
  await settler.settle(portion)
  assert.deepEqual(toldBy(settler), {
    settled: 2, tokens: 1100, cost: 3_000_000n, notLost: 2, unknown: ['gh-9.0'],
    misfits: [
      { line: 2, problem: 'expected JSON' }, { line: 3, problem: 'expected a usage as openai-chat tells it' },
      { line: 7, problem: 'expected a usage that somebody could pay' },
    ],
  })
  const rows = await rowsOf(ledger)
  assert.deepEqual(rows, [
    ['openai', 'complete', 100, 20, 30, 1_234_567n, 0], ['openai', 'lost', 0, 0, 0, 0n, 0],
    ['openai', 'settled', 1000, 100, 0, 3_000_000n, 0],
  ])
  const again = new Settler(house)
  await again.settle([record(1, { ...OPENAI, prompt_tokens: 5 })])
  assert.deepEqual(toldBy(again), { settled: 0, tokens: 0, cost: 0n, notLost: 1, unknown: [], misfits: [] })
  assert.deepEqual(await rowsOf(ledger), rows)
  const audit = await ledger.audit({ since: 0, until: Infinity, limit: 9 })
  assert.deepEqual(audit.map(({ actor, action, subject, detail }) => ({ actor, action, subject, detail })), [
    { actor: 'cli:jane', action: 'settle', subject: 'ab', detail: { attempts: 2, tokens: 1100 } },
  ])
})

const ANTHROPIC = { input_tokens: 100, cache_read_input_tokens: 900, output_tokens: 10 }
/** The provider's name, what it says, the format where it is named, and what the ledger has then; or what is told. */
const shapes: { provider: string; dialect?: string; format?: string; usage: object; has: readonly unknown[] | string }[] = [
  { provider: 'openai', usage: OPENAI, has: [1000, 100, 0, 3_000_000n, 0] },
  { provider: 'openai', dialect: 'openai-responses', usage: { input_tokens: 5, output_tokens: 6 }, has: [5, 6, 0, 70_000n, 0] },
  { provider: 'claude', dialect: 'anthropic-messages', usage: ANTHROPIC, has: [1000, 10, 900, 720_000n, 0] },
  // Asked in the words of OpenAI, it counts in its own.
  { provider: 'claude', usage: ANTHROPIC, has: [1000, 10, 900, 720_000n, 0] },
  { provider: 'claude', usage: OPENAI, has: 'expected a usage as anthropic-messages tells it' },
  { provider: 'claude', usage: OPENAI, format: 'openai-chat', has: [1000, 100, 0, 4_500_000n, 0] },
  { provider: 'gemini', usage: { promptTokenCount: 5, candidatesTokenCount: 6 }, has: [5, 6, 0, 0n, 1] },
  { provider: 'aws', usage: { inputTokens: 5, outputTokens: 6 }, has: [5, 6, 0, 0n, 1] },
  { provider: 'cohere', usage: { tokens: { input_tokens: 5, output_tokens: 6 } }, has: [5, 6, 0, 0n, 1] },
  { provider: 'mistral', usage: { prompt_tokens: 5, completion_tokens: 6 }, has: [5, 6, 0, 0n, 1] },
  { provider: 'local', format: 'ollama-chat', usage: { prompt_eval_count: 5, eval_count: 6 }, has: [5, 6, 0, 0n, 1] },
  { provider: 'gone', usage: OPENAI, has: 'expected --dialect: nothing says how the provider of this attempt tells its usage' },
  { provider: 'gone', usage: OPENAI, format: 'openai-chat', has: [1000, 100, 0, 0n, 1] },
]

test('usage in the shapes of all formats, of providers that are gone too', async t => {
  const models: Readonly<Record<string, string>> = { openai: 'gpt-5', claude: 'sonnet' }
  const { ledger, house } = await openHouse(t, shapes.map(({ provider, dialect = 'openai-chat' }, n) =>
    lostOf(n, { provider, dialect, model: models[provider] ?? 'other', route: `case ${n}` })))
  for (const [n, { usage, format, has }] of shapes.entries()) {
    const settler = new Settler({ ...house, format })
    await settler.settle([record(n, usage)])
    const { misfits: { first: [misfit] } } = settler
    const [row] = await rowsOf(ledger, 'route', { route: `case ${n}` })
    if (typeof has === 'string') assert.deepEqual([misfit?.problem, row], [has, [`case ${n}`, 'lost', 0, 0, 0, 0n, 0]])
    else assert.deepEqual([misfit, row], [undefined, [`case ${n}`, 'settled', ...has]])
  }
})
