import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fold } from '../../../../core/fold.ts'
import gemini from '../../../../core/translation/gemini.ts'
import { readLogprobs } from '../../../../core/translation/openai-chat/logprob.ts'
import chat from '../../../../core/translation/openai-chat.ts'
import responses from '../../../../core/translation/openai-responses.ts'
import type { Block, CanonicalAnswer, CanonicalEvent, TokenLogprob } from '../../../../sdk/index.ts'
import { fc } from '../../../law.ts'
import { SETTINGS, readStream, writeStream } from '../law.ts'

const probability = fc.integer({ min: -900, max: 0 }).map(hundredths => hundredths / 100 + 0)
const other = fc.record({ token: fc.constantFrom('Hi', ' ', 'é', '"'), logprob: probability }, { noNullPrototype: true })
const token: fc.Arbitrary<TokenLogprob> = fc.record({ token: fc.constantFrom('Rome', ' is', '日'), logprob: probability, top: fc.array(other, { maxLength: 2 }) }, { noNullPrototype: true })
const pieces = fc.array(fc.record({ said: fc.constantFrom('a', 'Rome', '日'), tokens: fc.array(token, { maxLength: 2 }) }), { minLength: 1, maxLength: 4 })
const at = { choice: 0, block: 0 }

for (const translation of [chat, responses, gemini]) {
  describe(`tokens in ${translation.name}`, () => {
    test('written and read, whole and streamed, they are what they were, in their order', () => {
      fc.assert(fc.property(pieces, all => {
        const logprobs = all.flatMap(({ tokens }) => tokens)
        const block: Block = { kind: 'text', text: all.map(({ said }) => said).join(''), ...(logprobs.length > 0 && { logprobs }) }
        const finish = { stop: 'end', raw: '' } as const
        const answer: CanonicalAnswer = { id: 'a', model: 'm', created: 1, choices: [{ index: 0, blocks: [block], finish }] }
        const events: CanonicalEvent[] = [
          { event: 'start', id: 'a', model: 'm' }, { event: 'block', ...at, kind: 'text' },
          ...all.map(({ said, tokens }) => ({ event: 'delta', ...at, text: said, ...(tokens.length > 0 && { logprobs: tokens }) }) as const),
          // Half of a character: a token without text.
          { event: 'delta', ...at, text: '', logprobs: [{ token: '?', logprob: -1, top: [] }] },
          { event: 'stop', ...at }, { event: 'finish', choice: 0, finish }, { event: 'end' },
        ]
        assert.deepEqual(translation.readAnswer(JSON.parse(translation.writeAnswer(answer, SETTINGS))).choices[0]?.blocks, [block])
        const streamed = fold(readStream(translation, writeStream(translation, events))).answer
        assert.deepEqual(streamed.choices[0]?.blocks, [{ ...block, logprobs: [...logprobs, { token: '?', logprob: -1, top: [] }] }])
      }))
    })

    test('who asks for them is asked on their behalf', () => {
      for (const logprobs of [0, 3]) {
        const asked = { model: 'm', stream: false }
        const { body } = translation.writeRequest({ ...SETTINGS.request, logprobs }, {})
        const read = translation.readRequest(JSON.parse(body), asked)
        assert.deepEqual([read.logprobs, read.rest.fields], [logprobs, {}])
      }
    })
  })
}

test('models that think are not asked, and the client hears of it', () => {
  for (const translation of [chat, responses]) {
    const { body, warnings } = translation.writeRequest({ ...SETTINGS.request, logprobs: 2 }, { thinking: 'effort' })
    assert.doesNotMatch(body, /logprobs/)
    assert.deepEqual(warnings.map(({ field, action }) => [field, action]), [['logprobs', 'dropped']])
  }
})

test('what a client does not want is nothing to warn of', () => {
  for (const unasked of [{ logprobs: false }, { logprobs: null }, { modalities: ['text'] }]) {
    const { rest, logprobs } = chat.readRequest({ messages: [{ role: 'user', content: 'Hi' }], ...unasked }, { model: 'm', stream: false })
    assert.deepEqual([rest.fields, logprobs], [{}, undefined])
  }
})

test('bytes are kept where they are bytes, and what has no number is no token', () => {
  assert.deepEqual(readLogprobs([
    { token: 'é', logprob: -1, bytes: [195, 169], top_logprobs: [{ token: 'e', logprob: -2, bytes: null }, { token: 'x' }] },
    { token: 7, logprob: 0, bytes: ['x'] }, { token: 'x' }, null,
  ]), [
    { token: 'é', logprob: -1, bytes: [195, 169], top: [{ token: 'e', logprob: -2 }] }, { token: '', logprob: 0, top: [] },
  ])
  for (const none of [undefined, null, 'x', {}]) assert.deepEqual(readLogprobs(none), [])
})
