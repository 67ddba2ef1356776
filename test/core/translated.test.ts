import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fc } from '../law.ts'
import { encodeAwsEvent } from '../../core/codec/aws-events.ts'
import { EVENTS } from '../../core/codec/client-framing.ts'
import { encodeFrame, SseDecoder } from '../../core/codec/sse.ts'
import { fold } from '../../core/fold.ts'
import { loadTranslation, translationNames } from '../../core/registry.ts'
import { translated, type Hearing } from '../../core/translated.ts'
import type { Source } from '../../core/call.ts'
import type { CanonicalAnswer, Translation, Usage, WireFrame } from '../../sdk/index.ts'
import { answers, inPieces, readStream, SETTINGS, writeStream } from './translation/law.ts'

const targets = await Promise.all(translationNames().map(loadTranslation))
const client = await loadTranslation('openai-chat')

const TYPES = { sse: 'text/event-stream', lines: 'application/x-ndjson', 'aws-events': 'application/vnd.amazon.eventstream' } as const

function bytesOf({ framing }: Translation, frames: readonly WireFrame[]): Buffer {
  return Buffer.concat(frames.map(({ payload, event }) => {
    if (framing === 'aws-events') return encodeAwsEvent({ ':message-type': 'event', ':event-type': event ?? '' }, payload)
    return Buffer.from(framing === 'lines' ? `${payload}\n` : encodeFrame(payload, event))
  }))
}

/** A source that gives bytes in pieces, and then its end, or nothing more but an error. */
function sourceOf(target: Translation, bytes: Buffer, sizes: readonly number[]): Source {
  let at = 0
  let turn = 0
  return {
    status: 200,
    headers: { 'content-type': TYPES[target.framing] },
    next() {
      if (at >= bytes.length) return null
      const piece = bytes.subarray(at, at + sizes[turn++ % sizes.length]!)
      at += piece.length
      return piece
    },
    cancel() {},
  }
}

const hearing = (usages: Usage[] = []): Hearing => ({
  settings: SETTINGS, framing: EVENTS, limits: { answer: 1 << 20, frame: 1 << 20 }, noteUsage: usage => { usages.push(usage) }, noteUpstreamError() {}, noteLosses() {},
})

async function through(target: Translation, bytes: Buffer, sizes: readonly number[], heard = hearing()): Promise<Buffer> {
  const source = await translated(sourceOf(target, bytes, sizes), { translates: true, client, target }, heard)
  const pieces: Buffer[] = []
  for (let piece = await source.next(); piece !== null; piece = await source.next()) pieces.push(piece)
  return Buffer.concat(pieces)
}

const answerIn = (bytes: Buffer): CanonicalAnswer => fold(readStream(client, [...new SseDecoder(1 << 20).push(bytes)].flatMap(({ data, event }) =>
  data === undefined ? [] : [{ payload: data.toString(), ...(event !== undefined && { event }) }]))).answer

/** What an answer says on each channel: a chat has no order between them. */
function said({ choices, usage }: CanonicalAnswer): unknown {
  return { usage, choices: choices.map(({ blocks, finish }) => {
    const on = (kind: string): string => blocks.map(block => block.kind === kind && 'text' in block ? block.text : '').join('')
    const calls = blocks.flatMap(block => block.kind === 'tool_call' ? [[block.name, block.args]] : [])
    return { stop: finish.stop, text: on('text'), reasoning: on('reasoning'), refusal: on('refusal'), calls }
  }) }
}

for (const target of targets) {
  describe(`an answer of ${target.name} to a client of openai-chat`, () => {
    test('is the same for every cut of its bytes, and adds up to the whole answer', async () => {
      await fc.assert(fc.asyncProperty(answers, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 9 }), async (answer, sizes) => {
        const frames = writeStream(target, inPieces(answer, 3))
        const bytes = bytesOf(target, frames)
        const usages: Usage[] = []
        const cut = await through(target, bytes, sizes, hearing(usages))
        assert.equal(cut.toString(), (await through(target, bytes, [bytes.length])).toString())
        const whole = target.readAnswer(JSON.parse(target.writeAnswer(answer, SETTINGS)))
        const written = client.readAnswer(JSON.parse(client.writeAnswer(whole, SETTINGS)))
        assert.deepEqual(said(answerIn(cut)), said(written))
        if (whole.usage !== undefined) assert.deepEqual(usages.at(-1), whole.usage)
      }), { numRuns: 60 })
    })

    test('that is cut off rejects once, and never looks complete', async () => {
      await fc.assert(fc.asyncProperty(answers, fc.double({ min: 0, max: 0.99, noNaN: true }), async (answer, share) => {
        const frames = writeStream(target, inPieces(answer, 3))
        // Some formats end with what they say last, and others with the end of the connection: before its last three frames, none is whole.
        const bytes = bytesOf(target, frames.slice(0, -3))
        const part = bytes.subarray(0, Math.floor(bytes.length * share))
        const outcome = await through(target, part, [50]).then(all => answerIn(all).choices[0]?.finish.stop, (error: { code: string }) => error.code)
        assert.ok(['upstream_closed', 'upstream_invalid'].includes(String(outcome)), String(outcome))
      }), { numRuns: 60 })
    })
  })
}

describe('an answer tells its usage when it is taken, since another may be taken instead', () => {
  const usage: Usage = { input: 9, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' }
  const counted = { usageMetadata: { promptTokenCount: 9, totalTokenCount: 9 }, modelVersion: 'm', responseId: 'r' }
  const failure = { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }
  const spoken = { candidates: [{ content: { role: 'model', parts: [{ text: 'Hi' }] }, finishReason: 'STOP', index: 0 }] }
  const target = targets.find(({ name }) => name === 'gemini')!
  const begun = async (usages: Usage[], ...events: object[]): Promise<Source> => {
    const bytes = bytesOf(target, events.map(event => ({ payload: JSON.stringify(event) })))
    return translated(sourceOf(target, bytes, [40]), { translates: true, client, target }, hearing(usages))
  }

  test('a stream that begins with its usage and goes on with an error has told none', async () => {
    const usages: Usage[] = []
    const { status } = await begun(usages, counted, failure)
    assert.deepEqual([status, usages], [503, []])
  })

  test('a stream that goes on well tells it with its first piece', async () => {
    const usages: Usage[] = []
    const source = await begun(usages, counted, spoken)
    assert.deepEqual(usages, [])
    await source.next()
    assert.deepEqual(usages, [usage])
  })

  test('a whole answer tells it with all of it', async () => {
    const usages: Usage[] = []
    const body = Buffer.from(JSON.stringify({ ...counted, ...spoken }))
    const source = await translated({ ...sourceOf(target, body, [body.length]), headers: { 'content-type': 'application/json' } }, { translates: true, client, target }, hearing(usages))
    assert.deepEqual(usages, [])
    await source.next()
    assert.deepEqual(usages, [usage])
  })
})
