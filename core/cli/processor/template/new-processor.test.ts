// What new-processor finds, and that it keeps the contract: whole and streamed, in every dialect, cut in many places.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Scope, Segment } from 'gatehouse/sdk'
import { printable, testProcessor } from 'gatehouse/sdk/testing'
import processor, { samples } from './new-processor.ts'

/** As they would stand in the config. */
const options = { words: ['Blue Heron'] }

const segment: Segment = { id: 1, origin: 'assistant', trust: 'trusted', channel: 'text', choice: 0, path: '', text: '' }
const scope: Scope = {
  direction: 'response', dialect: 'openai-chat', route: '', model: '', consumer: '', tags: {}, remaining: 1000,
}

/** The pieces of a text that it finds. */
async function found(text: string): Promise<string[]> {
  const { inspect } = await processor.setup(options)
  const findings = await inspect([{ ...segment, text }], scope)
  return findings.map(({ start, end }) => text.slice(start, end))
}

test('finds every place, and nothing else', async () => {
  assert.deepEqual(await found('Blue Heron? Yes, Blue Heron.'), ['Blue Heron', 'Blue Heron'])
  assert.deepEqual(await found('A heron is blue.'), [])
})

test('keeps the contract', async () => {
  const result = await testProcessor(join(import.meta.dirname, 'new-processor.ts'), { options, samples })
  assert.ok(result.ok, printable(result))
})
