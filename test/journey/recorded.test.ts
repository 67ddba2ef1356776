import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fc } from '../law.ts'
import { fold } from '../../core/fold.ts'
import { dialectNames, loadTranslation, translationNames } from '../../core/registry.ts'
import type { CanonicalAnswer, CanonicalEvent } from '../../sdk/index.ts'
import { answers, inPieces, readStream, REQUEST, SETTINGS, writeStream } from '../core/translation/law.ts'
import { FEATURES } from '../core/translation/matrix.ts'
import { judgeOf } from '../core/translation/recorded-schema.ts'
import { plain, truthOf, type Shape, type Truth } from '../core/translation/recorded-truth.ts'
import { filesIn, framesOf, NO_CHAT, recordingsIn, SHORTENED, toldIn } from '../core/translation/recorded.ts'

const DATA = process.env['GATEHOUSE_DATA']

if (DATA === undefined) {
  const skip = 'GATEHOUSE_DATA names no folder of recorded answers'
  test('every recorded answer comes through', { skip }, () => undefined)
} else {
  const files = filesIn(DATA)
  const judge = judgeOf(DATA)
  const clients = await Promise.all(dialectNames().filter(name => translationNames().includes(name)).map(loadTranslation))
  const reasons = Object.keys(NO_CHAT)
  const chats = files.filter(file => !reasons.some(start => file.startsWith(start)))
  for (const recording of chats.flatMap(file => recordingsIn(DATA, file))) {
    const { name, shape, streamed, told } = recording
    describe(name, async () => {
      const provider = await loadTranslation(shape)
      const truth = truthOf(shape, streamed, told)
      const same = (found: Truth, expected = truth): void =>
        assert.deepEqual(SHORTENED.includes(name) ? { ...found, said: truth.said } : found, expected)
      const events = streamed ? readStream(provider, framesOf(recording)) : []
      const folded = streamed ? fold(events) : undefined
      const answer = folded?.answer ?? provider.readAnswer(told[0])

      test('reads as what it says', () => {
        if (folded !== undefined) assert.deepEqual([folded.error, folded.ended], [undefined, true])
        same(heard(answer))
      })
      for (const client of clients) {
        test(`comes through to a client of ${client.name}`, () => {
          const written = streamed ? toldIn(writeStream(client, events)) : [parsed(client.writeAnswer(answer, SETTINGS))]
          same(truthOf(client.name as Shape, streamed, written), toldBy(client.name as Shape, truth))
          const faults = written.flatMap(one => streamed ? judge.frame(client.name, one) : judge.whole(client.name, one))
          assert.deepEqual(faults, [])
        })
      }
    })
  }

  test('what is no chat is there, and told with its reason', () => {
    assert.deepEqual(reasons.filter(start => !files.some(file => file.startsWith(start))), [])
  })

  for (const client of clients.filter(({ name }) => judge.describes(name))) {
    test(`whatever is written for a client of ${client.name} is as described`, () => {
      const requests = FEATURES.map(({ request }) => ({ ...REQUEST, ...request }))
      fc.assert(fc.property(answers, fc.constantFrom(...requests), fc.nat(30), (answer, request, at) => {
        const settings = { ...SETTINGS, request }
        const events = inPieces(answer, 3)
        assert.deepEqual(judge.whole(client.name, parsed(client.writeAnswer(answer, settings))), [])
        const error: CanonicalEvent = { event: 'error', error: { failure: 'overloaded', message: 'too many' } }
        const failed = [...events.slice(0, at % events.length), error]
        const frames = [...writeStream(client, events, settings), ...writeStream(client, failed, settings)]
        assert.deepEqual(toldIn(frames).flatMap(one => judge.frame(client.name, one)), [])
      }))
    })
  }

  test('the judge finds fault with what is not as described', () => {
    const chat = { id: 'i', object: 'chat.completion', created: 1, model: 'm', choices: [] }
    const message = { role: 'assistant', content: 'x', refusal: null }
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: 7 } }
    const choice = { index: 0, finish_reason: 'stop', logprobs: null, message: { ...message, tool_calls: [call] } }
    const piece = { index: 0, delta: { content: 1 }, finish_reason: null }
    const faults = [
      judge.whole('openai-chat', { ...chat, usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: '2' } }),
      judge.whole('openai-chat', { ...chat, choices: [choice] }),
      judge.whole('openai-responses', { id: 'i', object: 'response', output: [] }),
      judge.frame('openai-chat', { ...chat, object: 'chat.completion.chunk', choices: [piece] }),
      judge.frame('openai-responses', { type: 'response.output_text.delta', sequence_number: 1, delta: 'x' }),
      judge.frame('openai-responses', { type: 'response.later', sequence_number: 1 }),
    ]
    assert.deepEqual(faults.filter(found => found.length === 0), [])
    assert.deepEqual(judge.whole('openai-chat', { ...chat, choices: [{ ...choice, message }] }), [])
  })

  test('a recorded error is what the request has done wrong', async () => {
    const body = parsed(readFileSync(join(DATA, 'wire/openai/reasoning-model-legacy-parameter-error.json'), 'utf8'))
    for (const name of ['openai-chat', 'openai-responses']) {
      const { failure, message } = (await loadTranslation(name)).readError(400, body)
      assert.equal(failure, 'bad_request')
      assert.match(message, /^Unsupported parameter/)
    }
  })
}

function parsed(body: string): unknown {
  return JSON.parse(body)
}

/** What of a truth a format has words for: Gemini does not count what was put into a cache. */
function toldBy(client: Shape, truth: Truth): Truth {
  return client === 'gemini' ? { ...truth, usage: { ...truth.usage, cacheWrite: 0 } } : truth
}

/** What an answer says in the canonical form. */
function heard({ choices, usage }: CanonicalAnswer): Truth {
  const { blocks, finish } = choices[0]!
  const calls = blocks.flatMap(one => one.kind === 'tool_call' ? [[one.name, parsed(one.args || '{}')] as const] : [])
  const { input = 0, output = 0, cacheRead = 0, cacheWrite = 0, reasoning = 0 } = usage ?? {}
  return {
    usage: { input, output, cacheRead, cacheWrite, reasoning }, stop: plain(finish.stop, calls.length),
    said: blocks.map(one => one.kind === 'text' || one.kind === 'refusal' ? one.text : '').join(''), calls,
  }
}
