import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import type { Finding } from '../../sdk/index.ts'
import type { Context } from '../../core/context.ts'
import { Conversation, maskOf } from '../../core/conversation.ts'
import chat from '../../core/dialect/openai-chat.ts'
import { runGroup } from '../../core/group.ts'
import { Scanner } from '../../core/json-tape.ts'
import { read } from '../../core/reading.ts'
import { Blocked, type Step } from '../../core/step.ts'
import { Vault } from '../../core/vault.ts'
import { stepOf } from './toy-step.ts'

type Span = readonly [start: number, end: number, more?: Partial<Finding>]

/** One member: what it finds in the one text, or how it fails. */
interface Part extends Partial<Step> {
  readonly spans: readonly Span[] | Error
}

/** Members answer when they are told to. */
function stage(text: string, parts: readonly Part[], message: object = { role: 'user', content: text }) {
  const scanner = new Scanner()
  const tape = scanner.scan(Buffer.from(JSON.stringify({ model: 'm', messages: [message] })), { depth: 9 })
  const conversation = new Conversation(tape, read(tape, chat.request), chat, scanner)
  const context = {
    steps: [], gateway: { memory: undefined, explains: false }, vault: new Vault('secret', 'c'), remaining: 1000,
    dialect: chat, route: { name: 'r' }, model: 'm', consumer: { name: 'c', tags: {} },
  }
  const gates = parts.map(() => Promise.withResolvers<void>())
  const steps = parts.map(({ spans, ...more }, index) => stepOf({
    async inspect([segment]) {
      await gates[index]!.promise
      if (spans instanceof Error) throw spans
      return spans.map(([start, end, other]) => ({ segment: segment!.id, start, end, type: 'word', action: 'replace', ...other }))
    },
  }, { name: `step-${index}`, reads: maskOf({ origins: ['user'], channels: ['text'] }), ...more }))
  const { steps: records } = context as unknown as Context
  return {
    records, gates,
    running: runGroup(context as unknown as Context, steps, conversation, 'request'),
    get text() { return conversation.text(0) },
  }
}

/** What comes of a group whose members answer in the given order. */
async function play(text: string, parts: readonly Part[], order: readonly number[]) {
  const staged = stage(text, parts)
  const outcome = staged.running.then(() => 'done', (error: unknown) => error instanceof Error ? error.message : '')
  for (const index of order) {
    staged.gates[index]!.resolve()
    await new Promise(setImmediate)
  }
  const ended = await outcome
  return { ended, text: staged.text, records: staged.records.map(record => ({ ...record, ms: 0 })) }
}

const TEXT = 'abcdefghij'
const span = fc.tuple(fc.nat(9), fc.integer({ min: 1, max: 10 }), fc.record({
  type: fc.constantFrom('x', 'y', 'z'), score: fc.constantFrom(0.2, 0.9),
  action: fc.constantFrom('annotate' as const, 'mask' as const, 'replace' as const, 'tokenize' as const, 'block' as const),
})).map(([start, length, more]): Span => [start, Math.min(10, start + length), more])
const mode = fc.constantFrom('enforce' as const, 'enforce' as const, 'shadow' as const)
const onError = fc.constantFrom('open' as const, 'closed' as const)
const part: fc.Arbitrary<Part> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ spans: fc.array(span, { maxLength: 3 }), mode }) },
  { weight: 1, arbitrary: fc.record({ spans: fc.constant(new Error('boom')), onError }) },
)

test('whoever answers first, what comes of a group is what its order says', async () => {
  const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 })
  await fc.assert(fc.asyncProperty(fc.tuple(part, part, part), order, async (parts, places) => {
    const inOrder = await play(TEXT, parts, [0, 1, 2])
    const shuffled = await play(TEXT, parts, places)
    assert.equal(shuffled.ended, inOrder.ended)
    assert.equal(shuffled.text, inOrder.text)
    if (inOrder.ended === 'done') assert.deepEqual(shuffled.records, inOrder.records)
  }), { numRuns: 100 })
})

for (const [what, first, second, expected] of [
  ['overlapping findings become one', [[0, 4, { type: 'x' }]], [[2, 6, { type: 'y' }]], '[X]ghij'],
  ['the longer gives the name', [[0, 3, { type: 'x' }]], [[2, 8, { type: 'y' }]], '[Y]ij'],
  ['of equal ones, the higher score', [[0, 4, { type: 'x', score: 0.5 }]], [[0, 4, { type: 'y', score: 0.6 }]], '[Y]efghij'],
  ['of equal scores, the earlier step', [[2, 6, { type: 'x' }]], [[0, 4, { type: 'y' }]], '[X]ghij'],
  ['what only touches stays apart', [[0, 4, { type: 'x' }]], [[4, 6, { type: 'y' }]], '[X][Y]ghij'],
  ['an edit counts more than a note', [[0, 6, { type: 'x', action: 'annotate' }]], [[2, 4, { type: 'y' }]], '[X]ghij'],
  ['what one allows, the other may still edit', [[0, 6, { type: 'x', action: 'allow' }]], [[2, 4, { type: 'y' }]], 'ab[Y]efghij'],
] as const) {
  test(`findings of members are merged: ${what}`, async () => {
    const { ended, text, records } = await play(TEXT, [{ spans: first }, { spans: second }], [1, 0])
    assert.deepEqual([ended, text], ['done', expected])
    assert.deepEqual(records.map(({ step }) => step), ['step-0', 'step-1'])
  })
}

test('members read one snapshot: none sees what another edits', async () => {
  const { text, records } = await play(TEXT, [{ spans: [[0, 4]] }, { spans: [[6, 10]] }], [0, 1])
  assert.equal(text, '[WORD]ef[WORD]')
  assert.deepEqual(records.map(({ scanned }) => scanned), [10, 10])
})

test('a block cancels those after it, and waits for none of them', async () => {
  const staged = stage(TEXT, [{ spans: [] }, { spans: [[0, 1, { action: 'block' }]] }, { spans: [] }, { spans: new Error('late') }])
  staged.gates[1]!.resolve()
  staged.gates[0]!.resolve()
  await assert.rejects(staged.running, (error: unknown) => error instanceof Blocked && error.step.name === 'step-1')
  assert.deepEqual(staged.records.map(({ outcome, reason }) => [outcome, reason]), [
    ['pass', ''], ['block', ''], ['skipped', 'step-1 ended the exchange before'], ['skipped', 'step-1 ended the exchange before'],
  ])
  staged.gates[3]!.resolve()
  staged.gates[2]!.resolve()
  await new Promise(setImmediate)
})

test('a block waits for those before it: the first that blocks is the one that is named', async () => {
  const { ended, records } = await play(TEXT, [
    { spans: [[0, 1, { action: 'block' }]], blockResponse: { status: 400, style: 'error', message: 'first' } },
    { spans: [[0, 1, { action: 'block' }]], blockResponse: { status: 400, style: 'error', message: 'second' } },
  ], [1, 0])
  assert.equal(ended, 'first')
  assert.equal(records[0]!.outcome, 'block')
})

test('what cannot be edited blocks, and the record of the member that found it says why', async () => {
  const message = { role: 'assistant', tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: '{"n":4111}' } }] }
  const reads = maskOf({ origins: ['assistant'], channels: ['tool_args'] })
  const staged = stage('', [{ spans: [], reads }, { spans: [[3, 7]], reads }], message)
  for (const gate of staged.gates) gate.resolve()
  await assert.rejects(staged.running, (error: unknown) => error instanceof Blocked && error.step.name === 'step-1')
  assert.deepEqual(staged.records.map(({ outcome, reason }) => [outcome, reason]), [
    ['pass', ''], ['block', 'found where nothing can be edited'],
  ])
})

test('a member in shadow neither edits nor blocks, and its record says what it would have done', async () => {
  const { ended, text, records } = await play(TEXT, [
    { spans: [[0, 4, { action: 'block', type: 'x' }]], mode: 'shadow' }, { spans: [[2, 3]] },
  ], [0, 1])
  assert.deepEqual([ended, text], ['done', 'ab[WORD]defghij'])
  assert.deepEqual(records.map(({ outcome }) => outcome), ['block', 'edit'])
})

test('a member that fails open leaves the others their say; one that fails closed ends the exchange', async () => {
  const { ended, text, records } = await play(TEXT, [{ spans: new Error('boom'), onError: 'open' }, { spans: [[0, 4]] }], [1, 0])
  assert.deepEqual([ended, text], ['done', '[WORD]efghij'])
  assert.deepEqual(records.map(({ outcome, reason }) => [outcome, reason]), [['error', 'crash, open'], ['edit', '']])
  const closed = await play(TEXT, [{ spans: new Error('boom') }, { spans: [[0, 4]] }], [1, 0])
  assert.match(closed.ended, /"step-0" failed/)
  assert.equal(closed.text, TEXT)
  assert.deepEqual(closed.records.map(({ outcome }) => outcome), ['error', 'skipped'])
})
