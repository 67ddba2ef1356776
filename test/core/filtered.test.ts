import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endsFiltered, isFiltered } from '../../core/filtered.ts'
import type { Block, CanonicalChoice, Stop } from '../../sdk/index.ts'

const TEXT: Block = { kind: 'text', text: 'So far' }
const NO: Block = { kind: 'refusal', text: 'I would rather not.' }
const choice = (stop: Stop, ...blocks: Block[]): CanonicalChoice => ({ index: 0, blocks, finish: { stop, raw: '' } })

const cases: readonly (readonly [name: string, filtered: boolean, ...choices: CanonicalChoice[]])[] = [
  ['nothing', true, choice('filter')],
  ['a text that was cut', true, choice('filter', TEXT)],
  ["Anthropic's word for it", true, choice('refusal')],
  ['what the model refuses in its own words', false, choice('refusal', NO)],
  ['one choice of two', false, choice('filter'), choice('end', TEXT)],
  ['both of them', true, choice('filter'), choice('filter')],
  ['an end', false, choice('end')],
  ['no choice at all', false],
]

for (const [name, filtered, ...choices] of cases) {
  test(`${name}: ${filtered ? '' : 'not '}filtered`, () => {
    assert.equal(isFiltered({ id: '', model: 'm', choices }), filtered)
  })
}

test('a stream that begins with its end by a filter, and with nothing else', () => {
  assert.equal(endsFiltered({ event: 'finish', choice: 0, finish: { stop: 'filter', raw: '' } }), true)
  assert.equal(endsFiltered({ event: 'finish', choice: 0, finish: { stop: 'end', raw: '' } }), false)
  assert.equal(endsFiltered({ event: 'block', choice: 0, block: 0, kind: 'text' }), false)
})
