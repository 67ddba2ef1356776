import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readRequest } from '../../../../core/translation/bedrock-converse/read-request.ts'
import { writeRequest } from '../../../../core/translation/bedrock-converse/write-request.ts'
import type { Block, CanonicalRequest, ModelFacts } from '../../../../sdk/index.ts'
import { REQUEST } from '../law.ts'
import { assistant, call, result, text, user } from '../turn.ts'

const CLAUDE = 'us.anthropic.claude-x-v1:0'
const SIGNATURE = { dialect: 'anthropic-messages', value: 'c2ln' } as const

interface Told {
  readonly body: Record<string, unknown> & { readonly messages: { role: string; content: Record<string, unknown>[] }[] }
  readonly warned: string[]
}

function write(more: Partial<CanonicalRequest>, facts: ModelFacts = {}): Told {
  const { body, warnings } = writeRequest({ ...REQUEST, stream: false, ...more }, facts)
  return { body: JSON.parse(body) as Told['body'], warned: warnings.map(({ action, field }) => `${action} ${field}`) }
}

const f = { name: 'f', schema: { type: 'object' } }
const history = [user(text('x')), assistant(call('a', '{"n":1}')), user(result('a', { kind: 'text', text: 'done' }))]

test('the least request', () => {
  assert.deepEqual(write({}), { body: { messages: [{ role: 'user', content: [{ text: 'Hello' }] }], inferenceConfig: {} },
    warned: [] })
  assert.deepEqual(write({ model: CLAUDE }).body.inferenceConfig, { maxTokens: 8192 })
})

test('what this format reads it writes again', () => {
  const body = {
    guardrailConfig: { guardrailIdentifier: 'g' },
    system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default', ttl: '1h' } }],
    messages: [
      { role: 'user', content: [
        { text: 'x' }, { image: { format: 'png', source: { bytes: 'aGk=' } } },
        { document: { format: 'pdf', name: 'Report 1', source: { s3Location: { uri: 's3://b/k.pdf' } } } },
        { audio: { format: 'wav', source: { bytes: 'aGk=' } } }, { guardContent: { text: { text: 'y' } } },
      ] },
      { role: 'assistant', content: [
        { reasoningContent: { reasoningText: { text: 'Hm.', signature: 's' } } },
          { reasoningContent: { redactedContent: 'ZA==' } },
        { toolUse: { toolUseId: 't1', name: 'f', input: { b: 1 } } },
      ] },
      { role: 'user', content: [
        { toolResult: { toolUseId: 't1', content: [{ image: { format: 'jpeg', source: { bytes: 'aGk=' } } }], status: 'error' } },
        { cachePoint: { type: 'default' } },
      ] },
    ],
    inferenceConfig: { maxTokens: 4000, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
    toolConfig: {
      tools: [{ toolSpec: { name: 'f', description: 'F.', inputSchema: { json: { type: 'object' } } } },
        { cachePoint: { type: 'default', ttl: '1h' } }],
      toolChoice: { tool: { name: 'f' } },
    },
    outputConfig: { textFormat: { type: 'json_schema',
      structure: { jsonSchema: { schema: '{"type":"object","additionalProperties":false}', name: 'n' } } } },
    additionalModelRequestFields: { anthropic_beta: ['x'] },
  }
  const { body: written, warnings } = writeRequest(readRequest(body, { model: 'm', stream: true }), {})
  assert.deepEqual(JSON.parse(written), body)
  assert.deepEqual(warnings, [])
})

describe('P17: tools', () => {
  test('no tools, no list of them', () => assert.equal(write({ tools: [] }).body.toolConfig, undefined))

  for (const [name, more] of [['none declared', {}],
    ['none to be called', { tools: [f], toolChoice: { mode: 'none' } }]] as const) {
    test(`history is told as text: ${name}`, () => {
      const { body, warned } = write({ ...more, turns: history })
      assert.equal(body.toolConfig, undefined)
      assert.deepEqual(body.messages.slice(1).map(({ content }) => content), [
        [{ text: '[Called the tool f with {"n":1}]' }], [{ text: '[The tool answered]' }, { text: 'done' }],
      ])
      assert.deepEqual(warned, ['emulated tools'])
    })
  }

  for (const [toolChoice, written, names] of [
    [{ mode: 'auto' }, { auto: {} }, ['f', 'g']],
    [{ mode: 'required' }, { any: {} }, ['f', 'g']],
    [{ mode: 'required', names: ['g'] }, { tool: { name: 'g' } }, ['f', 'g']],
    [{ mode: 'auto', names: ['g'] }, { auto: {} }, ['g']],
  ] as const) {
    test(`choice ${JSON.stringify(toolChoice)}`, () => {
      const config = write({ tools: [f, { name: 'g', description: '' }],
        toolChoice }).body.toolConfig as { tools: { toolSpec: { name: string } }[] }
      assert.deepEqual([config.tools.map(({ toolSpec }) => toolSpec.name), 'toolChoice' in config && config.toolChoice],
        [names, written])
    })
  }
})

test('P16, P26: results of parallel calls come in one turn, first', () => {
  const { body } = write({ tools: [f], turns: [
    user(text('x')), assistant(call('a'), call('b')), user(text('y'), result('a', { kind: 'text', text: '1' })),
      user(result('b', { kind: 'text', text: '2' })),
  ] })
  assert.deepEqual(body.messages.map(({ content }) => content.flatMap(one => Object.keys(one))),
    [['text'], ['toolUse', 'toolUse'], ['toolResult', 'toolResult', 'text']])
})

test('P18: no text is blank', () => {
  const { body } = write({ tools: [f], turns: [user(text('x'), text(' ')), assistant(text(''), call('a', '')),
    user(result('a', { kind: 'text', text: '' }))] })
  assert.deepEqual(body.messages.map(({ content }) => content), [
    [{ text: 'x' }], [{ toolUse: { toolUseId: 'a', name: 'f', input: {} } }],
    [{ toolResult: { toolUseId: 'a', content: [{ text: '(no output)' }] } }],
  ])
})

test('P20: pictures in results of tools', () => {
  const image = { kind: 'image', media: { at: 'data', base64: 'aGk=', mediaType: 'image/png' } } as const
  const { body } = write({ tools: [f], turns: [user(result('a', image))] })
  assert.deepEqual(body.messages[0]!.content,
    [{ toolResult: { toolUseId: 'a', content: [{ image: { format: 'png', source: { bytes: 'aGk=' } } }] } }])
})

test('P47, P45: cache points follow tools and blocks, four at most', () => {
  const { body, warned } = write({ tools: [{ ...f, cache: '5m' }],
    turns: [user(...['a', 'b', 'c'].map(one => text(one, '5m'))), assistant(text('d', '5m'))] })
  assert.equal(JSON.stringify(body).split('cachePoint').length - 1, 4)
  assert.deepEqual(body.messages[0]!.content.slice(0, 2), [{ text: 'a' }, { cachePoint: { type: 'default' } }])
  assert.deepEqual(warned, ['dropped tools[0].cache'])
})

test('P3: thoughts that nobody here can read stay out', () => {
  const { body, warned } = write({ turns: [assistant(
    { kind: 'reasoning', text: 'a', signature: { dialect: 'gemini', value: 'x' } }, { kind: 'reasoning', text: 'b' },
    { kind: 'reasoning', text: 'c', signature: SIGNATURE },
      { kind: 'reasoning', text: '', redacted: { dialect: 'gemini', value: 'x' } },
  )] })
  assert.deepEqual(body.messages[0]!.content, [{ reasoningContent: { reasoningText: { text: 'c', signature: 'c2ln' } } }])
  assert.deepEqual(warned, [0, 1, 3].map(i => `dropped turns[0].blocks[${i}]`))
})

test('documents have names that are legal and unlike', () => {
  const file = (name?: string): Block => ({ kind: 'file', media: { at: 'data', base64: 'aGk=', mediaType: 'application/pdf' },
    ...(name && { name }) })
  const { body } = write({ turns: [user(file('a_b.pdf'), file('a_b.pdf'), file())] })
  assert.deepEqual(body.messages[0]!.content.map(one => (one.document as { name: string }).name),
    ['a b pdf', 'a b pdf 2', 'document'])
})

test('Claude is told what is its own, others are not', () => {
  const more: Partial<CanonicalRequest> = { topK: 5, parallelTools: false, tools: [f], stop: ['END'] }
  const claude = write({ ...more, model: CLAUDE })
  assert.deepEqual([claude.body.additionalModelRequestFields, claude.body.additionalModelResponseFieldPaths, claude.warned],
    [{ top_k: 5, tool_choice: { type: 'auto', disable_parallel_tool_use: true } }, ['/stop_sequence', '/delta/stop_sequence'],
      []])
  const other = write({ ...more, model: 'amazon.nova-pro-v1:0' })
  assert.deepEqual([other.body.additionalModelRequestFields, other.body.additionalModelResponseFieldPaths, other.warned],
    [undefined, undefined, ['dropped topK', 'dropped parallelTools']])
})

describe('thinking', () => {
  for (const [name, model, thinking, facts, fields, output, warned] of [
    ['a budget', CLAUDE, { budget: 2000 }, { thinking: 'budget' }, { thinking: { type: 'enabled', budget_tokens: 2000 } },
      undefined, []],
    ['a word', CLAUDE, { effort: 'high' }, { thinking: 'adaptive' }, { thinking: { type: 'adaptive' } }, { effort: 'high' }, []],
    ['P41: a budget over the limit', CLAUDE, { budget: 9000 }, { thinking: 'budget', maxOutput: 4000 },
      { thinking: { type: 'enabled', budget_tokens: 3999 } }, undefined, ['approximated thinking.budget']],
    ['a word to another model', 'openai.gpt-oss', { effort: 'high' }, { thinking: 'effort' }, undefined, { effort: 'high' }, []],
    ['another model that nobody knows', 'x.y', { effort: 'high' }, {}, undefined, undefined, ['dropped thinking']],
  ] as const) {
    test(name, () => {
      const told = write({ model, thinking }, facts)
      assert.deepEqual([told.body.additionalModelRequestFields, told.body.outputConfig, told.warned], [fields, output, warned])
    })
  }

  test('P38: a forced tool is stronger', () => {
    const { body, warned } = write({ model: CLAUDE, thinking: { effort: 'high' }, tools: [f], toolChoice: { mode: 'required' } })
    assert.deepEqual([body.additionalModelRequestFields, warned], [undefined, ['dropped thinking']])
  })

  test('P23: a call that was not thought over here leaves no thinking, where a budget is told', () => {
    const { body, warned } = write({ model: CLAUDE, thinking: { budget: 2000 }, tools: [f], turns: history },
      { thinking: 'budget' })
    assert.deepEqual([body.additionalModelRequestFields, warned], [undefined, ['dropped thinking']])
  })
})

test('P44: the form of the answer', () => {
  const { body } = write({ format: { type: 'schema', name: 'n', schema: { type: 'object', properties: {} } } })
  assert.deepEqual(body.outputConfig, { textFormat: { type: 'json_schema', structure: { jsonSchema: {
    name: 'n', schema: '{"type":"object","properties":{},"additionalProperties":false}',
  } } } })
  assert.match(JSON.stringify(write({ format: { type: 'json' } }).body.system), /JSON/)
})

test('P25: strict stays', () => {
  const config = write({ tools: [{ ...f, strict: true }] }).body.toolConfig
  assert.deepEqual(config, { tools: [{ toolSpec: { name: 'f', strict: true,
    inputSchema: { json: { type: 'object', additionalProperties: false } } } }] })
})

test('P48: a last turn of the assistant passes', () => {
  assert.equal(write({ turns: [user(text('x')), assistant(text('So'))] }).body.messages.at(-1)!.role, 'assistant')
})

test('what cannot be said is told', () => {
  const { body, warned } = write({ seed: 1, frequencyPenalty: 0, user: 'u', temperature: 2,
    rest: { dialect: 'openai-chat', fields: { logit_bias: {} } } })
  assert.deepEqual([body.inferenceConfig, warned.toSorted()],
    [{ temperature: 1 }, ['approximated temperature', 'dropped logit_bias', 'dropped seed', 'dropped user']])
})

const media = (kind: 'image' | 'file' | 'audio', mediaType: string): Block => ({ kind,
  media: { at: 'data', base64: 'aGk=', mediaType } })
for (const [param, more] of [
  ['choices', { choices: 2 }],
  ['tools[0].name', { tools: [{ name: 'x'.repeat(65) }] }],
  ['turns[0].blocks[0]', { turns: [user({ kind: 'image', media: { at: 'url', url: 'https://x/y.png' } })] }],
  ['turns[0].blocks[0]', { turns: [user({ kind: 'file', media: { at: 'id', id: 'x', dialect: 'openai-chat' } })] }],
  ['turns[0].blocks[0]', { turns: [user(media('image', 'image/tiff'))] }],
  ['turns[0].blocks[0]', { turns: [user(media('file', 'constructor'))] }],
] as const) {
  test(`refused by name: ${param} ${JSON.stringify(more).slice(0, 60)}`,
    () => assert.throws(() => write(more), { code: 'untranslatable', param }))
}
