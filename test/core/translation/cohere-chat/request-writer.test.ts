import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { writeRequest } from '../../../../core/translation/cohere-chat/request-writer.ts'
import type { Block, CanonicalRequest, ModelFacts } from '../../../../sdk/index.ts'
import { REQUEST } from '../law.ts'
import { assistant, text, user } from '../turn.ts'

function write(request: Partial<CanonicalRequest>, facts: ModelFacts = {}) {
  const { body, warnings } = writeRequest({ ...REQUEST, ...request }, facts)
  return { body: JSON.parse(body), warnings: warnings.map(({ field, action }) => `${action} ${field}`) }
}
const call = (id: string, args = '{}'): Block => ({ kind: 'tool_call', id, name: 'look', args })
const result = (id: string, failed: boolean, ...blocks: (Block & { kind: 'text' | 'image' })[]): Block => ({
  kind: 'tool_result', id, name: '', blocks, failed,
})
const picture: Block & { kind: 'image' } = { kind: 'image', media: { at: 'data', base64: 'AAAA', mediaType: 'image/png' } }

test('a request in its words', () => {
  const { body, warnings } = write({
    maxOutput: 9, temperature: 0.5, topP: 0.9, topK: 40, seed: 7, frequencyPenalty: 0.1, presencePenalty: 0.2, stop: ['END'],
    choices: 1, stream: false,
    format: { type: 'schema', name: 'n', schema: { type: 'object' } }, thinking: { budget: 99 },
    tools: [{ name: 'f', description: 'd', schema: { type: 'object' }, strict: true }, { name: 'g', strict: true }],
    toolChoice: { mode: 'required' },
  })
  assert.deepEqual(body, {
    model: 'm', messages: [{
      role: 'user', content: 'Hello',
    }], max_tokens: 9, temperature: 0.5, p: 0.9, k: 40, seed: 7, frequency_penalty: 0.1,
    presence_penalty: 0.2, stop_sequences: ['END'], response_format: { type: 'json_object', json_schema: { type: 'object' } },
    thinking: { type: 'enabled', token_budget: 99 },
    tools: [
      { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' } } },
      { type: 'function', function: { name: 'g', parameters: { type: 'object', properties: {} } } },
    ],
    strict_tools: true, tool_choice: 'REQUIRED', stream: false,
  })
  assert.deepEqual(warnings, [])
})

test('an answer is as long as the model can write', () => {
  const { body, warnings } = write({ maxOutput: 9 }, { maxOutput: 8 })
  assert.deepEqual([body.max_tokens, warnings], [8, ['approximated maxOutput']])
})

test('what it has no place for is told, or refused', () => {
  const { body, warnings } = write({
    user: 'u', parallelTools: false, tools: [{ name: 'f', strict: true, cache: '5m' }, { name: 'g' }],
    toolChoice: { mode: 'auto' },
    rest: { dialect: 'openai-chat', fields: { logit_bias: {} } }, turns: [{
      role: 'user', name: 'Ann', blocks: [{ ...text('x'), cache: '1h' }],
    }],
  })
  assert.deepEqual(warnings, [
    'dropped logit_bias', 'dropped turns[0].name', 'dropped turns[0].blocks[0].cache', 'approximated tools',
    'dropped tools[0].cache', 'dropped parallelTools', 'dropped user',
  ])
  assert.deepEqual([body.strict_tools, body.tool_choice, body.logit_bias], [undefined, undefined, undefined])
  assert.throws(() => write({ choices: 2 }), { code: 'untranslatable', param: 'choices' })
  assert.equal(write({ rest: { dialect: 'cohere-chat', fields: { safety_mode: 'OFF' } } }).body.safety_mode, 'OFF')
})

test('a choice among tools is a list of those', () => {
  const { body, warnings } = write({ tools: [{ name: 'f' }, { name: 'g' }], toolChoice: { mode: 'required', names: ['g'] } })
  assert.deepEqual(
    [body.tools.map((tool: { function: { name: string } }) => tool.function.name), body.tool_choice, warnings],
    [['g'], 'REQUIRED', ['emulated toolChoice.names']],
  )
  assert.equal(write({ tools: [{ name: 'f' }], toolChoice: { mode: 'none' } }).body.tool_choice, 'NONE')
})

for (const [thinking, facts, expected, warned] of [
  [{ effort: 'none' }, {}, { type: 'disabled' }, 0],
  [{ effort: 'low' }, {}, { type: 'enabled' }, 1], [{ adaptive: true }, {}, { type: 'enabled' }, 0],
  [{ effort: 'low' }, { thinking: 'none' }, undefined, 1], [{ effort: 'none' }, { thinking: 'none' }, undefined, 0],
] as const) {
  test(`thinking ${JSON.stringify({ ...thinking, ...facts })}`, () => {
    const { body, warnings } = write({ thinking }, facts)
    assert.deepEqual([body.thinking, warnings.length], [expected, warned])
  })
}

describe('messages', () => {
  test('tools are planned, called and answered', () => {
    const { body, warnings } = write({
      turns: [
        { role: 'system', blocks: [text('S')] }, { role: 'developer', blocks: [text('D')] }, user(text('U')),
        assistant(
          { kind: 'reasoning', text: 'hm' }, text('I will '), text('look.'), call('a', '{"n": 1}'), call('b', ''),
        ), user(result('a', false, text('1'), text('2')), result('b', true, text('no')), text('and?')),
      ],
    })
    assert.deepEqual(body.messages, [
      { role: 'system', content: 'S' }, { role: 'system', content: 'D' }, { role: 'user', content: 'U' },
      {
        role: 'assistant', content: [{ type: 'thinking', thinking: 'hm' }], tool_plan: 'I will look.',
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'look', arguments: '{"n": 1}' } },
          { id: 'b', type: 'function', function: { name: 'look', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: '1\n2' }, { role: 'tool', tool_call_id: 'b', content: 'Error: no' },
      { role: 'user', content: 'and?' },
    ])
    assert.deepEqual(warnings, ['approximated turns[4].blocks[1].failed'])
  })

  test('P18: an empty text is nothing, and a turn of nothing else no message', () => {
    assert.deepEqual(
      write({ turns: [user(text('U')), assistant(text('')), user(result('a', false))] }).body.messages,
      [{ role: 'user', content: 'U' }, { role: 'tool', tool_call_id: 'a', content: '' }],
    )
  })

  test('P20: pictures of results follow behind all results', () => {
    const { body, warnings } = write({
      turns: [assistant(call('a'), call('b')), user(result('a', false, text('1'), picture)), user(result('b', false, text('2')))],
    })
    assert.deepEqual(body.messages.slice(1), [
      { role: 'tool', tool_call_id: 'a', content: '1' }, { role: 'tool', tool_call_id: 'b', content: '2' },
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] },
    ])
    assert.deepEqual(warnings, ['emulated turns[1].blocks[0]'])
  })

  test('pictures go, files and sounds are refused by name', () => {
    const { body } = write({
      turns: [user(text('U'), { kind: 'image', media: { at: 'url', url: 'https://e.org/a.png' }, detail: 'low' })],
    })
    assert.deepEqual(body.messages[0].content, [{ type: 'text', text: 'U' }, {
      type: 'image_url', image_url: { url: 'https://e.org/a.png', detail: 'low' },
    }])
    for (const block of [
      { kind: 'file', media: picture.media }, { kind: 'audio', media: picture.media },
      { kind: 'image', media: { at: 'id', id: 'x', dialect: 'y' } },
    ] as const) {
      assert.throws(() => write({ turns: [user(text('U'), block)] }), { code: 'untranslatable', param: 'turns[0].blocks[1]' })
    }
  })

  test('what another model signed, and things of other formats, are left out with a warning', () => {
    const { body, warnings } = write({
      turns: [assistant(
        { kind: 'reasoning', text: 'a', signature: { dialect: 'gemini', value: 'x' } },
        { ...text('b'), citations: [{ url: 'https://e.org' }] }, { kind: 'opaque', dialect: 'gemini', type: 'executableCode', raw: {} },
      )],
    })
    assert.deepEqual(body.messages, [{ role: 'assistant', content: 'b' }])
    assert.deepEqual(warnings, ['dropped turns[0].blocks[1].citations', 'dropped turns[0].blocks[0]', 'dropped turns[0].blocks[2]'])
  })
})
