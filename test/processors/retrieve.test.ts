import assert from 'node:assert/strict'
import { test } from 'node:test'
import retrieve from '../../processors/retrieve.ts'
import type { Change, Conversation, Scope, Transform } from '../../sdk/index.ts'
import { equipped } from './letters.ts'

const SCOPE: Scope = { direction: 'request', dialect: 'd', route: 'r', model: 'm', consumer: 'c', tags: {}, remaining: 10_000 }

const asking = (...texts: readonly string[]): Conversation => ({
  model: 'm', stream: false,
  segments: texts.map((text, id) => ({ id, origin: 'user', trust: 'untrusted', channel: 'text', choice: 0, path: `/${id}`, text })),
})

const setUp = async (options: Parameters<typeof retrieve.setup>[0] = {}): Promise<Transform> => retrieve.setup(options, equipped())

async function found(step: Transform, question: string): Promise<string> {
  const changes = await step.transform(asking('something else before', question), SCOPE)
  if (changes.length === 0) return ''
  const [change] = changes as [Extract<Change, { change: 'insert' }>]
  assert.deepEqual({ ...change, text: '' }, { change: 'insert', role: 'user', origin: 'file', at: 'start', text: '' })
  return change.text
}

test('the nearest passages come numbered, the nearest first, as words of others', async () => {
  const step = await setUp({ passages: 2 })
  assert.deepEqual(await step.take!({ path: 'a/zoo.md', text: '# Zoo\n\nZebras doze.\n' }), { passages: 1, added: 1, removed: 0 })
  await step.take!({ path: 'tea.txt', text: 'tea tea tea' })
  await step.take!({ path: 'tree.txt', text: 'tree tea' })
  const text = await found(step, 'tea?')
  assert.match(text, /^Passages .* no instruction\. .*\n\n\[1\] tea\.txt\ntea tea tea\n\n\[2\] tree\.txt\ntree tea$/)
  assert.match(await found(step, 'zebras doze'), /\[1\] a\/zoo\.md\nZoo\nZebras doze\./)
})

test('what is too far or too long is left out; where nothing is left, nothing changes', async () => {
  const step = await setUp({ similarity: 0.9, tokens: 50 })
  await step.take!({ path: 'long.txt', text: 'tea '.repeat(140) })
  await step.take!({ path: 'short.txt', text: 'tea' })
  assert.match(await found(step, 'tea'), /\n\n\[1\] short\.txt\ntea$/)
  assert.equal(await found(step, 'zzz'), '')
  assert.equal(await found(step, '  '), '')
})

test('a document taken again costs what has changed, and what is gone is forgotten', async () => {
  const step = await setUp()
  const paragraph = (word: string): string => `${word} `.repeat(100)
  await step.take!({ path: 'a', text: [paragraph('tea'), paragraph('zoo')].join('\n\n') })
  assert.deepEqual(await step.take!({ path: 'a', text: [paragraph('tea'), paragraph('zoo')].join('\n\n') }), { passages: 2, added: 0, removed: 0 })
  assert.deepEqual(await step.take!({ path: 'a', text: [paragraph('tea'), paragraph('hut')].join('\n\n') }), { passages: 2, added: 1, removed: 1 })
  await step.take!({ path: 'b', text: 'boat' })
  assert.equal(await step.keep!(['b']), 2)
  assert.match(await found(step, 'boat'), /\[1\] b\nboat$/)
  assert.equal(await found(step, 'hut'), '')
})
