// What the step does of itself; test/journey/cache.test.ts has it in a gateway.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as afterThisTurn } from 'node:timers/promises'
import cache from '../../processors/cache.ts'
import type { Answer, NoAnswer, Question, Responder, Scope, VectorIndex } from '../../sdk/index.ts'
import { fc } from '../law.ts'
import { equipped, LETTERS } from './letters.ts'

const scopeOf = (consumer: string, tags: Scope['tags'] = {}): Scope =>
  ({ direction: 'request', dialect: 'd', route: 'r', model: 'm', consumer, tags, remaining: 10_000 })

function questionOf(text: string, more: Partial<Question> = {}): Question {
  const segment = { id: 0, origin: 'user', trust: 'untrusted', channel: 'text', choice: 0, path: '/x', text } as const
  return { model: 'm', stream: false, segments: [segment], key: `key of ${text}`, setting: 'same', latest: 0, reuse: 'any', ...more }
}

const setUp = async (options: Parameters<typeof cache.setup>[0], equipment = equipped()): Promise<Responder> => cache.setup(options, equipment)

async function respond(step: Responder, text: string, consumer = 'ann', more: Partial<Question> = {}): Promise<readonly [note: string | undefined, text: string | undefined]> {
  const { note, text: answer } = await step.respond(questionOf(text, more), scopeOf(consumer)) as Answer | NoAnswer
  return [note, answer]
}

/** Asks, and answers where the step does not. */
async function walk(step: Responder, text: string, answer: string, consumer = 'ann', more: Partial<Question> = {}) {
  const question = questionOf(text, more)
  const said = await step.respond(question, scopeOf(consumer)) as Answer | NoAnswer
  const learned = await step.learn!(question, said.text === undefined ? { text: answer, usage: undefined } : undefined, scopeOf(consumer))
  return { note: said.note, text: said.text ?? answer, learned }
}

const PASSWORD = 'How do I reset my password?'
const LIKE_IT = 'how can I reset the password'

test('near: a question that means the same is answered, and one that a guard tells apart is not', async () => {
  const step = await setUp({ near: { mode: 'serve', threshold: 0.8 } })
  await walk(step, PASSWORD, 'Click here.')
  assert.deepEqual(await respond(step, LIKE_IT), ['near', 'Click here.'])
  assert.deepEqual(await respond(step, 'How do I not reset my password?'), ['miss', undefined])
  assert.deepEqual(await respond(step, LIKE_IT, 'eve'), ['miss', undefined], 'another consumer')
  assert.deepEqual(await respond(step, LIKE_IT, 'ann', { setting: 'another' }), ['miss', undefined], 'another system prompt')
  assert.deepEqual(await respond(step, LIKE_IT, 'ann', { reuse: 'renew' }), ['off', undefined])
})

test('near: what a tool said, what passes with the day and what is long is asked anew', async () => {
  const step = await setUp({ near: { mode: 'serve', threshold: 0.8 } })
  for (const text of ['What is the weather today?', 'Who is the current king?', 'What is on this week?', 'What is behind https://example.com?', `${'tell me more '.repeat(100)}?`]) {
    await walk(step, text, 'once')
    assert.deepEqual(await respond(step, `${text} `, 'ann'), ['miss', undefined], text)
  }
  const [asked] = questionOf('Reset my password').segments
  const told = { ...asked!, id: 1, origin: 'tool_result' } as const
  await walk(step, 'Reset my password', 'once', 'ann', { segments: [told, asked!] })
  assert.deepEqual(await respond(step, 'Reset the password', 'ann', { segments: [told, asked!] }), ['miss', undefined])
})

test('near in shadow: the upstream is asked, and its answer compared', async () => {
  const step = await setUp({ near: { threshold: 0.8 } })
  await walk(step, PASSWORD, 'Click here.')
  assert.deepEqual(await walk(step, LIKE_IT, 'Click here.'), { note: 'would-near', text: 'Click here.', learned: 'near-alike' })
  assert.deepEqual(await walk(step, 'how do i reset a password', 'zzz'), { note: 'would-near', text: 'zzz', learned: 'near-differs' })
})

test('near: who has to wait too long for the embedder goes on', async () => {
  const step = await setUp({ near: { wait: 1 } }, equipped({ ...LETTERS, embed: () => new Promise(() => {}) }))
  assert.deepEqual(await respond(step, PASSWORD), ['miss', undefined])
})

test('near: an embedder that fails is an error of the step, whose policy has the word', async () => {
  const step = await setUp({ near: {} }, equipped({ ...LETTERS, embed: () => Promise.reject(new Error('down')) }))
  await assert.rejects(async () => step.respond(questionOf(PASSWORD), scopeOf('ann')), /down/)
})

test('near wants the equipment that is there inline', async () => {
  await assert.rejects(async () => cache.setup({ near: {} }), /run: inline/)
})

test('it forgets by consumer, route, model and tag', async () => {
  const step = await setUp({ near: { mode: 'serve', threshold: 0.8 } })
  for (const tag of ['consumer:ann', 'route:r', 'model:m']) {
    await walk(step, PASSWORD, 'Click here.')
    assert.equal(await step.forget!([tag]), 2, tag)
    assert.deepEqual(await respond(step, PASSWORD), ['miss', undefined])
    await step.learn!(questionOf(PASSWORD), undefined, scopeOf('ann'))
  }
})

for (const near of [undefined, { mode: 'serve', threshold: 0.8 } as const]) {
  test(`what was asked before it was forgotten is not learned after${near ? ', nor as near' : ''}`, async () => {
    const step = await setUp({ wait: 0, ...near && { near } })
    const [before, renewed, other] = [questionOf(PASSWORD), questionOf('How do I pay?', { reuse: 'renew' }), questionOf('Is it late?')]
    for (const question of [before, renewed]) await step.respond(question, scopeOf('ann'))
    await step.respond(other, scopeOf('bob'))
    await step.forget!(['consumer:ann'])
    for (const question of [before, renewed]) await step.learn!(question, { text: 'old', usage: undefined }, scopeOf('ann'))
    await step.learn!(other, { text: 'not meant', usage: undefined }, scopeOf('bob'))
    for (const text of [PASSWORD, LIKE_IT, 'How do I pay?']) assert.deepEqual(await respond(step, text), ['miss', undefined], text)
    assert.deepEqual(await respond(step, 'Is it late?', 'bob'), ['hit', 'not meant'])
    await walk(step, PASSWORD, 'new')
    assert.deepEqual(await respond(step, PASSWORD), ['hit', 'new'])
  })
}

test('near: what is forgotten while it is being kept does not stay', async () => {
  const { promise: slow, resolve: goOn } = Promise.withResolvers<void>()
  const indexes: VectorIndex[] = []
  const equipment = equipped()
  const step = await setUp({ near: { mode: 'serve', threshold: 0.8 } }, {
    ...equipment,
    async index(member, embedder) {
      const index = await equipment.index(member, embedder)
      indexes.push(index)
      return { ...index, put: entries => slow.then(() => index.put(entries)) }
    },
  })
  const learned = walk(step, PASSWORD, 'old')
  await afterThisTurn()
  await step.forget!(['model:m'])
  goOn()
  await learned
  assert.equal(await indexes[0]!.size(), 0)
})

test('law: whatever is asked in whichever order, nobody gets what another\'s question was answered with', async () => {
  const texts = [PASSWORD, LIKE_IT, 'how do i reset a password', 'What is a password?']
  const ask = fc.record({ consumer: fc.constantFrom('ann', 'bob', 'eve'), text: fc.constantFrom(...texts), reuse: fc.constantFrom('any', 'renew', 'never') as fc.Arbitrary<Question['reuse']> })
  await fc.assert(fc.asyncProperty(fc.array(ask, { maxLength: 20 }), fc.integer({ min: 1, max: 4 }), async (asks, atOnce) => {
    const step = await setUp({ wait: 5, near: { mode: 'serve', threshold: 0.7 } })
    let count = 0
    for (let at = 0; at < asks.length; at += atOnce) {
      await Promise.all(asks.slice(at, at + atOnce).map(async ({ consumer, text, reuse }) => {
        const got = await walk(step, text, `${consumer}'s ${++count}`, consumer, { reuse })
        assert.ok(got.text.startsWith(`${consumer}'s `), `${consumer} got ${got.text}`)
      }))
    }
  }), { numRuns: 100 })
})
