import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fold, unfold } from '../../../../core/fold.ts'
import anthropic from '../../../../core/translation/anthropic-messages.ts'
import cohere from '../../../../core/translation/cohere-chat.ts'
import gemini from '../../../../core/translation/gemini.ts'
import { placed, readAnnotations } from '../../../../core/translation/openai-chat/citation.ts'
import chat from '../../../../core/translation/openai-chat.ts'
import responses from '../../../../core/translation/openai-responses.ts'
import type { Block, CanonicalAnswer, CanonicalEvent, Citation, TextBlock, Translation } from '../../../../sdk/index.ts'
import { fc } from '../../../law.ts'
import { SETTINGS, inPieces, readStream, writeStream } from '../law.ts'

const PAGE = 'https://example.com/a'

const citations = (length: number, offsets: readonly number[]): fc.Arbitrary<Citation[]> => fc.array(fc.record({
  extent: fc.tuple(fc.nat(length - 1), fc.nat(length - 1)).map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1]),
  bound: fc.boolean(), url: fc.constantFrom('', PAGE, 'https://example.com/b'), title: fc.constantFrom('', 'A page', '日本'), quoted: fc.constantFrom('', 'Word for word.'),
}).map(({ extent: [a, b], bound, url, title, quoted }) => ({
  ...(bound && { start: offsets[a!]!, end: offsets[b!]! }), ...(url !== '' && { url }), ...(title !== '' && { title }), ...(quoted !== '' && { quoted }),
})), { maxLength: 3 }).map(all => all.filter(one => 'url' in one || 'title' in one || 'quoted' in one))

/** Texts whose sources begin and end between characters, for a half of one is no place that bytes have. */
const text: fc.Arbitrary<Block> = fc.string({ unit: fc.constantFrom('a', ' ', 'é', '日', '😀'), minLength: 1, maxLength: 9 }).chain(said => {
  const offsets = [0]
  for (const char of said) offsets.push(offsets.at(-1)! + char.length)
  return citations(offsets.length - 1, offsets).map((cited): Block => ({ kind: 'text', text: said, ...(cited.length > 0 && { citations: cited }) }))
})
const answers: fc.Arbitrary<CanonicalAnswer> = fc.array(text, { minLength: 1, maxLength: 3 }).map(blocks => (
  { id: 'a', model: 'm', created: 1, choices: [{ index: 0, blocks, finish: { stop: 'end', raw: '' } }] }))

const isText = (block: Block): block is TextBlock => block.kind === 'text'
const cited = (said: string, all: readonly Citation[]): Block => ({ kind: 'text', text: said, ...(all.length > 0 && { citations: all }) })
const extentIn = ({ start = 0, end }: Citation, { length }: string, from: number): Citation => ({ start: start + from, end: (end ?? length) + from })

/** Each text with what `how` leaves of its citations. */
const each = (blocks: readonly Block[], how: (one: Citation, text: string) => Citation[]): Block[] =>
  blocks.filter(isText).map(({ text: said, citations: all = [] }) => cited(said, all.flatMap(one => how(one, said))))

/** All texts as one, with those citations that have links, counted in it. */
function joined(blocks: readonly Block[], how: (one: Citation) => Citation): Block[] {
  let said = ''
  const all: Citation[] = []
  for (const block of blocks.filter(isText)) {
    for (const one of block.citations ?? []) if (one.url !== undefined) all.push({ ...extentIn(one, block.text, said.length), ...how(one) })
    said += block.text
  }
  return [cited(said, all)]
}

const linkOf = ({ url, title }: Citation): Citation => ({ ...(url !== undefined && { url }), ...(title !== undefined && { title }) })
const sourceOf = ({ quoted, ...one }: Citation): Citation => ({ ...linkOf(one), ...(quoted !== undefined && { quoted }) })
const unique = (blocks: Block[]): Block[] => blocks.filter(isText).map(block => cited(block.text, [
  ...new Map((block.citations ?? []).map(one => [JSON.stringify(one), one])).values(),
]))

/** What of the texts' sources each format can tell. */
const FORMATS: readonly (readonly [Translation, (blocks: readonly Block[]) => Block[]])[] = [
  [chat, blocks => joined(blocks, sourceOf)],
  [responses, blocks => each(blocks, (one, said) => one.url === undefined ? [] : [{ ...extentIn(one, said, 0), ...linkOf(one) }])],
  [anthropic, blocks => each(blocks, one => one.url === undefined ? [] : [sourceOf(one)])],
  [gemini, blocks => unique(joined(blocks, linkOf))],
  [cohere, blocks => each(blocks, (one, said) => [{ ...extentIn(one, said, 0), ...sourceOf(one) }])],
]

for (const [translation, normal] of FORMATS) {
  describe(`sources in ${translation.name}`, () => {
    const blocksOf = ({ choices }: CanonicalAnswer): readonly Block[] => choices[0]?.blocks ?? []

    test('written and read, whole and streamed, they are what they were, as far as the format tells them', () => {
      fc.assert(fc.property(answers, fc.integer({ min: 1, max: 4 }), (answer, size) => {
        const expected = normal(blocksOf(answer))
        assert.deepEqual(blocksOf(translation.readAnswer(JSON.parse(translation.writeAnswer(answer, SETTINGS)))), expected)
        const streamed = fold(readStream(translation, writeStream(translation, inPieces(answer, size)))).answer
        assert.deepEqual(blocksOf(streamed), expected)
      }))
    })

    test('one that is told when its text has stopped arrives all the same', () => {
      const at = { choice: 0, block: 0 }
      const events = unfold({ id: 'a', model: 'm', choices: [{ index: 0, finish: { stop: 'tool', raw: '' }, blocks: [
        { kind: 'text', text: 'Rome' }, { kind: 'tool_call', id: 'call_abcdef', name: 'f', args: '{}' },
      ] }] })
      const late: CanonicalEvent = { event: 'citation', ...at, citation: { start: 0, end: 4, url: PAGE, title: 'A page' } }
      const finish = events.findIndex(({ event }) => event === 'finish')
      const { answer, ended } = fold(readStream(translation, writeStream(translation, events.toSpliced(finish, 0, late))))
      const told = blocksOf(answer).flatMap(block => isText(block) ? block.citations ?? [] : [])
      assert.deepEqual([ended, told.map(({ url, title }) => [url, title])], [true, [[PAGE, 'A page']]])
    })
  })
}

test('annotations are read flat and nested; files have names, and what names no source is none', () => {
  const extent = { start_index: 1, end_index: 3 }
  for (const [annotation, citation] of [
    [{ type: 'url_citation', url_citation: { ...extent, url: PAGE, title: 'T', content: 'Q' } }, { start: 1, end: 3, url: PAGE, title: 'T', quoted: 'Q' }],
    [{ type: 'url_citation', ...extent, url: PAGE, title: '' }, { start: 1, end: 3, url: PAGE }],
    [{ type: 'url_citation', start_index: 3, end_index: 3, url: PAGE }, { url: PAGE }],
    [{ type: 'file_citation', index: 9, file_id: 'file-1', filename: 'a.pdf' }, { title: 'a.pdf' }],
    [{ type: 'container_file_citation', ...extent, file_id: 'file-1', container_id: 'c' }, { start: 1, end: 3, title: 'file-1' }],
    [{ type: 'url_citation', ...extent }, undefined], [{ url: 7, title: {} }, undefined], [null, undefined], ['x', undefined],
  ] as const) {
    assert.deepEqual(readAnnotations([annotation]), citation === undefined ? [] : [citation])
  }
  for (const none of [undefined, null, 'x', {}, 7]) assert.deepEqual(readAnnotations(none), [])
})

test('a citation of all that was said is for the text that it begins in; without a place, for the last', () => {
  const texts = [{ block: 1, from: 0 }, { block: 4, from: 10 }]
  assert.deepEqual(placed({ start: 9, end: 12, url: PAGE }, texts), [{ block: 1, citation: { start: 9, end: 12, url: PAGE } }])
  assert.deepEqual(placed({ start: 10, end: 12, url: PAGE }, texts), [{ block: 4, citation: { start: 0, end: 2, url: PAGE } }])
  assert.deepEqual(placed({ url: PAGE }, texts), [{ block: 4, citation: { url: PAGE } }])
  assert.deepEqual(placed({ url: PAGE }, []), [])
})

test('links beside all choices are for all that was said, where nothing better is told', () => {
  const links = ['https://example.com/b', 7]
  const annotation = { type: 'url_citation', url_citation: { start_index: 0, end_index: 2, url: PAGE } }
  for (const [annotations, expected] of [[[], [{ url: links[0] }]], [undefined, [{ url: links[0] }]], [[annotation], [{ start: 0, end: 2, url: PAGE }]]] as const) {
    const whole = { id: 'a', citations: links, choices: [{ index: 0, finish_reason: 'stop', message: { content: 'Hello', annotations } }] }
    const frames = [{ content: 'Hel' }, { content: 'lo', annotations }].map(delta => (
      { payload: JSON.stringify({ id: 'a', citations: links, choices: [{ index: 0, delta, finish_reason: 'stop' }] }) }))
    for (const answer of [chat.readAnswer(JSON.parse(JSON.stringify(whole))), fold(readStream(chat, frames)).answer]) {
      assert.deepEqual(answer.choices[0]?.blocks, [{ kind: 'text', text: 'Hello', citations: expected }])
    }
  }
})
