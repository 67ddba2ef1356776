import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readRequest } from '../../../../core/translation/anthropic-messages/read-request.ts'
import { writeRequest } from '../../../../core/translation/anthropic-messages/write-request.ts'
import type { Block, CanonicalRequest, ModelFacts, Warning } from '../../../../sdk/index.ts'
import { REQUEST } from '../law.ts'
import { assistant, call, result, text, user } from '../turn.ts'

const SIGNATURE = { dialect: 'anthropic-messages', value: 'c2ln' } as const
const FOREIGN = { dialect: 'gemini', value: 'x' } as const

interface Told {
  readonly body: Record<string, unknown> & { readonly messages: { role: string; content: Record<string, unknown>[] }[] }
  readonly warned: string[]
}

const noted = (warnings: readonly Warning[]): string[] => warnings.map(({ action, field }) => `${action} ${field}`)

function write(more: Partial<CanonicalRequest>, facts: ModelFacts = {}): Told {
  const { body, warnings } = writeRequest({ ...REQUEST, stream: false, ...more }, facts)
  return { body: JSON.parse(body) as Told['body'], warned: noted(warnings) }
}

const thought: Block = { kind: 'reasoning', text: 'Hm.', signature: SIGNATURE }
const f = { name: 'f', schema: { type: 'object' } }

test('the least request', () => {
  assert.deepEqual(write({}, { maxOutput: 64_000 }), {
    body: { model: 'm', max_tokens: 64_000, messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] },
      warned: [],
  })
  assert.equal(write({}).body.max_tokens, 8192)
})

test('what this format reads it writes again', () => {
  const body = {
    service_tier: 'auto', model: 'm', max_tokens: 4000,
    system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    messages: [
      { role: 'user', content: [
        { type: 'text', text: 'x' }, { type: 'image', source: { type: 'url', url: 'https://x/y' } },
        { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'aGk=' }, title: 'T' },
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'hi' } },
        { type: 'image', source: { type: 'file', file_id: 'f1' } },
        { type: 'search_result', source: 's' },
      ] },
      { role: 'assistant', content: [
        { type: 'thinking', thinking: 'Hm.', signature: 's' }, { type: 'redacted_thinking', data: 'd' },
        { type: 'tool_use', id: 't1', name: 'f', input: { b: 1, a: [2] } }, { type: 'tool_use', id: 't2', name: 'f', input: {} },
      ] },
      { role: 'user', content: [
        { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'image',
          source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } }] },
        { type: 'tool_result', tool_use_id: 't2', is_error: true },
        { type: 'text', text: 'Go on.', cache_control: { type: 'ephemeral' } },
      ] },
    ],
    stop_sequences: ['END'],
    tools: [{ name: 'f', description: 'F.', input_schema: { type: 'object', properties: {}, additionalProperties: false },
      strict: true }],
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    thinking: { type: 'enabled', budget_tokens: 2000 },
    output_config: { format: { type: 'json_schema', schema: { type: 'object', additionalProperties: false } } },
    metadata: { user_id: 'u' }, stream: true,
  }
  const { body: written, warnings } = writeRequest(readRequest(body, { model: 'm', stream: true }), {})
  assert.deepEqual(JSON.parse(written), body)
  assert.deepEqual(warnings, [])
})

test('the system speaks first, and later as the user', () => {
  const { body, warned } = write({ turns: [
    { role: 'system', blocks: [text('a')] }, { role: 'developer', blocks: [text('b')] }, user(text('c')),
      { role: 'system', blocks: [text('d')] },
  ] })
  assert.deepEqual(body.system, [{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }])
  assert.deepEqual(body.messages, [{ role: 'user', content: [{ type: 'text', text: 'c' }, { type: 'text', text: 'd' }] }])
  assert.deepEqual(warned, ['approximated turns[3].role'])
})

test('P16: results of parallel calls come in one turn, first', () => {
  const { body } = write({ tools: [f], turns: [
    user(text('x')), assistant(call('a'), call('b')), user(result('a', { kind: 'text', text: '1' })),
      { role: 'system', blocks: [text('s')] },
    user(result('b', { kind: 'text', text: '2' })),
  ] })
  assert.deepEqual(body.messages.map(({ role, content }) => [role, content.map(one => one.tool_use_id ?? one.id ?? one.text)]),
    [['user', ['x']], ['assistant', ['a', 'b']], ['user', ['a', 'b', 's']]])
})

test('P18: blank text is left out', () => {
  const { body, warned } = write({ turns: [user(text(' \n')), user(text('x')), assistant(text(''), call('a')),
    user(result('a', { kind: 'text', text: '' }))] })
  assert.deepEqual(body.messages.map(({ content }) => content), [
    [{ type: 'text', text: 'x' }], [{ type: 'tool_use', id: 'a', name: 'f', input: {} }],
      [{ type: 'tool_result', tool_use_id: 'a' }],
  ])
  assert.deepEqual(warned, [])
})

test('P17: tools that were called before are declared, and not called again', () => {
  const { body } = write({ turns: [user(text('x')), assistant(call('a')), user(result('a'))] })
  assert.deepEqual([body.tools, body.tool_choice], [[{ name: 'f', input_schema: { type: 'object' } }], { type: 'none' }])
})

describe('P21: arguments', () => {
  for (const [args, input] of [
    ['', '{}'], [' ', '{}'], ['{}', '{}'], ['{"n":12345678901234567890,"x":1.0,"s":"é"}',
      '{"n":12345678901234567890,"x":1.0,"s":"é"}'],
  ] as const) {
    test(`${JSON.stringify(args)} are kept`, () => {
      const { body, warnings } = writeRequest({ ...REQUEST, turns: [assistant(call('a', args))] }, {})
      assert.ok(body.includes(`"input":${input}}`))
      assert.deepEqual(warnings, [])
    })
  }
  for (const args of ['{"ci', '[1]', '7', 'null', '['.repeat(100_000)]) {
    test(`${args.slice(0, 9)} are shown as they are`, () => {
      const { body, warned } = write({ turns: [assistant(call('a', args))] })
      assert.deepEqual([body.messages[0]!.content[0]!.input, warned],
        [{ unparsed: args }, ['approximated turns[0].blocks[0].args']])
    })
  }
})

test('P20: pictures in results of tools', () => {
  const image = { kind: 'image', media: { at: 'data', base64: 'aGk=', mediaType: 'image/png' } } as const
  const { body } = write({ turns: [user(result('a', image))] })
  assert.deepEqual(body.messages[0]!.content[0]!.content,
    [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } }])
})

test('ids that are illegal here are hashed, the same for call and result', () => {
  const { body } = write({ turns: [assistant(call('a.b:c'), call('ok-1')), user(result('a.b:c'), result('ok-1'))] })
  const [calls, results] = body.messages.map(({ content }) => content.map(one => one.id ?? one.tool_use_id))
  assert.deepEqual(calls, results)
  assert.match(String(calls![0]), /^call_[0-9a-f]{32}$/)
  assert.equal(calls![1], 'ok-1')
})

test('P3: thoughts of others stay with them', () => {
  const { body, warned } = write({ turns: [assistant(
    { kind: 'reasoning', text: 'a', signature: FOREIGN }, { kind: 'reasoning', text: 'b' },
      { kind: 'reasoning', text: '', redacted: FOREIGN }, text('c'),
  )] })
  assert.deepEqual(body.messages[0]!.content, [{ type: 'text', text: 'c' }])
  assert.deepEqual(warned, [0, 1, 2].map(i => `dropped turns[0].blocks[${i}]`))
})

describe('thinking', () => {
  const tall = { maxOutput: 64_000 }
  for (const [name, thinking, facts, told, effort, warned] of [
    ['nothing is said', {}, tall, { type: 'adaptive' }, undefined, []],
    ['a model that cannot', { effort: 'high' }, { ...tall, thinking: 'none' }, undefined, undefined, ['dropped thinking']],
    ['none is wished', { effort: 'none' }, { ...tall, thinking: 'adaptive' }, undefined, undefined, []],
    ['a word to a counter', { effort: 'high' }, { ...tall, thinking: 'budget' }, { type: 'enabled', budget_tokens: 16_384 },
      undefined, []],
    ['P41: a word that not all know', { effort: 'xhigh' }, { ...tall, thinking: 'adaptive' }, { type: 'adaptive' }, 'high',
      ['approximated thinking.effort']],
    ['P41: a budget to a model that takes none', { budget: 5000 }, { ...tall, thinking: 'adaptive' }, { type: 'adaptive' },
      'medium', ['approximated thinking.budget']],
    ['P41: a budget over the limit', { budget: 9000 }, { maxOutput: 4000, thinking: 'budget' },
      { type: 'enabled', budget_tokens: 3999 }, undefined, ['approximated thinking.budget']],
    ['P41: a limit too low to think', { budget: 9000 }, { maxOutput: 1000, thinking: 'budget' }, undefined, undefined,
      ['dropped thinking']],
    ['a budget where nobody knows the model', { budget: 2000 }, tall, { type: 'enabled', budget_tokens: 2000 }, undefined, []],
    ['a word alone', { effort: 'minimal' }, { ...tall, thinking: 'effort' }, undefined, 'low', ['approximated thinking.effort']],
    ['shown', { adaptive: true, shown: true }, { ...tall, thinking: 'adaptive' }, { type: 'adaptive', display: 'summarized' },
      undefined, []],
  ] as const) {
    test(name, () => {
      const { body, warned: noticed } = write({ thinking }, facts)
      assert.deepEqual([body.thinking, (body.output_config as { effort?: string } | undefined)?.effort, noticed],
        [told, effort, warned])
    })
  }

  test('P38: a forced tool is stronger', () => {
    const { body, warned } = write({ thinking: { effort: 'high' }, tools: [f], toolChoice: { mode: 'required' } },
      { thinking: 'adaptive' })
    assert.deepEqual([body.thinking, body.tool_choice, warned], [undefined, { type: 'any' }, ['dropped thinking']])
  })

  test('P23: a call that was not thought over here leaves no thinking, where a budget is told', () => {
    const turns = [user(text('x')), assistant({ kind: 'reasoning', text: 'a', signature: FOREIGN }, call('a')), user(result('a'))]
    const without = write({ thinking: { budget: 2000 }, tools: [f], turns }, { thinking: 'budget' })
    assert.deepEqual([without.body.thinking, without.warned], [undefined, ['dropped turns[1].blocks[0]', 'dropped thinking']])
    const signed = write({ thinking: { budget: 2000 }, tools: [f],
      turns: [turns[0]!, assistant(thought, call('a')), turns[2]!] }, { thinking: 'budget' })
    assert.deepEqual([signed.body.thinking, signed.warned], [{ type: 'enabled', budget_tokens: 2000 }, []])
    assert.deepEqual(write({ thinking: { adaptive: true }, tools: [f], turns }, { thinking: 'adaptive' }).body.thinking,
      { type: 'adaptive' })
  })

  test('sampling does not go with it', () => {
    const { body, warned } = write({ thinking: { budget: 2000 }, temperature: 0.5, topP: 0.9, topK: 3 }, { thinking: 'budget' })
    assert.deepEqual([body.temperature, body.top_p, body.top_k], [undefined, undefined, undefined])
    assert.deepEqual(warned, ['dropped temperature', 'dropped topP', 'dropped topK'])
  })
})

describe('tools', () => {
  const g = { name: 'g' }
  for (const [name, more, choice, names] of [
    ['nothing said', {}, undefined, ['f', 'g']],
    ['auto', { toolChoice: { mode: 'auto' } }, { type: 'auto' }, ['f', 'g']],
    ['none', { toolChoice: { mode: 'none' }, parallelTools: false }, { type: 'none' }, ['f', 'g']],
    ['one of all', { toolChoice: { mode: 'required' } }, { type: 'any' }, ['f', 'g']],
    ['a certain one', { toolChoice: { mode: 'required', names: ['g'] } }, { type: 'tool', name: 'g' }, ['f', 'g']],
    ['one of some', { toolChoice: { mode: 'required', names: ['f', 'x'] } }, { type: 'any' }, ['f']],
    ['one at a time', { parallelTools: false }, { type: 'auto', disable_parallel_tool_use: true }, ['f', 'g']],
  ] as const) {
    test(`choice: ${name}`, () => {
      const { body } = write({ tools: [f, g], ...more })
      assert.deepEqual([body.tool_choice, (body.tools as { name: string }[]).map(tool => tool.name)], [choice, names])
    })
  }

  test('P25: strict stays, with a schema that can be enforced', () => {
    const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 1, description: 'How many.' } },
      required: ['n'] }
    const { body, warned } = write({ tools: [{ name: 'f', schema, strict: true }, { name: 'g', schema }] })
    const [strict, loose] = body.tools as Record<string, unknown>[]
    assert.deepEqual(strict, { name: 'f', strict: true, input_schema: {
      type: 'object', additionalProperties: false, required: ['n'],
        properties: { n: { type: 'integer', description: 'How many. (minimum: 1)' } },
    } })
    assert.deepEqual(loose, { name: 'g', input_schema: schema })
    assert.deepEqual(warned, ['approximated tools[0].schema'])
  })
})

describe('P44: the form of the answer', () => {
  test('a schema is enforced, without what is refused', () => {
    const schema = { type: 'object', properties: { a: { type: 'array', items: { type: 'string', maxLength: 3 }, maxItems: 2 },
      b: { $ref: '#/$defs/b' } },
      $defs: { b: { oneOf: [{ type: 'object', properties: {} }, { type: 'null' }] } } }
    const { body, warned } = write({ format: { type: 'schema', name: 'x', description: 'D.', schema } })
    assert.deepEqual(body.output_config, { format: { type: 'json_schema', schema: {
      description: 'D.', type: 'object', additionalProperties: false,
      properties: { a: { type: 'array', items: { type: 'string', description: '(maxLength: 3)' }, description: '(maxItems: 2)' },
        b: { $ref: '#/$defs/b' } },
      $defs: { b: { anyOf: [{ type: 'object', properties: {}, additionalProperties: false }, { type: 'null' }] } },
    } } })
    assert.deepEqual(warned, ['approximated format.schema'])
  })

  test('any JSON is asked for in words', () => {
    const { body, warned } = write({ format: { type: 'json' } })
    assert.match(JSON.stringify(body.system), /JSON/)
    assert.deepEqual(warned, ['emulated format'])
  })
})

describe('cache marks', () => {
  test('P45: four are written, the last', () => {
    const { body, warned } = write({ tools: [{ ...f, cache: '5m' }],
      turns: ['a', 'b', 'c', 'd'].map(one => user(text(one, '5m'))) })
    assert.equal(JSON.stringify(body).split('cache_control').length - 1, 4)
    assert.deepEqual(warned, ['dropped tools[0].cache'])
  })

  test('P46: none lives longer than one before it', () => {
    const { body, warned } = write({ turns: [user(text('a', '1h'), text('b', '5m'), text('c', '1h'))] })
    assert.deepEqual(body.messages[0]!.content.map(({ cache_control }) => cache_control),
      [{ type: 'ephemeral', ttl: '1h' }, { type: 'ephemeral' }, { type: 'ephemeral' }])
    assert.deepEqual(warned, ['approximated turns[0].blocks[2].cache'])
  })

  test('P47: tools carry theirs', () => {
    assert.deepEqual((write({ tools: [{ ...f, cache: '1h' }] }).body.tools as object[])[0],
      { name: 'f', input_schema: { type: 'object' }, cache_control: { type: 'ephemeral', ttl: '1h' } })
  })
})

test('P48: a last turn of the assistant passes', () => {
  assert.equal(write({ turns: [user(text('x')), assistant(text('So'))] }).body.messages.at(-1)!.role, 'assistant')
})

test('what cannot be said is told', () => {
  const { body, warned } = write({
    temperature: 1.5, topP: 0.5, seed: 1, frequencyPenalty: 0.1, presencePenalty: 0, maxOutput: 9000,
    turns: [{ role: 'user', name: 'bob', blocks: [
      { kind: 'image', detail: 'low', media: { at: 'url', url: 'https://x/y' } },
        { kind: 'opaque', dialect: 'gemini', type: 'x', raw: {} },
    ] }],
    rest: { dialect: 'openai-chat', fields: { logit_bias: {} } },
  }, { maxOutput: 8000 })
  assert.deepEqual([body.temperature, body.top_p, body.max_tokens, body.logit_bias], [1, undefined, 8000, undefined])
  assert.deepEqual(warned.toSorted(), [
    'approximated maxOutput', 'approximated temperature', 'dropped frequencyPenalty', 'dropped logit_bias', 'dropped seed',
      'dropped topP',
    'dropped turns[0].blocks[0].detail', 'dropped turns[0].blocks[1]', 'dropped turns[0].name',
  ])
})

const data = (mediaType: string): Block & { kind: 'file' } => ({ kind: 'file', media: { at: 'data', base64: 'aGk=', mediaType } })
for (const [param, more] of [
  ['choices', { choices: 2 }],
  ['stop', { stop: ['\n'] }],
  ['toolChoice.names', { tools: [f], toolChoice: { mode: 'required', names: ['x', 'y'] } }],
  ['tools[0].name', { tools: [{ name: 'a.b' }] }],
  ['turns[0].blocks[0]', { turns: [user({ ...data('audio/wav'), kind: 'audio' })] }],
  ['turns[0].blocks[0]', { turns: [user(data('application/zip'))] }],
  ['turns[0].blocks[0]', { turns: [user({ kind: 'file', media: { at: 'id', id: 'x', dialect: 'openai-chat' } })] }],
  ['turns[0].blocks[0]', { turns: [{ role: 'system', blocks: [data('application/pdf')] } as const] }],
] as const) {
  test(`refused by name: ${param} ${JSON.stringify(more).slice(0, 60)}`,
    () => assert.throws(() => write(more), { code: 'untranslatable', param }))
}
