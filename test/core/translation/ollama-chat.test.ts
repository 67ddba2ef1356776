// Ollama's own chat: lines instead of events, objects instead of texts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import translation from '../../../core/translation/ollama-chat.ts'
import { fold, unfold } from '../../../core/fold.ts'
import type {
  Block, CanonicalAnswer, CanonicalChoice, CanonicalRequest, Finish, ModelFacts, Turn, Usage,
} from '../../../sdk/index.ts'
import { answerLaws, readStream, REQUEST, writeStream } from './law.ts'
import { inRanks, orderless } from './orderless.ts'
import { survivesWildBodies } from './wild-body.ts'

/** Refusals are text here. */
function blocksOf(blocks: readonly Block[]): Block[] {
  return inRanks(blocks.map((block): Block => block.kind === 'refusal' ? { kind: 'text', text: block.text } : block))
}

function stopOf({ blocks, finish: { stop } }: CanonicalChoice): Finish['stop'] {
  if (stop === 'length') return stop
  return blocks.some(block => block.kind === 'tool_call') ? 'tool' : 'end'
}

const parts = { cacheRead: 0, cacheWrite: 0, reasoning: 0 } as const
const usageOf = (usage: Usage | undefined) => usage === undefined ? {} : { usage: { ...usage, ...parts } }

answerLaws(orderless(translation), answer => ({
  ...answer,
  choices: answer.choices.map(choice => ({
    ...choice, blocks: blocksOf(choice.blocks), finish: { ...choice.finish, stop: stopOf(choice) },
  })),
  ...usageOf(answer.usage),
}))

const LEAST = { model: 'm', messages: [{ role: 'user', content: 'Hello' }], stream: true, truncate: false, options: {} }

function write(more: Partial<CanonicalRequest>, facts: ModelFacts = {}) {
  const { body, warnings } = translation.writeRequest({ ...REQUEST, ...more }, facts)
  return { body: JSON.parse(body) as Record<string, unknown>, warned: warnings.map(({ field, action }) => `${field} ${action}`) }
}
const messagesOf = (...turns: Turn[]) => {
  const { body, warned } = write({ turns })
  return { messages: body.messages, warned }
}
const text = (said: string) => ({ kind: 'text', text: said }) as const
const image = { kind: 'image', media: { at: 'data', base64: 'AAAA', mediaType: 'image/png' } } as const
const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }

for (const [name, more, facts, expected, warned] of [
  ['options', {
    maxOutput: 9, temperature: 0.1, topP: 0.9, topK: 4, seed: 7, stop: ['a'], frequencyPenalty: 1, presencePenalty: 1,
  }, {},
    { options: {
      num_predict: 9, temperature: 0.1, top_p: 0.9, top_k: 4, seed: 7, stop: ['a'], frequency_penalty: 1, presence_penalty: 1,
    } }, []],
  ['a whole answer is asked for, too', { stream: false }, {}, { stream: false }, []],
  ['what it has no field for', { user: 'u', parallelTools: false }, {}, {}, ['user dropped', 'parallelTools dropped']],
  ['any JSON', { format: { type: 'json' } }, {}, { format: 'json' }, []],
  ['a schema', { format: { type: 'schema', schema: { type: 'object' } } }, {}, { format: { type: 'object' } }, []],
  ['a tool', { tools: [{ name: 'f' }], toolChoice: { mode: 'auto' } }, {}, { tools: [tool] }, []],
  ['no tool', { tools: [{ name: 'f' }], toolChoice: { mode: 'none' } }, {}, {}, []],
  [
    'one of some', { tools: [{ name: 'f' }, { name: 'g' }], toolChoice: { mode: 'auto', names: ['f'] } }, {}, { tools: [tool] },
    [],
  ],
  ['thinking by a word', { thinking: { effort: 'xhigh' } }, { thinking: 'effort' }, { think: 'max' }, []],
  ['thinking at all', { thinking: { effort: 'low' } }, {}, { think: true }, ['thinking approximated']],
  ['not thinking', { thinking: { effort: 'none' } }, {}, { think: false }, []],
  ['thinking of a model that cannot', { thinking: { adaptive: true } }, { thinking: 'none' }, {}, ['thinking dropped']],
  [
    'its own fields', { rest: { dialect: 'ollama-chat', fields: { keep_alive: '5m', options: { num_ctx: 8192 } } } }, {},
    { keep_alive: '5m', options: { num_ctx: 8192 } }, [],
  ],
  ['fields of others', { rest: { dialect: 'openai-chat', fields: { store: true } } }, {}, {}, ['store dropped']],
] as const satisfies readonly (readonly [string, Partial<CanonicalRequest>, ModelFacts, object, readonly string[]])[]) {
  test(`a request: ${name}`, () => assert.deepEqual(write(more, facts), { body: { ...LEAST, ...expected }, warned }))
}

test('turns: pictures, thoughts, calls and their results by the names of the tools', () => {
  assert.deepEqual(messagesOf(
    { role: 'developer', blocks: [text('be brief')] },
    { role: 'user', name: 'eva', blocks: [text('see'), image] },
    {
      role: 'assistant',
      blocks: [
        { kind: 'reasoning', text: 'hm' }, text('a'), { kind: 'tool_call', id: 'c1', name: 'f', args: '{"n":1}' },
        { kind: 'tool_call', id: 'c2', name: 'g', args: '' },
      ],
    },
    {
      role: 'user',
      blocks: [
        { kind: 'tool_result', id: 'c2', name: '', blocks: [text('gone')], failed: true },
        { kind: 'tool_result', id: 'c1', name: 'f', blocks: [text('ok'), image], failed: false }, text('so?'),
      ],
    },
  ), {
    messages: [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'see', images: ['AAAA'] },
      {
        role: 'assistant', content: 'a', thinking: 'hm',
        tool_calls: [
          { id: 'c1', function: { name: 'f', arguments: { n: 1 } } }, { id: 'c2', function: { name: 'g', arguments: {} } },
        ],
      },
      { role: 'tool', content: 'Error:\ngone', tool_name: 'g', tool_call_id: 'c2' },
      { role: 'tool', content: 'ok', tool_name: 'f', tool_call_id: 'c1', images: ['AAAA'] },
      { role: 'user', content: 'so?' },
    ],
    warned: ['turns[1].name dropped', 'turns[3].failed emulated'],
  })
})

test('what only others can read stays behind, and arguments that are none are left out', () => {
  const signature = { dialect: 'anthropic-messages', value: 's' }
  assert.deepEqual(messagesOf({
    role: 'assistant',
    blocks: [
      { kind: 'reasoning', text: 'theirs', signature }, { kind: 'reasoning', text: '', redacted: signature },
      { kind: 'opaque', dialect: 'gemini', type: 'x', raw: {} }, { kind: 'tool_call', id: 'c1', name: 'f', args: '{"a":' },
    ],
  }), {
    messages: [{ role: 'assistant', content: '', tool_calls: [{ id: 'c1', function: { name: 'f', arguments: {} } }] }],
    warned: [
      'turns[0].blocks[0] dropped', 'turns[0].blocks[1] dropped', 'turns[0].blocks[2] dropped',
      'turns[0].blocks[3] approximated',
    ],
  })
})

for (const [param, more] of [
  ['toolChoice', { tools: [{ name: 'f' }], toolChoice: { mode: 'required' } }],
  ['choices', { choices: 2 }],
  [
    'turns[0]',
    { turns: [{ role: 'user', blocks: [{ kind: 'image', media: { at: 'url', url: 'https://example.com/a.png' } }] }] },
  ],
  [
    'turns[0]',
    { turns: [{
      role: 'user', blocks: [{ kind: 'file', media: { at: 'data', base64: 'AAAA', mediaType: 'application/pdf' } }],
    }] },
  ],
] as const satisfies readonly (readonly [string, Partial<CanonicalRequest>])[]) {
  test(
    `refused by name: ${param} as ${JSON.stringify(more).slice(0, 60)}`,
    () => assert.throws(() => write(more), { code: 'untranslatable', param }),
  )
}

test('a request of a client: results find their calls without ids', () => {
  const { turns, tools, rest, ...more } = translation.readRequest({
    model: 'm', think: 'low', format: 'json', keep_alive: '5m', options: { num_predict: 5, num_ctx: 8192, stop: ['a'] },
    tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
    messages: [
      { role: 'user', content: 'see', images: ['/9j/AA'] },
      {
        role: 'assistant', content: '', thinking: 'hm',
        tool_calls: [{ function: { name: 'f', arguments: { n: 1 } } }, { function: { name: 'g', arguments: {} } }],
      },
      { role: 'tool', tool_name: 'g', content: 'two' },
      { role: 'tool', content: 'one' },
    ],
  }, { model: 'm', stream: true })
  assert.deepEqual(
    more,
    {
      model: 'm', maxOutput: 5, stop: ['a'], format: { type: 'json' }, thinking: { effort: 'low' }, stream: true,
      streamUsage: true,
    },
  )
  assert.deepEqual(
    [tools, rest.fields], [[{ name: 'f', schema: { type: 'object' } }], { keep_alive: '5m', options: { num_ctx: 8192 } }],
  )
  assert.deepEqual(
    turns[0],
    { role: 'user', blocks: [text('see'), { kind: 'image', media: { at: 'data', base64: '/9j/AA', mediaType: 'image/jpeg' } }] },
  )
  const calls = turns[1]!.blocks.flatMap(block => block.kind === 'tool_call' ? [`${block.id} ${block.name} ${block.args}`] : [])
  const results = turns[2]!.blocks.flatMap(block => block.kind === 'tool_result' ? [`${block.id} ${block.name}`] : [])
  assert.deepEqual(
    [turns.length, calls.length, calls.map(call => call.split(' ').slice(0, 2).join(' ')).toReversed()], [3, 2, results],
  )
})

for (const [param, body] of [
  ['messages', {}], ['messages', { messages: [] }], [
    'messages[0].role', { messages: [{ role: 'control' }] },
  ], ['messages[0].role', { messages: [null] }],
] as const) {
  test(
    `no request: ${JSON.stringify(body)}`,
    () => assert.throws(() => translation.readRequest(body, { model: 'm', stream: true }), { code: 'invalid_body', param }),
  )
}

const line = (message: object, more: object = {}) => ({ payload: JSON.stringify({
  model: 'm', created_at: '2026-01-02T03:04:05.678901Z', message: { role: 'assistant', ...message }, done: false, ...more,
}) })
const last = (reason: string, more: object = {}) => line(
  { content: '' }, { done: true, done_reason: reason, prompt_eval_count: 10, eval_count: 5, ...more },
)

test('P9: calls without ids, all number 0, arguments as objects, done by stop', () => {
  const f = (n: number) => ({ content: '', tool_calls: [{ function: { index: 0, name: 'f', arguments: { n } } }] })
  const { answer, ended } = fold(readStream(
    translation, [line({ content: '', thinking: 'hm' }), line({ content: 'Let me see.' }), line(f(1)), line(f(2)), last('stop')],
  ))
  const [choice] = answer.choices
  assert.deepEqual(
    [ended, answer.created, choice!.finish, answer.usage],
    [true, 1_767_323_045, { stop: 'tool', raw: 'stop' }, { input: 10, output: 5, ...parts, source: 'provider' }],
  )
  assert.deepEqual(
    choice!.blocks.map(block => block.kind === 'tool_call' ? block.args : 'text' in block ? block.text : ''),
    ['hm', 'Let me see.', '{"n":1}', '{"n":2}'],
  )
  const ids = choice!.blocks.flatMap(block => block.kind === 'tool_call' ? [block.id] : [])
  assert.equal(new Set(ids.filter(id => id !== '')).size, 2)
})

test('an answer, whole: the same, with the reason of its end', () => {
  const body = (done_reason: string) => translation.readAnswer({
    model: 'm', message: { content: 'x', tool_calls: [{ id: 'c1', function: { name: 'f', arguments: {} } }] }, done: true,
    done_reason,
  })
  assert.deepEqual([body('stop'), body('length')].map(({ choices }) => choices[0]!.finish.stop), ['tool', 'length'])
  assert.deepEqual(body('stop').usage, undefined)
  for (const none of [null, [], {}, { error: 'no' }, { message: 'x' }]) {
    assert.throws(() => translation.readAnswer(none), (problem: Error) => !(problem instanceof TypeError))
  }
})

test('an error in a line ends the stream; the rest of it is not heard', () => {
  const { error, ended } = fold(readStream(
    translation, [line({ content: 'x' }), { payload: '{"error":"out of memory"}' }, last('stop')],
  ))
  assert.deepEqual([error, ended], [{ failure: 'upstream', message: 'out of memory' }, true])
})

test('a line that is none is refused, and not repeated', () => {
  for (const payload of ['{"message":{"content":"secret', 'null', '[]']) {
    assert.throws(
      () => readStream(translation, [{ payload }]),
      (problem: Error) => !(problem instanceof TypeError) && !problem.message.includes('secret'),
    )
  }
})

test('errors by status', () => {
  assert.deepEqual([
    translation.readError(404, { error: 'model "x" not found, try pulling it first' }), translation.readError(
      400, { error: 'the input length exceeds the context length' },
    ),
    translation.readError(503, { error: 'server busy' }),
  ].map(({ failure }) => failure), ['not_found', 'context', 'overloaded'])
  assert.deepEqual(translation.writeError({ failure: 'overloaded', message: 'busy' }), { status: 503, body: '{"error":"busy"}' })
})

test('the lines of an answer: calls come whole, and the last line says how it ended', () => {
  const answer: CanonicalAnswer = {
    id: 'a', model: 'real', created: 5, choices: [{
      index: 0, blocks: [{ kind: 'tool_call', id: 'c1', name: 'f', args: '{"n":1}' }], finish: { stop: 'tool', raw: '' },
    }],
    usage: { input: 10, output: 5, ...parts, source: 'provider' },
  }
  const head = { model: 'm', created_at: '1970-01-01T00:00:05.000Z' }
  assert.deepEqual(writeStream(translation, unfold(answer)).map(({ payload }) => JSON.parse(payload)), [
    {
      ...head,
      message: { role: 'assistant', content: '', tool_calls: [{ id: 'c1', function: { name: 'f', arguments: { n: 1 } } }] },
      done: false,
    },
    {
      ...head, message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', prompt_eval_count: 10, eval_count: 5,
    },
  ])
})

survivesWildBodies(translation)
