import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import type { Admission } from '../../core/admission.ts'
import type { Budget } from '../../core/budget.ts'
import type { Context } from '../../core/context.ts'
import { Conversation, maskOf } from '../../core/conversation.ts'
import { InlineExecutor } from '../../core/executor/inline.ts'
import { Journal, type JournalLine } from '../../core/journal.ts'
import { Scanner } from '../../core/json-tape.ts'
import { pricesAt } from '../../core/prices.ts'
import { read } from '../../core/reading.ts'
import { loadDialect } from '../../core/registry.ts'
import { settle } from '../../core/settle.ts'
import type { Step } from '../../core/step.ts'
import { Transcript } from '../../core/transcript.ts'
import { PriceBook, type Exchange, type Notes, type Observer, type Origin, type Usage, type UsageEntry } from '../../sdk/index.ts'
import { stepOf } from './toy-step.ts'

const USAGE: Usage = { input: 1000, output: 100, cacheRead: 400, cacheWrite: 0, reasoning: 0, source: 'provider' }
const book = new PriceBook({ m: { input: 2, output: 10, cacheRead: 0.5 } })
const chat = await loadDialect('openai-chat')
const scanner = new Scanner()

/** A request that is over: `m` was asked, and has said its usage. */
function contextOf(observers: readonly Step[], more: object = {}): Context {
  const body = Buffer.from(JSON.stringify({ model: 'm', messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hello?' }] }))
  const tape = scanner.scan(body, { depth: 64 })
  const answered = new Transcript()
  const [thought, said] = [answered.line('assistant', 'reasoning'), answered.line('assistant', 'text')]
  for (const [line, piece] of [[thought, 'A '], [said, 'He'], [thought, 'greeting.'], [said, 'llo.']] as const) line.push(piece)
  return {
    id: 'gh-1', at: 1, began: 0, firstByte: 1, model: 'any', status: 200, streamed: false, ending: 'complete', uncovered: 0, restored: 0,
    consumer: { name: 'c', tags: {} }, dialect: chat, route: { name: 'r' }, chain: { observers }, lessons: undefined,
    target: { name: 'up', provider: 'openai', model: 'm', price: pricesAt(book, 'up', 'openai', 'm') },
    tape, conversation: new Conversation(tape, read(tape, chat.request), chat, scanner), answered,
    usage: USAGE, rawUsage: '', cost: undefined, steps: [], remaining: 1000,
    attempts: [{ provider: 'up', model: 'm', status: 200, error: '', ms: 1 }], gateway: { epoch: 1, explains: false, journal: undefined }, ...more,
  } as unknown as Context
}

function observer(observe: (exchange: Exchange) => unknown, ...origins: Origin[]): Step {
  const reads = maskOf({ origins: origins.length === 0 ? ['user'] : origins, channels: ['text'] })
  return stepOf({ inspect: () => [] }, { name: 'seer', kind: 'observer', reads, executor: new InlineExecutor({ observe } as Observer) })
}

/** The entries of a journal, and what a budget of cost is told, beside the record. */
async function settled(
  t: TestContext, observers: readonly Step[], more: object = {}, mode: Budget['mode'] = 'strict',
): Promise<{ record: unknown; ledger: unknown; budget: number | undefined }> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-settle-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const journal = new Journal(folder, 1e6)
  let budget: number | undefined
  const admission = { charged: () => undefined, settle(used: (budget: Budget) => number | undefined) { budget = used({ of: 'cost', mode } as Budget) } } as unknown as Admission
  const { cost } = await settle(contextOf(observers, { gateway: { epoch: 1, explains: false, journal }, admission, ...more }))
  journal.close()
  const [line] = readdirSync(folder).flatMap(file => readFileSync(join(folder, file), 'utf8').trim().split('\n')).map(text => JSON.parse(text) as JournalLine)
  const entry = (line as { entry: UsageEntry }).entry
  return { record: cost, ledger: [entry.cost, entry.price, entry.priceVersion], budget }
}

describe('the record, the ledger and the budgets agree on what a request cost', () => {
  test('by the provider\'s counts', async t => {
    assert.deepEqual(await settled(t, []), {
      record: { dollars: 0.0024, price: 'exact', version: 'config' }, ledger: [2_400_000, 'exact', 'config'], budget: 2_400_000,
    })
  })

  test('by what an observer knows better', async t => {
    const counted: Notes = { usage: { ...USAGE, input: 8, output: 4, cacheRead: 0, source: 'estimated' } }
    for (const noting of [counted, Promise.resolve(counted)]) {
      // A strict budget goes by no estimate: what was set aside stays.
      for (const [mode, budget] of [['optimistic', 56_000], ['strict', undefined]] as const) {
        assert.deepEqual(await settled(t, [observer(() => noting)], { usage: undefined }, mode), {
          record: { dollars: 0.000056, price: 'exact', version: 'config' }, ledger: [56_000, 'exact', 'config'], budget,
        })
      }
    }
  })

  test('where nobody knows the price', async t => {
    const target = { name: 'up', provider: 'openai', model: undefined, price: pricesAt(book, 'up', 'openai', undefined) }
    assert.deepEqual(await settled(t, [], { target }), { record: { dollars: 0, price: 'missing', version: '' }, ledger: [0, 'missing', ''], budget: 0 })
  })

  test('where the call is one that nobody bills', async t => {
    assert.deepEqual(await settled(t, [], { dialect: { ...chat, free: true } }), { record: undefined, ledger: [undefined, undefined, ''], budget: 0 })
  })

  test('where nobody knows the usage, it has no cost, and what was set aside stays', async t => {
    assert.deepEqual(await settled(t, [], { usage: undefined }), { record: undefined, ledger: [undefined, undefined, ''], budget: undefined })
  })
})

test('each observer sees each text once, and only what it reads', async () => {
  const seen: unknown[] = []
  const watch = ({ asked, answered, usage }: Exchange): Notes => {
    seen.push([asked, answered, usage])
    return { usage: { ...USAGE, source: 'estimated' } }
  }
  await settle(contextOf([observer(watch, 'user'), observer(watch, 'system', 'user', 'assistant')]))
  assert.deepEqual(seen, [[['Hello?'], [], USAGE], [['Be brief.', 'Hello?'], ['Hello.'], USAGE]])
})

describe('an observer that says no usage has failed, and the provider\'s word stands', () => {
  for (const usage of [null, 5, 'much', {}, { ...USAGE, input: -1 }, { ...USAGE, output: '7' }, { ...USAGE, cacheRead: 0.5 }, { ...USAGE, source: 'me' }, { ...USAGE, inputAudio: Number.NaN }]) {
    test(JSON.stringify(usage), async () => {
      const { usage: noted, cost, steps: [step] } = await settle(contextOf([observer(() => ({ usage }))]))
      assert.deepEqual([noted, cost?.dollars, step?.outcome], [USAGE, 0.0024, 'error'])
    })
  }
})
