import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import gemini from '../../../core/translation/gemini.ts'
import { fold } from '../../../core/fold.ts'
import type { Block, CanonicalAnswer, Stop } from '../../../sdk/index.ts'
import { SETTINGS, answerLaws, inPieces, readStream, writeStream } from './law.ts'
import { survivesOwnNames } from './wild-body.ts'

/** Parts of one kind that follow each other are one text; a refusal is text, and a cache is read only. */
function normal(answer: CanonicalAnswer): CanonicalAnswer {
  const choices = answer.choices.map(({ index, blocks, finish }) => {
    const merged: Block[] = []
    for (const block of blocks.map((one): Block => one.kind === 'refusal' ? { kind: 'text', text: one.text } : one)) {
      const last = merged.at(-1)
      if (last !== undefined && last.kind === block.kind && 'text' in last && 'text' in block) {
        merged[merged.length - 1] = { kind: last.kind as 'text', text: last.text + block.text }
      } else merged.push(block)
    }
    const called = blocks.some(block => block.kind === 'tool_call')
    const words: Partial<Record<Stop, Stop>> = {
      end: called ? 'tool' : 'end', stop_sequence: called ? 'tool' : 'end', tool: called ? 'tool' : 'end', refusal: 'filter',
    }
    return { index, blocks: merged, finish: { ...finish, stop: words[finish.stop] ?? finish.stop } }
  })
  return { ...answer, choices, ...(answer.usage !== undefined && { usage: { ...answer.usage, cacheWrite: 0 } }) }
}

answerLaws(gemini, normal)

/** Frames of one candidate with the given parts. */
const frames = (...bodies: object[]) => bodies.map(body => ({ payload: JSON.stringify(body) }))
const candidate = (parts: object[], more: object = {}, top: object = {}) => (
  { candidates: [{ content: { role: 'model', parts }, ...more }], modelVersion: 'gemini-3-pro', responseId: 'r1', ...top })
const STOP = { finishReason: 'STOP', index: 0 }
const signature = { dialect: 'gemini', value: 'c2ln' }

/** What a stream adds up to. */
const added = (...bodies: object[]) => fold(readStream(gemini, frames(...bodies)))

test('a model stands in the path, encoded', () => {
  assert.equal(gemini.pathOf('gemini-2.5-pro', false), '/models/gemini-2.5-pro:generateContent')
  assert.equal(gemini.pathOf('models/a/../b?c', true), '/models/a%2F..%2Fb%3Fc:streamGenerateContent?alt=sse')
})

describe('answers', () => {
  test('P7: STOP after a call is a call', () => {
    const { choices } = gemini.readAnswer(candidate([{ functionCall: { id: 'c1', name: 'f', args: { a: 1 } } }], STOP))
    assert.deepEqual(choices[0], {
      index: 0, blocks: [{ kind: 'tool_call', id: 'c1', name: 'f', args: '{"a":1}' }], finish: { stop: 'tool', raw: 'STOP' },
    })
    assert.equal(
      gemini.readAnswer(candidate([{ functionCall: { name: 'f' } }], { finishReason: 'MAX_TOKENS' })).choices[0]!.finish.stop,
      'length',
    )
  })

  test('P8: a spoilt call is no clean end, neither read nor written', () => {
    const { finish } = gemini.readAnswer({ candidates: [{ content: {}, finishReason: 'MALFORMED_FUNCTION_CALL' }] }).choices[0]!
    assert.deepEqual(finish, { stop: 'malformed', raw: 'MALFORMED_FUNCTION_CALL' })
    const answer: CanonicalAnswer = {
      id: '', model: 'm',
      choices: [{
        index: 0, blocks: [{ kind: 'tool_call', id: 'a', name: 'f', args: '{"city":' }], finish: { stop: 'tool', raw: '' },
      }],
    }
    const written = JSON.parse(gemini.writeAnswer(answer, SETTINGS))
    assert.deepEqual(written.candidates[0], {
      content: { role: 'model', parts: [] }, finishReason: 'MALFORMED_FUNCTION_CALL', index: 0,
    })
    assert.equal(fold(readStream(gemini, writeStream(gemini, inPieces(answer, 3)))).answer.choices[0]!.finish.stop, 'malformed')
  })

  for (const [raw, stop] of [
    ['SAFETY', 'filter'], ['SPII', 'filter'], ['RECITATION', 'filter'], ['MAX_TOKENS', 'length'], ['OTHER', 'error'],
    ['NEWS_OF_2030', 'error'], ['toString', 'error'],
  ] as const) {
    test(`${raw} is told as ${stop}`, () => assert.deepEqual(
      gemini.readAnswer({ candidates: [{ finishReason: raw }] }).choices[0]!.finish, { stop, raw },
    ))
  }

  test('a refused prompt has no candidate, whole or streamed', () => {
    const body = {
      promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 7 }, modelVersion: 'g',
    }
    const usage = { input: 7, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' } as const
    const answer = {
      id: '', model: 'g', choices: [{ index: 0, blocks: [], finish: { stop: 'filter', raw: 'PROHIBITED_CONTENT' } }], usage,
    }
    assert.deepEqual(gemini.readAnswer(body), answer)
    assert.deepEqual(added(body), { answer, error: undefined, ended: true })
  })

  test('P51: thoughts and what tools brought in are counted', () => {
    const usageMetadata = {
      promptTokenCount: 100, cachedContentTokenCount: 60, toolUsePromptTokenCount: 20, candidatesTokenCount: 5,
      thoughtsTokenCount: 50, totalTokenCount: 175,
    }
    const { usage } = gemini.readAnswer(candidate([], STOP, { usageMetadata }))
    assert.deepEqual(usage, { input: 120, output: 55, cacheRead: 60, cacheWrite: 0, reasoning: 50, source: 'provider' })
    assert.deepEqual(JSON.parse(gemini.writeAnswer({ id: 'i', model: '', choices: [], usage: usage! }, SETTINGS)).usageMetadata, {
      promptTokenCount: 120, cachedContentTokenCount: 60, candidatesTokenCount: 5, thoughtsTokenCount: 50, totalTokenCount: 175,
    })
  })

  test('P4: signatures stay on their parts, and a foreign one is left out', () => {
    const parts = [
      { text: 'hm', thought: true, thoughtSignature: 'c2ln' }, { text: 'Look', thoughtSignature: 'c2ln' }, { text: ' here' },
      { functionCall: { id: 'a', name: 'f', args: {} }, thoughtSignature: 'c2ln' },
      { functionCall: { id: 'b', name: 'f', args: {} } },
    ]
    const answer = gemini.readAnswer(candidate(parts, STOP))
    assert.deepEqual(answer.choices[0]!.blocks, [
      { kind: 'reasoning', text: 'hm', signature }, { kind: 'text', text: 'Look', signature }, { kind: 'text', text: ' here' },
      { kind: 'tool_call', id: 'a', name: 'f', args: '{}', signature }, { kind: 'tool_call', id: 'b', name: 'f', args: '{}' },
    ])
    assert.deepEqual(JSON.parse(gemini.writeAnswer(answer, SETTINGS)).candidates[0].content.parts, parts)
    assert.deepEqual(fold(readStream(gemini, writeStream(gemini, inPieces(answer, 1)))).answer.choices, answer.choices)
    const foreign: Block[] = [{ kind: 'reasoning', text: 'hm', signature: { dialect: 'anthropic-messages', value: 'x' } }]
    const written = gemini.writeAnswer({ ...answer, choices: [{ ...answer.choices[0]!, blocks: foreign }] }, SETTINGS)
    assert.deepEqual(JSON.parse(written).candidates[0].content.parts, [{ text: 'hm', thought: true }])
  })

  test('pictures and results of code come as they are, and back', () => {
    const parts = [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }, {
      executableCode: { language: 'PYTHON', code: '1+1' },
    }]
    const answer = gemini.readAnswer(candidate(parts, STOP))
    assert.deepEqual(answer.choices[0]!.blocks, [
      { kind: 'image', media: { at: 'data', base64: 'AAAA', mediaType: 'image/png' } },
      { kind: 'opaque', dialect: 'gemini', type: 'executableCode', raw: parts[1] },
    ])
    assert.deepEqual(fold(readStream(gemini, writeStream(gemini, inPieces(answer, 1)))).answer.choices, answer.choices)
  })

  test('a call without an id gets one, the same whole and streamed', () => {
    const body = candidate([{ functionCall: { name: 'f', args: {} } }, { functionCall: { name: 'f', args: {} } }], STOP)
    const ids = gemini.readAnswer(body).choices[0]!.blocks.map(block => block.kind === 'tool_call' && block.id)
    assert.match(String(ids[0]), /^call_0_[0-9a-f]{12}$/)
    assert.match(String(ids[1]), /^call_1_[0-9a-f]{12}$/)
    assert.deepEqual(added(body).answer.choices, gemini.readAnswer(body).choices)
    assert.notEqual((gemini.readAnswer({ ...body, responseId: 'r2' }).choices[0]!.blocks[0] as { id: string }).id, ids[0])
  })

  test('when it was made is told where the provider says so', () => {
    assert.equal(gemini.readAnswer(candidate([], STOP, { createTime: '2026-05-04T20:01:02.264968Z' })).created, 1_777_924_862)
    assert.equal('created' in gemini.readAnswer(candidate([], STOP, { createTime: 'soon' })), false)
  })

  for (const body of [null, 7, [], {}, { error: { code: 500 } }, { candidates: 'x' }]) {
    test(`${JSON.stringify(body)} is no answer`, () => assert.throws(() => gemini.readAnswer(body), /no answer of Gemini/))
  }

  test('shapes that nobody promised are passed over', () => {
    const strange = {
      candidates: [null, 7, {
        content: { parts: [null, 'x', {}, { functionCall: null }, { functionCall: { args: 'x' } }] }, index: 'x',
        finishReason: 'STOP',
      }],
      usageMetadata: 'x',
    }
    assert.deepEqual(gemini.readAnswer(strange).choices, [{ index: 0, blocks: [], finish: { stop: 'end', raw: 'STOP' } }])
  })
})

describe('streams', () => {
  test('P12: the first delta of a block that follows another is not lost', () => {
    const { answer } = added(
      candidate([{ text: 'Let me', thought: true }]), candidate([{ text: 'Well,' }]), candidate([
        { text: ' look' }, { functionCall: { id: 'a', name: 'f', args: { city: 'Rome' } } },
      ]),
      candidate([{ text: '' }], STOP),
    )
    assert.deepEqual(answer.choices, [{
      index: 0,
      blocks: [
        { kind: 'reasoning', text: 'Let me' }, { kind: 'text', text: 'Well, look' },
        { kind: 'tool_call', id: 'a', name: 'f', args: '{"city":"Rome"}' },
      ],
      finish: { stop: 'tool', raw: 'STOP' },
    }])
  })

  test('arguments in pieces are put together, with and without a last empty call', () => {
    const call = (functionCall: object, more: object = {}) => candidate([{ functionCall, ...more }])
    const piece = (jsonPath: string, value: object, going = true) => call({
      partialArgs: [{ jsonPath, ...value }], ...(going && { willContinue: true }),
    })
    const { answer } = added(
      call({ name: 'none' }, { thoughtSignature: 'c2ln' }),
      call({ name: 'read', willContinue: true }),
      piece('$.id', { stringValue: 'A', willContinue: true }), piece('$.id', { stringValue: 'B' }),
      piece('$.id', { stringValue: '' }),
      call({}),
      call({ name: 'write', willContinue: true }, { thoughtSignature: 'c2ln' }),
      piece("$.list[0]['__proto__']", { stringValue: 'add' }), piece('$.list[0].n', { numberValue: 0.5 }),
      piece('$.list[1].on', { boolValue: false }),
      piece('$.list[1].gone', { nullValue: 'NULL_VALUE' }, false),
      candidate([{ text: '' }], STOP),
    )
    const blocks = answer.choices[0]!.blocks.map(
      block => block.kind === 'tool_call' ? [block.name, block.args, block.signature?.value] : block,
    )
    assert.deepEqual(blocks, [
      ['none', '', 'c2ln'],
      ['read', '{"id":""}', undefined],
      ['write', '{"list":[{"__proto__":"add","n":0.5},{"on":false,"gone":null}]}', 'c2ln'],
    ])
  })

  test('usage is told as it grows, and the last one holds', () => {
    const usageMetadata = { promptTokenCount: 9, candidatesTokenCount: 5, thoughtsTokenCount: 10 }
    const { answer } = added(
      candidate([{ text: 'a' }], {}, { usageMetadata: { trafficType: 'ON_DEMAND' } }),
      candidate([{ text: 'b' }], {}, { usageMetadata }),
      candidate([], STOP, { usageMetadata: { ...usageMetadata, candidatesTokenCount: 8 } }),
    )
    assert.deepEqual([answer.usage?.input, answer.usage?.output, answer.usage?.reasoning], [9, 18, 10])
  })

  test('candidates stream beside each other', () => {
    const both = (a: object, b: object) => ({ candidates: [{ index: 0, ...a }, { index: 1, ...b }] })
    const text = (one: string) => ({ content: { parts: [{ text: one }] } })
    const { answer, ended } = added(both(text('a'), text('x')), both({ ...text('b'), finishReason: 'STOP' }, text('y')))
    assert.deepEqual([ended, answer.choices.map(({ blocks }) => blocks)], [false, [
      [{ kind: 'text', text: 'ab' }], [{ kind: 'text', text: 'xy' }],
    ]])
  })

  test('the first models give a reason with every frame', () => {
    const { answer, ended } = added(candidate([{ text: 'a' }], STOP), candidate([{ text: 'b' }], STOP))
    assert.deepEqual([ended, answer.choices[0]!.blocks], [true, [{ kind: 'text', text: 'ab' }]])
  })

  test('a stream without a reason to finish has no end', () => {
    assert.equal(added(candidate([{ text: 'a' }])).ended, false)
    assert.equal(added(candidate([{ functionCall: { name: 'f', willContinue: true } }])).ended, false)
    assert.deepEqual(gemini.streamReader().close(), [])
  })

  test('an error inside a stream ends it, once', () => {
    const { error, ended } = added(
      candidate([{ text: 'a' }]), { error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } }, candidate([], STOP),
    )
    assert.deepEqual([error, ended], [{ failure: 'overloaded', message: 'busy' }, true])
  })

  for (const payload of ['', 'null', '[]', '"x"', '{']) {
    test(`${JSON.stringify(payload)} is no frame`, () => assert.throws(() => gemini.streamReader().read({ payload })))
  }

  test('blocks that are open at once are written in their order, calls whole', () => {
    const at = (block: number) => ({ choice: 0, block })
    const written = writeStream(gemini, [
      { event: 'start', id: '', model: 'm' },
      { event: 'block', ...at(0), kind: 'tool_call', id: 'a', name: 'f' }, { event: 'block', ...at(1), kind: 'text' },
      { event: 'delta', ...at(1), text: 'after' },
      { event: 'delta', ...at(0), text: '{"n"' }, { event: 'delta', ...at(0), text: ':1}' },
      { event: 'stop', ...at(0) }, { event: 'delta', ...at(1), text: 'wards' }, { event: 'stop', ...at(1) },
      { event: 'finish', choice: 0, finish: { stop: 'tool', raw: '' } }, { event: 'end' },
    ]).map(({ payload }) => JSON.parse(payload))
    assert.deepEqual(written.map(({ candidates }) => candidates[0].content.parts), [
      [{ functionCall: { id: 'a', name: 'f', args: { n: 1 } } }, { text: 'after' }], [{ text: 'wards' }], [],
    ])
    assert.deepEqual(written.map(({ candidates }) => candidates[0].finishReason), [undefined, undefined, 'STOP'])
    for (const { responseId, modelVersion } of written) assert.deepEqual([responseId, modelVersion], ['answer-1', 'm'])
  })
})

describe('errors', () => {
  const RETRY = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' }
  const quota = (quotaId: string) => ({ '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId }] })
  for (const [status, error, expected] of [
    [429, { status: 'RESOURCE_EXHAUSTED', details: [quota('GenerateRequestsPerMinutePerProject'), RETRY] }, {
      failure: 'rate_limit', retryAfter: 34.4,
    }],
    [429, { status: 'RESOURCE_EXHAUSTED', details: [quota('GenerateRequestsPerDayPerProject'), RETRY] }, {
      failure: 'quota', retryAfter: 34.4,
    }],
    [400, { status: 'INVALID_ARGUMENT' }, { failure: 'bad_request' }],
    [400, { status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] }, { failure: 'auth' }],
    [403, { status: 'PERMISSION_DENIED', details: [{ reason: 'BILLING_DISABLED' }] }, { failure: 'billing' }],
    [403, { status: 'PERMISSION_DENIED' }, { failure: 'permission' }],
    [404, { status: 'NOT_FOUND' }, { failure: 'not_found' }],
    [500, { status: 'INTERNAL' }, { failure: 'upstream' }],
    [503, { status: 'UNAVAILABLE' }, { failure: 'overloaded' }],
    [504, { status: 'DEADLINE_EXCEEDED', details: [{ ...RETRY, retryDelay: 'never' }] }, { failure: 'timeout' }],
    [413, {}, { failure: 'too_large' }],
  ] as const) {
    test(`${status} ${JSON.stringify(error)}`, () => {
      assert.deepEqual(gemini.readError(status, { error: { ...error, message: 'no' } }), { message: 'no', ...expected })
      assert.deepEqual(gemini.readError(status, [{ error: { ...error, message: 'no' } }]), { message: 'no', ...expected })
    })
  }

  test('a prompt that is too long is known by its sentence', () => {
    const message = 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'
    assert.deepEqual(gemini.readError(400, { error: { code: 400, message, status: 'INVALID_ARGUMENT' } }), {
      failure: 'context', message,
    })
  })

  test('a body that tells nothing has its status', () => {
    for (const body of [undefined, 'x', [], { error: 'x' }]) {
      assert.deepEqual(gemini.readError(502, body), { failure: 'upstream', message: 'Gemini answered with an error (502).' })
    }
  })

  test('an error is written with its delay, and reads as what it was', () => {
    const error = { failure: 'rate_limit', message: 'slow down', retryAfter: 12 } as const
    const { status, body } = gemini.writeError(error)
    assert.equal(status, 429)
    assert.deepEqual(JSON.parse(body), {
      error: { code: 429, message: 'slow down', status: 'RESOURCE_EXHAUSTED', details: [{ ...RETRY, retryDelay: '12s' }] },
    })
    assert.deepEqual(gemini.readError(status, JSON.parse(body)), error)
  })
})

survivesOwnNames(gemini, [
  'contents', 'parts', 'role', 'text', 'thought', 'thoughtSignature', 'functionCall', 'functionResponse', 'name', 'args',
  'id', 'response', 'partialArgs', 'jsonPath', 'stringValue', 'candidates', 'content', 'finishReason', 'index',
  'usageMetadata', 'promptTokenCount', 'promptFeedback', 'tools', 'functionDeclarations', 'parameters', 'properties',
  'items', 'generationConfig', 'thinkingConfig', 'responseSchema', 'systemInstruction', 'inlineData', 'data', 'mimeType',
  'fileData', 'fileUri', 'error', 'details', 'violations',
])
