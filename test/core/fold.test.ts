import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import { fold, unfold } from '../../core/fold.ts'
import type { CanonicalEvent } from '../../sdk/index.ts'
import { answers, inPieces } from './translation/law.ts'

test('what an answer unfolds to folds to it again, for every cut', () => {
  fc.assert(fc.property(answers, fc.integer({ min: 1, max: 4 }), (answer, size) => {
    assert.deepEqual(fold(unfold(answer)), { answer, error: undefined, ended: true })
    assert.deepEqual(fold(inPieces(answer, size)).answer, answer)
  }))
})

const start: CanonicalEvent = { event: 'start', id: 'a', model: 'm' }
const block: CanonicalEvent = { event: 'block', choice: 0, block: 0, kind: 'text' }
const delta: CanonicalEvent = { event: 'delta', choice: 0, block: 0, text: 'x' }
const stop: CanonicalEvent = { event: 'stop', choice: 0, block: 0 }
const citation: CanonicalEvent = { event: 'citation', choice: 0, block: 0, citation: { url: 'https://example.com' } }
const finish: CanonicalEvent = { event: 'finish', choice: 0, finish: { stop: 'end', raw: 'stop' } }
const end: CanonicalEvent = { event: 'end' }

for (const [name, events, problem] of [
  ['nothing comes before the start', [block], /before the start/],
  ['nor a second start', [start, start], /second start/],
  ['a piece of no block', [start, delta], /not open/],
  ['a piece of a block that stopped', [start, block, stop, delta], /not open/],
  ['a block out of its turn', [start, { ...block, block: 1 }], /0 is next/],
  ['an end with a block open', [start, block, end], /open/],
  ['a second finish', [start, finish, finish], /second finish/],
  ['a source of no text', [start, { ...block, kind: 'reasoning' }, citation], /no text/],
  ['a source after the finish', [start, block, stop, finish, citation], /no text/],
  ['anything after the end', [start, finish, end, end], /after the end/],
] as const) {
  test(`no stream may have: ${name}`, () => assert.throws(() => fold(events), problem))
}

test('sources and tokens stand with their text, also those that come when it has stopped', () => {
  const token = { token: 'x', logprob: -1, top: [] }
  const { answer } = fold([start, block, { ...delta, logprobs: [token] }, { ...delta, text: '', logprobs: [token] }, citation, stop, citation, finish, end])
  const source = { url: 'https://example.com' }
  assert.deepEqual(answer.choices[0]!.blocks, [{ kind: 'text', text: 'x', citations: [source, source], logprobs: [token, token] }])
  assert.deepEqual(fold(unfold(answer)).answer, answer)
})

test('a stream that broke off, or failed, is no whole answer', () => {
  assert.deepEqual([fold([start, block, delta]).ended, fold([start, block, delta]).answer.choices[0]!.finish.stop], [false, 'error'])
  const error = { failure: 'overloaded', message: 'no' } as const
  assert.deepEqual(fold([start, block, { event: 'error', error }]).error, error)
  assert.deepEqual(fold([{ event: 'error', error }]).answer.choices, [])
})
