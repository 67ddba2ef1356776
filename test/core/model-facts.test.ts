import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KNOWN_MODELS } from '../../core/known-models.ts'
import { ModelBook } from '../../core/model-facts.ts'
import type { ModelFacts } from '../../sdk/index.ts'

const cases: readonly (readonly [model: string, facts: ModelFacts])[] = [
  ['claude-3-haiku-20240307', { maxOutput: 4096, context: 200_000, thinking: 'none' }],
  ['claude-3-5-sonnet-v2@20241022', { maxOutput: 8192, context: 200_000, thinking: 'none' }],
  ['claude-3-7-sonnet-latest', { maxOutput: 64_000, context: 200_000, thinking: 'budget' }],
  ['claude-opus-4-20250514', { maxOutput: 32_000, context: 200_000, thinking: 'budget' }],
  ['claude-opus-4@20250514', { maxOutput: 32_000, context: 200_000, thinking: 'budget' }],
  ['us.anthropic.claude-opus-4-1-20250805-v1:0', { maxOutput: 32_000, context: 200_000, thinking: 'budget' }],
  ['claude-sonnet-4-0', { maxOutput: 64_000, context: 200_000, thinking: 'budget' }],
  ['eu.anthropic.claude-sonnet-4-5-20250929-v1:0', { maxOutput: 64_000, context: 200_000, thinking: 'budget' }],
  ['claude-opus-4-6', { maxOutput: 128_000, context: 1_000_000, thinking: 'adaptive' }],
  ['claude-haiku-5-5', { maxOutput: 128_000, context: 1_000_000, thinking: 'adaptive' }],
  ['gemini-2.5-flash', { maxOutput: 65_536, context: 1_048_576, thinking: 'budget' }],
  ['gemini-2.5-flash-image', { maxOutput: 32_768, thinking: 'none' }],
  ['gemini-3.8-flash', { maxOutput: 65_536, context: 1_048_576, thinking: 'effort' }],
  ['gpt-4o', { maxOutput: 16_384, context: 128_000, thinking: 'none' }],
  ['gpt-5-mini', { maxOutput: 128_000, context: 400_000, thinking: 'effort' }],
  ['gpt-5-chat-latest', { maxOutput: 16_384, context: 128_000, thinking: 'none' }],
  ['gpt-5.9-not-yet', { thinking: 'effort' }],
  ['o3', { maxOutput: 100_000, context: 200_000, thinking: 'effort' }],
  ['llama3', {}],
  ['constructor', {}],
  ['', {}],
]
for (const [model, facts] of cases) {
  test(`what is known of ${model === '' ? 'no name' : model}`, () => assert.deepEqual(new ModelBook({}).find(model), facts))
}

test('every entry of the table is reached: none before it takes all its names', () => {
  for (const [glob, facts] of KNOWN_MODELS) {
    const found = new ModelBook({}).find(glob.replaceAll('*', ''))
    assert.deepEqual(found, { ...found, ...facts }, glob)
  }
})

test("the operator's word is stronger, field by field; the first that matches holds", () => {
  const book = new ModelBook({ 'gpt-4o-mini': { maxOutput: 5 }, 'gpt-4o*': { context: 7, thinking: 'effort' }, 'mine': { thinking: 'budget' } })
  assert.deepEqual(book.find('gpt-4o-mini'), { maxOutput: 5, context: 128_000, thinking: 'none' })
  assert.deepEqual(book.find('gpt-4o'), { maxOutput: 16_384, context: 7, thinking: 'effort' })
  assert.deepEqual(book.find('mine'), { thinking: 'budget' })
})

test('a model is looked up once, and only so many are remembered', () => {
  const book = new ModelBook({})
  const known = book.find('gpt-4o')
  assert.equal(book.find('gpt-4o'), known)
  for (let i = 0; i < 1000; i++) book.find(`any ${i}`)
  assert.notEqual(book.find('gpt-4o'), known)
  assert.deepEqual(book.find('gpt-4o'), known)
})
