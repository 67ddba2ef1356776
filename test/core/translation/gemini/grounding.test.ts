import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fold } from '../../../../core/fold.ts'
import { converted } from '../../../../core/translation/gemini/grounding.ts'
import gemini from '../../../../core/translation/gemini.ts'
import type { Block } from '../../../../sdk/index.ts'
import { fc } from '../../../law.ts'
import { readStream } from '../law.ts'

const web = (uri: string, title: string): object => ({ web: { uri, title } })
const support = (endIndex: number, indices: readonly unknown[], more: object = {}): object => ({ segment: { endIndex, ...more }, groundingChunkIndices: indices })
const A = { url: 'https://a.example', title: 'A' }
const B = { url: 'https://b.example', title: 'B' }
const CHUNKS = [web(A.url, A.title), web(B.url, B.title)]

/** The blocks of candidates that came as frames, or as one body. */
const blocksOf = (...candidates: readonly object[]): readonly Block[] => {
  const frames = candidates.map(candidate => ({ payload: JSON.stringify({ candidates: [candidate], responseId: 'r', modelVersion: 'm' }) }))
  return fold(readStream(gemini, frames)).answer.choices[0]?.blocks ?? []
}
const parts = (...texts: readonly object[]): object => ({ content: { role: 'model', parts: texts }, finishReason: 'STOP' })

describe('sources of an answer', () => {
  test('places are bytes, a start of 0 is left out, and what supports nothing is for all of it', () => {
    const groundingMetadata = { groundingChunks: CHUNKS, groundingSupports: [support(3, [0]), support(9, [0, 7, 'x'], { startIndex: 4 })] }
    assert.deepEqual(blocksOf({ ...parts({ text: '日 Rome' }), groundingMetadata }), [{
      kind: 'text', text: '日 Rome', citations: [{ start: 0, end: 1, ...A }, { start: 2, end: 6, ...A }, B],
    }])
  })

  test('they come last in a stream, in several frames, for texts that are over', () => {
    const groundingMetadata = { grounding_chunks: CHUNKS, grounding_supports: [support(4, [0]), support(8, [1], { start_index: 4 })] }
    assert.deepEqual(blocksOf(
      parts({ text: 'Ro' }), parts({ text: 'me' }), parts({ functionCall: { id: 'c', name: 'f', args: {} } }),
      { ...parts({ text: 'Oslo' }), groundingMetadata }, { ...parts(), grounding_metadata: groundingMetadata },
    ), [
      { kind: 'text', text: 'Rome', citations: [{ start: 0, end: 4, ...A }] },
      { kind: 'tool_call', id: 'c', name: 'f', args: '{}' },
      { kind: 'text', text: 'Oslo', citations: [{ start: 0, end: 4, ...B }] },
    ])
  })

  test('a part has bytes of its own, and thoughts are none of the text', () => {
    const groundingMetadata = { groundingChunks: CHUNKS, groundingSupports: [support(4, [0], { partIndex: 2 })] }
    const [, said] = blocksOf({ ...parts({ text: 'hm', thought: true }, { text: 'é ' }, { text: 'Rome' }), groundingMetadata })
    assert.deepEqual(said, { kind: 'text', text: 'é Rome', citations: [{ start: 2, end: 6, ...A }, B] })
  })

  test('recitations, documents and places on the map are sources too', () => {
    const groundingMetadata = { groundingChunks: [{ retrievedContext: { uri: 'gs://b/a.txt', title: 'a.txt', text: 'Word for word.' } }, { maps: { uri: A.url, title: 'A' } }] }
    const citationMetadata = { citationSources: [{ startIndex: 1, endIndex: 2, uri: B.url, license: 'mit' }, { license: 'mit' }] }
    assert.deepEqual(blocksOf({ ...parts({ text: 'Rome' }), groundingMetadata, citationMetadata }), [{
      kind: 'text', text: 'Rome',
      citations: [{ url: 'gs://b/a.txt', title: 'a.txt', quoted: 'Word for word.' }, A, { start: 1, end: 2, url: B.url }],
    }])
  })

  test('shapes that nobody promised are passed over, and an answer without words cites nothing', () => {
    for (const groundingMetadata of [null, 7, { groundingChunks: 'x', groundingSupports: [null, { groundingChunkIndices: [-1, {}] }] }]) {
      assert.deepEqual(blocksOf({ ...parts({ text: 'Rome' }), groundingMetadata }), [{ kind: 'text', text: 'Rome' }])
    }
    assert.deepEqual(blocksOf({ ...parts(), groundingMetadata: { groundingChunks: CHUNKS } }), [])
  })
})

test('places between characters are the same place, counted either way; behind the text is its end', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', 'é', '日', '😀') }), fc.nat(9), (text, at) => {
    const before = [...text].slice(0, at).join('')
    const bytes = Buffer.byteLength(before)
    assert.equal(converted(text, [bytes, 1 << 20], 'bytes').get(bytes), before.length)
    assert.equal(converted(text, [before.length], 'units').get(before.length), bytes)
    assert.equal(converted(text, [1 << 20], 'bytes').get(1 << 20), text.length)
  }))
})
