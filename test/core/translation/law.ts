// What every wire format's translation has to keep, checked on answers of all kinds. Used by the test of each format.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fc } from '../../law.ts'
import { fold, unfold } from '../../../core/fold.ts'
import type {
  AnswerSettings, Block, CanonicalAnswer, CanonicalEvent, CanonicalRequest, Finish, Translation, WireFrame,
} from '../../../sdk/index.ts'

/** A request that asks for nothing in particular. */
export const REQUEST: CanonicalRequest = {
  model: 'm', turns: [{ role: 'user', blocks: [{ kind: 'text', text: 'Hello' }] }], tools: [], stream: true, streamUsage: true,
  rest: { dialect: '', fields: {} },
}

/** What a writer of answers is told in these tests. */
export const SETTINGS: AnswerSettings = { model: 'm', id: 'answer-1', at: 1_700_000_000, request: REQUEST }

const said = fc.oneof({ weight: 4, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }) }, { weight: 1, arbitrary: fc.constantFrom('\n', '"', '\u2028', 'data: x\n\n', '{"a":1}') })
const args = fc.dictionary(fc.constantFrom('city', 'n', 'deep'), fc.oneof(said, fc.integer(), fc.constant(null), fc.array(said, { maxLength: 2 })), { maxKeys: 3 })
  .map(value => JSON.stringify(value))
const name = fc.constantFrom('get_weather', 'search', 'f')

const block = fc.oneof(
  { weight: 3, arbitrary: said.map((text): Block => ({ kind: 'text', text })) },
  { weight: 2, arbitrary: said.map((text): Block => ({ kind: 'reasoning', text })) },
  { weight: 1, arbitrary: said.map((text): Block => ({ kind: 'refusal', text })) },
  { weight: 3, arbitrary: fc.tuple(name, args).map(([tool, json]): Block => ({ kind: 'tool_call', id: '', name: tool, args: json })) },
)
const stop = fc.constantFrom<Finish['stop']>('end', 'length', 'stop_sequence', 'tool', 'filter', 'refusal')
const counts = fc.tuple(fc.nat(500), fc.nat(500), fc.nat(500), fc.nat(500), fc.nat(500)).map(([fresh, cacheRead, cacheWrite, text, reasoning]) => (
  { input: fresh + cacheRead + cacheWrite, output: text + reasoning, cacheRead, cacheWrite, reasoning, source: 'provider' } as const))

/** Answers of one choice: texts, thoughts, refusals and calls in any order, ended in any way that is no failure. */
export const answers: fc.Arbitrary<CanonicalAnswer> = fc.record({
  blocks: fc.array(block, { maxLength: 5 }), finish: stop, usage: fc.option(counts, { nil: undefined }),
}).map(({ blocks, finish, usage }) => ({
  id: 'id-1', model: 'm', created: 1_700_000_000,
  choices: [{
    index: 0,
    blocks: blocks.map((one, index) => one.kind === 'tool_call' ? { ...one, id: `call_${index}_abcdef` } : one),
    finish: { stop: finish, raw: '' },
  }],
  ...(usage !== undefined && { usage }),
}))

/** The events of a stream's frames. */
export function readStream(translation: Translation, frames: Iterable<WireFrame>): CanonicalEvent[] {
  const reader = translation.streamReader()
  const events = [...frames].flatMap(frame => [...reader.read(frame)])
  return [...events, ...reader.close()]
}

/** The frames for a stream's events. */
export function writeStream(translation: Translation, events: Iterable<CanonicalEvent>, settings = SETTINGS): WireFrame[] {
  const writer = translation.streamWriter(settings)
  return [...events].flatMap(event => [...writer.write(event)])
}

/** The events of an answer with the blocks' texts cut into pieces, as models send them. */
export function inPieces(answer: CanonicalAnswer, size: number): CanonicalEvent[] {
  return unfold(answer).flatMap(event => {
    if (event.event !== 'delta') return [event]
    const units = [...event.text]
    const pieces: CanonicalEvent[] = []
    const { logprobs, ...delta } = event
    for (let i = 0; i < units.length; i += size) {
      pieces.push({ ...delta, text: units.slice(i, i + size).join(''), ...(i === 0 && logprobs !== undefined && { logprobs }) })
    }
    return pieces
  })
}

/** Ids, times and the provider's own words differ from format to format; everything else is compared. */
export function told(answer: CanonicalAnswer): unknown {
  const { choices, usage } = answer
  return { usage, choices: choices.map(({ index, blocks, finish }) => ({ index, blocks, stop: finish.stop })) }
}

/**
 * The laws: what is written reads as what it was, whole and streamed, however the pieces are cut. `normal` says what of an
 * answer the format can carry, and in which order; it is the test's own account of the format, so it names no code of it.
 */
export function answerLaws(translation: Translation, normal: (answer: CanonicalAnswer) => CanonicalAnswer): void {
  describe(`${translation.name}: answers`, () => {
    test('a whole answer that is written reads as what it was', () => {
      fc.assert(fc.property(answers, answer => {
        const read = translation.readAnswer(JSON.parse(translation.writeAnswer(answer, SETTINGS)))
        assert.deepEqual(told(read), told(normal(answer)))
      }))
    })

    test('a stream that is written adds up to the whole answer, for every cut', () => {
      fc.assert(fc.property(answers, fc.integer({ min: 1, max: 5 }), (answer, size) => {
        const { answer: folded, error, ended } = fold(readStream(translation, writeStream(translation, inPieces(answer, size))))
        assert.deepEqual([error, ended], [undefined, true])
        assert.deepEqual(told(folded), told(normal(answer)))
      }))
    })

    test('a stream that breaks off has no end, and one that fails has exactly one error', () => {
      fc.assert(fc.property(answers, fc.nat(30), (answer, at) => {
        const events = inPieces(answer, 2)
        const cut = events.slice(0, 1 + at % (events.length - 1))
        assert.equal(fold(readStream(translation, writeStream(translation, cut))).ended, false, 'broken off')
        const failed = writeStream(translation, [...cut, { event: 'error', error: { failure: 'overloaded', message: 'too many' } }])
        const { error } = fold(readStream(translation, failed))
        assert.equal(error?.message, 'too many')
      }))
    })
  })
}
