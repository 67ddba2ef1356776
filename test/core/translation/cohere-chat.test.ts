import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import cohere from '../../../core/translation/cohere-chat.ts'
import { fold } from '../../../core/fold.ts'
import type { Block, CanonicalAnswer, Stop } from '../../../sdk/index.ts'
import { SETTINGS, answerLaws, inPieces, readStream, writeStream } from './law.ts'
import { survivesOwnNames } from './wild-body.ts'

/** Calls stand behind what is said; a refusal is text, and neither reasoning nor written caches are counted. */
function normal(answer: CanonicalAnswer): CanonicalAnswer {
  const choices = answer.choices.map(({ index, blocks, finish }) => {
    const said = blocks.filter(block => block.kind !== 'tool_call').map(
      (block): Block => block.kind === 'refusal' ? { kind: 'text', text: block.text } : block,
    )
    const calls = blocks.filter(block => block.kind === 'tool_call')
    const ended = calls.length > 0 ? 'tool' : 'end'
    const words: Partial<Record<Stop, Stop>> = { end: ended, tool: ended, refusal: 'filter' }
    return { index, blocks: [...said, ...calls], finish: { ...finish, stop: words[finish.stop] ?? finish.stop } }
  })
  return { ...answer, choices, ...(answer.usage !== undefined && { usage: { ...answer.usage, cacheWrite: 0, reasoning: 0 } }) }
}

answerLaws(cohere, normal)

const frames = (...bodies: object[]) => bodies.map(body => ({ payload: JSON.stringify(body) }))
const added = (...bodies: object[]) => fold(readStream(cohere, frames(...bodies)))
const START = {
  id: 'c1', type: 'message-start',
  delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
}
const end = (delta: object) => ({ type: 'message-end', delta })
const CITED = {
  start: 0, end: 2, text: 'Hi', content_index: 1, type: 'TEXT_CONTENT',
  sources: [
    { type: 'document', id: 'doc:0', document: { id: 'doc:0', title: 'hi.txt', text: 'Hi there', url: 'https://e.org' } },
    { type: 'tool', id: 'f_1:0', tool_output: { n: 1 } },
  ],
}
const PLANNED = { start: 7, end: 11, text: 'look', type: 'PLAN', sources: [{ type: 'tool', id: 'f_0:0', tool_output: {} }] }
const SOURCES = [
  { start: 0, end: 2, url: 'https://e.org', title: 'hi.txt', quoted: 'Hi there' }, { start: 0, end: 2, title: 'f_1:0' },
]

test('every model answers at one address', () => assert.equal(cohere.pathOf('command-a', true), '/chat'))

describe('answers', () => {
  test('thoughts, texts, the plan, citations and calls stand in this order', () => {
    const { id, choices, usage } = cohere.readAnswer({
      id: 'c1',
      message: {
        role: 'assistant', content: [{ type: 'thinking', thinking: 'hm' }, { type: 'text', text: 'Hi' }],
        tool_plan: 'I will look.', citations: [CITED, PLANNED, { ...CITED, type: 'THINKING_CONTENT', content_index: 0 }],
        tool_calls: [{ id: 'f_1', type: 'function', function: { name: 'f', arguments: '{"n": 1}' } }],
      },
      finish_reason: 'TOOL_CALL',
      usage: {
        billed_units: { input_tokens: 39, output_tokens: 27 }, tokens: { input_tokens: 1683, output_tokens: 62 },
        cached_tokens: 992,
      },
    })
    assert.deepEqual([id, choices], ['c1', [{
      index: 0,
      blocks: [
        { kind: 'reasoning', text: 'hm' }, { kind: 'text', text: 'Hi', citations: SOURCES },
        { kind: 'text', text: 'I will look.', citations: [{ start: 7, end: 11, title: 'f_0:0' }] },
        { kind: 'tool_call', id: 'f_1', name: 'f', args: '{"n": 1}' },
      ],
      finish: { stop: 'tool', raw: 'TOOL_CALL' },
    }]])
    assert.deepEqual(usage, {
      input: 1683, output: 62, cacheRead: 992, cacheWrite: 0, reasoning: 0, billedInput: 39, billedOutput: 27, source: 'provider',
    })
  })

  for (const [raw, stop] of [
    ['COMPLETE', 'end'], ['MAX_TOKENS', 'length'], ['STOP_SEQUENCE', 'stop_sequence'], ['ERROR', 'error'], ['TIMEOUT', 'error'],
    ['TOOL_CALL', 'end'], ['toString', 'error'],
  ] as const) {
    test(`${raw} is told as ${stop}`, () => assert.deepEqual(
      cohere.readAnswer({ message: {}, finish_reason: raw }).choices[0]!.finish, { stop, raw },
    ))
  }

  test('where no tokens are told, the billed ones are', () => {
    const { usage } = cohere.readAnswer({ message: {}, usage: { billed_units: { input_tokens: 3 } } })
    assert.deepEqual([usage?.input, usage?.output], [3, 0])
  })

  test('citations are written with the text that they are for, and nothing of another format is', () => {
    const blocks: Block[] = [
      { kind: 'text', text: 'Hi there', citations: [{ start: 3, end: 8, url: 'https://e.org', quoted: 'there' }, { title: 'hi.txt' }] },
      { kind: 'opaque', dialect: 'gemini', type: 'executableCode', raw: {} },
      { kind: 'reasoning', text: '', redacted: { dialect: 'x', value: 'y' } },
    ]
    const answer: CanonicalAnswer = { id: '', model: '', choices: [{ index: 0, blocks, finish: { stop: 'end', raw: '' } }] }
    const { id, message } = JSON.parse(cohere.writeAnswer(answer, SETTINGS))
    assert.deepEqual([id, message], ['answer-1', {
      role: 'assistant', content: [{ type: 'text', text: 'Hi there' }],
      citations: [
        {
          start: 3, end: 8, text: 'there', content_index: 0, type: 'TEXT_CONTENT',
          sources: [{ type: 'document', id: 'https://e.org', document: { url: 'https://e.org', snippet: 'there' } }],
        },
        {
          start: 0, end: 8, text: 'Hi there', content_index: 0, type: 'TEXT_CONTENT',
          sources: [{ type: 'document', id: 'hi.txt', document: { title: 'hi.txt' } }],
        },
      ],
    }])
  })

  for (const body of [null, 7, [], {}, { message: 'no such model' }]) {
    test(`${JSON.stringify(body)} is no answer`, () => assert.throws(() => cohere.readAnswer(body), /no answer of Cohere/))
  }

  test('shapes that nobody promised are passed over', () => {
    const { choices } = cohere.readAnswer({
      message: { content: [null, 7, {}], tool_calls: [null], tool_plan: 7, citations: 'x' }, usage: 'x', finish_reason: 7,
    })
    assert.deepEqual(choices[0]!.blocks, [{ kind: 'tool_call', id: '', name: '', args: '' }])
  })
})

describe('streams', () => {
  test('P12: plan, calls, texts and thoughts, each with its first delta', () => {
    const call = (index: number, type: string, tool_calls: object) => ({
      type: `tool-call-${type}`, index, delta: { message: { tool_calls } },
    })
    const { answer, ended } = added(
      START,
      { type: 'content-start', index: 0, delta: { message: { content: { type: 'thinking', thinking: 'h' } } } },
      { type: 'content-delta', index: 0, delta: { message: { content: { thinking: 'm' } } } }, { type: 'content-end', index: 0 },
      { type: 'tool-plan-delta', delta: { message: { tool_plan: 'I' } } },
      { type: 'tool-plan-delta', delta: { message: { tool_plan: ' will' } } },
      call(0, 'start', { id: 'f_1', type: 'function', function: { name: 'f', arguments: '' } }),
      call(0, 'delta', { function: { arguments: '{"a"' } }),
      call(0, 'delta', { function: { arguments: ':1}' } }), { type: 'tool-call-end', index: 0 },
      call(1, 'start', { id: 'g_1', type: 'function', function: { name: 'g', arguments: '{}' } }),
      { type: 'tool-call-end', index: 1 },
      { type: 'something-new', index: 9 },
      end({ finish_reason: 'TOOL_CALL', usage: { tokens: { input_tokens: 5, output_tokens: 7 } } }),
    )
    assert.deepEqual([answer.id, ended, answer.usage?.output, answer.choices], ['c1', true, 7, [{
      index: 0,
      blocks: [
        { kind: 'reasoning', text: 'hm' }, { kind: 'text', text: 'I will' },
        { kind: 'tool_call', id: 'f_1', name: 'f', args: '{"a":1}' },
        { kind: 'tool_call', id: 'g_1', name: 'g', args: '{}' },
      ],
      finish: { stop: 'tool', raw: 'TOOL_CALL' },
    }]])
  })

  test('citations come while the text goes on', () => {
    const { answer } = added(
      START, { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } },
      { type: 'content-delta', index: 0, delta: { message: { content: { text: 'Hi' } } } },
      { type: 'citation-start', index: 0, delta: { message: { citations: { ...CITED, content_index: 0 } } } }, { type: 'citation-end', index: 0 },
      { type: 'content-delta', index: 0, delta: { message: { content: { text: ' there' } } } },
      { type: 'content-end', index: 0 }, end({ finish_reason: 'COMPLETE' }),
    )
    assert.deepEqual(answer.choices[0]!.blocks, [{ kind: 'text', text: 'Hi there', citations: SOURCES }])
  })

  for (const [delta, failure, message] of [
    [{ error: 'out of memory', finish_reason: 'ERROR' }, 'upstream', 'out of memory'],
    [{ finish_reason: 'ERROR' }, 'upstream', 'Cohere ended the answer with an error.'],
    [{ finish_reason: 'TIMEOUT' }, 'timeout', 'Cohere ended the answer with an error.'],
    [{}, 'upstream', 'Cohere ended the answer with an error.'],
  ] as const) {
    test(`P8: ${JSON.stringify(delta)} is no clean end`, () => {
      const { error, ended } = added(START, end(delta), end({ finish_reason: 'COMPLETE' }))
      assert.deepEqual([error, ended], [{ failure, message }, true])
    })
  }

  test('a sentence of its own is an error', () => assert.equal(
    added(START, { message: 'internal server error' }).error?.message, 'internal server error',
  ))

  test('a stream without message-end has no end', () => assert.equal(added(START).ended, false))

  for (const payload of ['', 'null', '7', '{']) {
    test(`${JSON.stringify(payload)} is no frame`, () => assert.throws(() => cohere.streamReader().read({ payload })))
  }

  test('a spoilt answer is written as an error', () => {
    const answer: CanonicalAnswer = {
      id: 'i', model: '', choices: [{ index: 0, blocks: [], finish: { stop: 'malformed', raw: '' } }],
    }
    assert.equal(fold(readStream(cohere, writeStream(cohere, inPieces(answer, 1)))).error?.failure, 'upstream')
    assert.equal(JSON.parse(cohere.writeAnswer(answer, SETTINGS)).finish_reason, 'ERROR')
  })

  test('frames are named, and calls numbered by themselves', () => {
    const answer: CanonicalAnswer = {
      id: 'i', model: '',
      choices: [{
        index: 0, blocks: [{ kind: 'text', text: 'Hi' }, { kind: 'tool_call', id: 'a', name: 'f', args: '' }],
        finish: { stop: 'tool', raw: '' },
      }],
    }
    const written = writeStream(cohere, inPieces(answer, 9))
    assert.deepEqual(written.map(({ event, payload }) => [event, JSON.parse(payload).index]), [
      ['message-start', undefined],
      ['content-start', 0], ['content-delta', 0], ['content-end', 0],
      ['tool-call-start', 0], ['tool-call-delta', 0], ['tool-call-end', 0],
      ['message-end', undefined],
    ])
    assert.equal(JSON.parse(written[5]!.payload).delta.message.tool_calls.function.arguments, '{}', 'P21')
  })
})

describe('errors', () => {
  for (const [status, message, failure] of [
    [400, 'bad', 'bad_request'], [400, 'too many tokens: size limit exceeded by 4 tokens', 'context'], [401, 'no key', 'auth'],
    [498, 'blocked', 'auth'], [402, 'pay', 'billing'],
    [404, 'no model', 'not_found'], [422, 'bad', 'bad_request'], [429, 'slow down', 'rate_limit'],
    [429, 'limited to 1000 API calls / month', 'quota'], [500, 'oh', 'upstream'],
    [503, 'busy', 'overloaded'], [504, 'late', 'timeout'],
  ] as const) {
    test(`${status} ${message}`, () => assert.deepEqual(cohere.readError(status, { message }), { failure, message }))
  }

  test('a body that tells nothing has its status', () => {
    for (const body of [undefined, 'x', [], {}]) assert.deepEqual(cohere.readError(502, body), {
      failure: 'upstream', message: 'Cohere answered with an error (502).',
    })
  })

  test('an error is a status and a sentence', () => {
    assert.deepEqual(cohere.writeError({ failure: 'overloaded', message: 'busy' }), { status: 503, body: '{"message":"busy"}' })
  })
})

survivesOwnNames(cohere, [
  'messages', 'role', 'content', 'text', 'thinking', 'type', 'tool_calls', 'function', 'name', 'arguments', 'id',
  'tool_call_id', 'document', 'data', 'image_url', 'url', 'tools', 'parameters', 'response_format', 'json_schema',
  'message', 'tool_plan', 'citations', 'delta', 'index', 'usage', 'tokens', 'input_tokens', 'finish_reason', 'error',
])
