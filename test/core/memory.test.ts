import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Finding } from '../../sdk/index.ts'
import { Memory } from '../../core/memory.ts'
import { SCOPE, segmentOf, stepOf } from './toy-step.ts'

const TEXT = 'A text that is long enough to be worth a look into the memory, or two.'
const step = stepOf({ inspect: () => [] }, { remembers: true })
const found: Finding = { segment: 0, start: 2, end: 6, type: 'word' }
const memory = (most = 10): Memory => new Memory('a secret', most)

test('a verdict is known again, and so is that nothing was found', () => {
  const verdicts = memory()
  const key = verdicts.keyOf(step, SCOPE, segmentOf(TEXT))
  assert.equal(verdicts.recall(key), undefined)
  verdicts.keep(key, [found])
  assert.deepEqual(verdicts.recall(key), [found])
  verdicts.keep(key, [])
  assert.deepEqual(verdicts.recall(key), [])
})

test('a key depends on neither id, place in the body nor time', () => {
  const verdicts = memory()
  const key = verdicts.keyOf(step, SCOPE, segmentOf(TEXT))
  const elsewhere = { ...segmentOf(TEXT, 9), path: '/messages/3/content', choice: 2 }
  assert.equal(verdicts.keyOf({ ...step }, { ...SCOPE, remaining: 3 }, elsewhere), key)
})

const OTHERS: readonly (readonly [string, Parameters<Memory['keyOf']>])[] = [
  ['text', [step, SCOPE, segmentOf(`${TEXT} `)]],
  ['origin', [step, SCOPE, { ...segmentOf(TEXT), origin: 'user' }]],
  ['channel', [step, SCOPE, { ...segmentOf(TEXT), channel: 'reasoning' }]],
  ['consumer', [step, { ...SCOPE, consumer: 'd' }, segmentOf(TEXT)]],
  ['route', [step, { ...SCOPE, route: 'd' }, segmentOf(TEXT)]],
  ['model', [step, { ...SCOPE, model: 'd' }, segmentOf(TEXT)]],
  ['dialect', [step, { ...SCOPE, dialect: 'e' }, segmentOf(TEXT)]],
  ['direction', [step, { ...SCOPE, direction: 'request' }, segmentOf(TEXT)]],
  ['step', [{ ...step, identity: 'another' }, SCOPE, segmentOf(TEXT)]],
]

for (const [what, other] of OTHERS) {
  test(`another ${what} has another key`, () => {
    const verdicts = memory()
    assert.notEqual(verdicts.keyOf(...other), verdicts.keyOf(step, SCOPE, segmentOf(TEXT)))
  })
}

test('a key tells nothing of the text to whoever has no secret', () => {
  const key = memory().keyOf(step, SCOPE, segmentOf(TEXT))
  assert.match(key, /^[A-Za-z0-9+/]{43}=$/)
  assert.notEqual(new Memory('another', 10).keyOf(step, SCOPE, segmentOf(TEXT)), key)
})

test('short texts are not kept: they are judged faster than looked up', () => {
  const verdicts = memory()
  assert.notEqual(verdicts.keyOf(step, SCOPE, segmentOf('x'.repeat(64))), '')
  const key = verdicts.keyOf(step, SCOPE, segmentOf('x'.repeat(63)))
  verdicts.keep(key, [found])
  assert.equal(verdicts.recall(key), undefined)
})

test('a text full of findings is not kept', () => {
  const verdicts = memory()
  verdicts.keep('at most', Array.from({ length: 100 }, () => found))
  verdicts.keep('too many', Array.from({ length: 101 }, () => found))
  assert.equal(verdicts.recall('at most')?.length, 100)
  assert.equal(verdicts.recall('too many'), undefined)
})

test('beyond its bound the least used verdict goes', () => {
  const verdicts = memory(3)
  for (const key of ['a', 'b', 'c']) verdicts.keep(key, [found])
  verdicts.recall('a')
  verdicts.keep('d', [])
  assert.deepEqual(['a', 'b', 'c', 'd'].filter(key => verdicts.recall(key) !== undefined), ['a', 'c', 'd'])
  for (let i = 0; i < 1000; i++) verdicts.keep(String(i), [])
  assert.deepEqual(['a', 'c', 'd', '996', '997', '998', '999'].filter(key => verdicts.recall(key) !== undefined), ['997', '998', '999'])
})
