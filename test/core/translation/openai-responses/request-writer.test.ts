import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRequest } from '../../../../core/translation/openai-responses/request-reader.ts'
import { writeRequest } from '../../../../core/translation/openai-responses/request-writer.ts'
import { GatehouseError, type Block, type CanonicalRequest, type ModelFacts } from '../../../../sdk/index.ts'
import { REQUEST } from '../law.ts'
import { text } from '../turn.ts'

const write = (request: Partial<CanonicalRequest>, facts: ModelFacts = {}) => {
  const { body, warnings } = writeRequest({ ...REQUEST, stream: false, ...request }, facts)
  return { body: JSON.parse(body), warnings: warnings.map(({ field, action }) => `${field} ${action}`) }
}
const own = { dialect: 'openai-responses', value: '["rs_1","enc"]' }
const turn = (role: 'user' | 'assistant' | 'system' | 'developer', ...blocks: Block[]) => ({ role, blocks })

const conversations: [string, ReturnType<typeof turn>[], object[], string[]][] = [
  ['texts, pictures and files of a user are one message', [turn('user',
    text('a'), { kind: 'image', media: { at: 'data', base64: 'AA', mediaType: 'image/png' } }, {
      kind: 'file', media: { at: 'url', url: 'https://example.com/a.pdf' },
    },
  )], [{ type: 'message', role: 'user', content: [
    { type: 'input_text', text: 'a' }, { type: 'input_image', image_url: 'data:image/png;base64,AA', detail: 'auto' },
    { type: 'input_file', file_url: 'https://example.com/a.pdf' },
  ] }], []],
  ['a system turn in the middle, and a developer\'s', [
    turn('user', text('a')), turn('system', text('b')), turn('developer', text('c')),
  ],
    ['user', 'system', 'developer'].map((role, at) => ({
      type: 'message', role, content: [{ type: 'input_text', text: 'abc'[at] }],
    })), []],
  ['calls and results, which say that they failed', [
    turn('assistant', text('Let me see.'), { kind: 'tool_call', id: 'a', name: 'f', args: '' }),
    turn('user', { kind: 'tool_result', id: 'a', name: 'f', blocks: [{ kind: 'text', text: 'no' }], failed: true }, text('And?')),
  ], [
    { type: 'message', role: 'assistant', content: 'Let me see.' }, {
      type: 'function_call', call_id: 'a', name: 'f', arguments: '{}',
    },
    { type: 'function_call_output', call_id: 'a', output: 'Error:\nno' },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'And?' }] },
  ], ['turns[1].blocks[0].failed emulated']],
  ['P20: a picture that a tool brought', [turn('user', {
    kind: 'tool_result', id: 'a', name: '', failed: false, blocks: [
      { kind: 'text', text: 'x' }, { kind: 'image', media: { at: 'url', url: 'https://example.com/a.png' } },
    ],
  })], [{ type: 'function_call_output', call_id: 'a', output: [
    { type: 'input_text', text: 'x' }, { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'auto' },
  ] }], []],
  ['P28: its own thoughts whole, those of others never', [turn('assistant',
    { kind: 'reasoning', text: 'a', signature: own }, { kind: 'reasoning', text: '', redacted: own },
    { kind: 'reasoning', text: 'b', signature: { dialect: 'anthropic-messages', value: 's' } }, { kind: 'reasoning', text: 'c' },
  )], [
    { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'a' }], encrypted_content: 'enc' },
    { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'enc' },
  ], ['turns[0].blocks[2] dropped', 'turns[0].blocks[3] dropped']],
  ['refusals, marks, names and things of others', [
    {
      ...turn('assistant', { kind: 'refusal', text: 'No.' }, {
        kind: 'opaque', dialect: 'gemini', type: 'executableCode', raw: {},
      }),
      name: 'Bob',
    } as ReturnType<typeof turn>,
    turn('user', { kind: 'text', text: 'a', cache: '5m' }),
  ], [
    { type: 'message', role: 'assistant', content: 'No.' },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'a' }] },
  ],
  ['turns[0].name dropped', 'turns[0].blocks[0] approximated', 'turns[0].blocks[1] dropped', 'turns[1].blocks[0].cache dropped']],
]

for (const [name, turns, input, warned] of conversations) {
  test(`turns: ${name}`, () => {
    const { body, warnings } = write({ turns })
    assert.deepEqual([body.input, warnings], [input, warned])
    assert.equal(body.store, false)
  })
}

test('what stands first for the model are its instructions', () => {
  const { body } = write({ turns: [turn('system', text('a'), text('b')), turn('user', text('c'))] })
  assert.equal(body.instructions, 'a\nb')
  assert.equal(body.input.length, 1)
})

const refused: [Partial<CanonicalRequest>, string][] = [
  [{ stop: ['x'] }, 'stop'],
  [{ choices: 2 }, 'choices'],
  [
    { turns: [turn('user', { kind: 'audio', media: { at: 'data', base64: 'AA', mediaType: 'audio/wav' } })] },
    'turns[0].blocks[0]',
  ],
  [{ turns: [turn('user', { kind: 'file', media: { at: 'id', id: 'f', dialect: 'gemini' } })] }, 'turns[0].blocks[0]'],
]

for (const [request, param] of refused) {
  test(`what would change the meaning is refused by name: ${param}`, () => {
    assert.throws(
      () => write(request), error => error instanceof GatehouseError && error.code === 'untranslatable' && error.param === param
    )
  })
}

test('settings', () => {
  const { body: { input: _, ...body }, warnings } = write({
    tools: [{ name: 'f' }, { name: 'g.h', schema: { type: 'object' }, strict: true, cache: '1h' }], toolChoice: {
      mode: 'required', names: ['g.h'],
    }, parallelTools: false,
    maxOutput: 9000, temperature: 0.5, topP: 0.9, seed: 1, topK: 2, format: {
      type: 'schema', schema: {},
    }, stream: true, user: 'u',
    rest: { dialect: 'openai-chat', fields: { metadata: { a: 'b' }, verbosity: 'low', logit_bias: {} } },
  }, { maxOutput: 100 })
  const [f, g] = body.tools
  assert.deepEqual(f, { type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: false })
  assert.match(g.name, /^g_h_[0-9a-f]{8}$/)
  assert.deepEqual(body.tool_choice, { type: 'function', name: g.name })
  assert.deepEqual({ ...body, tools: undefined, tool_choice: undefined }, {
    model: 'm', tools: undefined, tool_choice: undefined, parallel_tool_calls: false, max_output_tokens: 100, temperature: 0.5,
    top_p: 0.9,
    text: { format: { type: 'json_schema', name: 'answer', schema: {}, strict: false }, verbosity: 'low' },
    user: 'u', store: false, stream: true, metadata: { a: 'b' },
  })
  assert.deepEqual(warnings, [
    'topK dropped', 'seed dropped', 'logit_bias dropped', 'tools[1].cache dropped', 'maxOutput approximated',
  ])
})

test('P28: proofs of thought are asked for where the model thinks, and nowhere else', () => {
  const include = (request: Partial<CanonicalRequest>, facts: ModelFacts) => write(request, facts).body.include
  assert.deepEqual(include({}, { thinking: 'effort' }), ['reasoning.encrypted_content'])
  assert.equal(include({ thinking: { effort: 'high' } }, { thinking: 'none' }), undefined)
  assert.equal(include({}, {}), undefined)
  assert.deepEqual(include({ thinking: { effort: 'low' } }, {}), ['reasoning.encrypted_content'])
  assert.deepEqual(
    include({ turns: [turn('assistant', { kind: 'reasoning', text: '', redacted: own })] }, {}), ['reasoning.encrypted_content']
  )
})

test('P40: a model that thinks is not told how to choose words', () => {
  const { body, warnings } = write({ temperature: 0, thinking: { budget: 2000, shown: true } }, { thinking: 'effort' })
  assert.deepEqual([body.temperature, body.reasoning], [undefined, { effort: 'low', summary: 'auto' }])
  assert.deepEqual(warnings, ['temperature dropped', 'thinking.budget approximated'])
})

test('a request of this format is the same again', () => {
  const body = {
    model: 'm', instructions: 'Be kind.',
    input: [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'a' }] },
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'enc' },
      { type: 'function_call', call_id: 'a', name: 'f', arguments: '{"x": 1}' },
      { type: 'function_call_output', call_id: 'a', output: '1' },
    ],
    tools: [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: true }, { type: 'custom', name: 'g' }],
    tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }, { type: 'custom', name: 'g' }] },
    parallel_tool_calls: true, max_output_tokens: 5, text: { format: { type: 'json_object' }, verbosity: 'low' },
    reasoning: { effort: 'low', summary: 'auto' }, include: [
      'message.output_text.logprobs', 'reasoning.encrypted_content',
    ], store: false, truncation: 'auto',
  }
  assert.deepEqual(JSON.parse(writeRequest(readRequest(body, { model: 'm', stream: false }), {}).body), body)
})
