import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { writeRequest } from '../../../../core/translation/gemini/request-writer.ts'
import type { Block, CanonicalRequest, ModelFacts } from '../../../../sdk/index.ts'
import { REQUEST } from '../law.ts'
import { assistant, text, user } from '../turn.ts'

function write(request: Partial<CanonicalRequest>, facts: ModelFacts = {}) {
  const { body, warnings } = writeRequest({ ...REQUEST, model: 'gemini-3-pro', ...request }, facts)
  return { body: JSON.parse(body), warnings: warnings.map(({ field, action }) => `${action} ${field}`) }
}
const call = (id: string, args = '{}', more: object = {}): Block => ({ kind: 'tool_call', id, name: 'look', args, ...more })
const result = (id: string, ...blocks: (Block & { kind: 'text' | 'image' })[]): Block => ({
  kind: 'tool_result', id, name: '', blocks, failed: false,
})
const picture: Block & { kind: 'image' } = { kind: 'image', media: { at: 'data', base64: 'AAAA', mediaType: 'image/png' } }
const said = (one: string) => text(one) as Block & { kind: 'text' }
const signature = { dialect: 'gemini', value: 'c2ln' }

test('what it says of the answer stands in generationConfig', () => {
  const { body, warnings } = write({
    maxOutput: 9, temperature: 0.5, topP: 0.9, topK: 40, seed: 7, frequencyPenalty: 0.1, presencePenalty: 0.2, stop: ['END'],
    choices: 2,
    format: { type: 'schema', name: 'n', schema: { type: 'object' } },
  })
  assert.deepEqual(body, {
    contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
    generationConfig: {
      maxOutputTokens: 9, temperature: 0.5, topP: 0.9, topK: 40, seed: 7, frequencyPenalty: 0.1, presencePenalty: 0.2,
      stopSequences: ['END'],
      candidateCount: 2, responseMimeType: 'application/json', responseJsonSchema: { type: 'object' },
    },
  })
  assert.deepEqual(warnings, [])
})

test('an answer is as long as the model can write', () => {
  const { body, warnings } = write({ maxOutput: 9 }, { maxOutput: 8 })
  assert.deepEqual([body.generationConfig.maxOutputTokens, warnings], [8, ['approximated maxOutput']])
  assert.deepEqual(write({ maxOutput: 8 }, { maxOutput: 8 }).warnings, [])
})

test('what it has no place for is told', () => {
  const { warnings } = write({
    user: 'u', parallelTools: false, tools: [{ name: 'f', strict: true, cache: '5m' }],
    rest: { dialect: 'openai-chat', fields: { logit_bias: {} } },
    turns: [{ role: 'user', name: 'Ann', blocks: [{ ...said('x'), cache: '1h' }, { ...picture, detail: 'high' }] }],
  })
  assert.deepEqual(warnings, [
    'dropped logit_bias', 'dropped turns[0].name', 'dropped turns[0].blocks[0].cache', 'dropped turns[0].blocks[1].detail',
    'dropped tools[0].strict', 'dropped tools[0].cache', 'dropped parallelTools', 'dropped user',
  ])
})

test('fields of its own come back', () => {
  const { body } = write({
    temperature: 1, tools: [{ name: 'f' }],
    rest: {
      dialect: 'gemini',
      fields: { safetySettings: [], tools: [{ googleSearch: {} }], generationConfig: { mediaResolution: 'LOW' } },
    },
  })
  assert.deepEqual([body.safetySettings, body.tools[1], body.generationConfig], [[], { googleSearch: {} }, {
    mediaResolution: 'LOW', temperature: 1,
  }])
})

describe('turns', () => {
  test('the system speaks first, and later as the user', () => {
    const { body, warnings } = write({
      turns: [
        { role: 'system', blocks: [text('S')] }, { role: 'developer', blocks: [text('D')] }, user(text('U')),
        { role: 'system', blocks: [text('M')] },
      ],
    })
    assert.deepEqual(body.systemInstruction, { parts: [{ text: 'S' }, { text: 'D' }] })
    assert.deepEqual(body.contents, [{ role: 'user', parts: [{ text: 'U' }] }, { role: 'user', parts: [{ text: 'M' }] }])
    assert.deepEqual(warnings, ['approximated turns[3].role'])
    assert.deepEqual(write({ turns: [{ role: 'system', blocks: [text('S')] }] }).body.contents, [{
      role: 'user', parts: [{ text: 'S' }],
    }])
  })

  test('P19: as many results as calls in one message, with their names and nothing else', () => {
    const { body } = write({
      model: 'gemini-2.5-pro',
      turns: [user(text('U')), assistant(call('a')), assistant(call('b')), user(result('a', said('1'))), user(
        result('b', said('2')), text('and?'),
      )],
    })
    const answered = (id: string, output: string) => ({ functionResponse: { id, name: 'look', response: { output } } })
    assert.deepEqual(body.contents.slice(1), [
      {
        role: 'model',
        parts: [{ functionCall: { id: 'a', name: 'look', args: {} } }, { functionCall: { id: 'b', name: 'look', args: {} } }],
      },
      { role: 'user', parts: [answered('a', '1'), answered('b', '2')] },
      { role: 'user', parts: [{ text: 'and?' }] },
    ])
    assert.throws(() => write({ turns: [user(result('lost', said('1')))] }), {
      code: 'untranslatable', param: 'turns[0].blocks[0]',
    })
  })

  test('P4: the first of the calls has a signature, its own or the one for calls of others', () => {
    const signatures = (model: string, ...calls: Block[]) => (
      write({ model, turns: [user(text('U')), assistant(...calls)] }).body.contents[1].parts
        .map((part: { thoughtSignature?: string }) => part.thoughtSignature))
    assert.deepEqual(signatures('gemini-3-pro', call('a', '{}', { signature }), call('b')), ['c2ln', undefined])
    assert.deepEqual(signatures('gemini-3-pro', call('a'), call('b')), ['skip_thought_signature_validator', undefined])
    assert.deepEqual(
      signatures('gemini-3-pro', call('a', '{}', { signature: { dialect: 'other', value: 'x' } })),
      ['skip_thought_signature_validator'],
    )
    assert.deepEqual(signatures('gemini-2.5-flash', call('a')), [undefined])
  })

  test('P24: what another dialect signed is not sent, and its thoughts are not either', () => {
    const foreign = { dialect: 'anthropic-messages', value: 'x' }
    const { body, warnings } = write({
      turns: [assistant(
        { kind: 'reasoning', text: 'a', signature: foreign },
        { kind: 'reasoning', text: '', redacted: foreign }, { kind: 'reasoning', text: 'b', signature },
        { kind: 'text', text: '', signature }, { kind: 'text', text: 'c', signature: foreign },
      )],
    })
    assert.deepEqual(body.contents[0].parts, [
      { text: 'b', thought: true, thoughtSignature: 'c2ln' }, { text: '', thoughtSignature: 'c2ln' }, { text: 'c' },
    ])
    assert.deepEqual(warnings, ['dropped turns[0].blocks[0]', 'dropped turns[0].blocks[1]'])
  })

  test('P18: an empty text is no part, and a turn of nothing else no message', () => {
    const { body } = write({ turns: [user(text('U')), assistant(text('')), assistant(text(''), call('a')), user(result('a'))] })
    assert.deepEqual(body.contents.map(({ parts }: { parts: object[] }) => parts.length), [1, 1, 1])
    assert.deepEqual(body.contents[2].parts[0].functionResponse.response, { output: '' })
  })

  test('P20: pictures in a result stay inside it, or follow it where the model cannot see them there', () => {
    const turns = [
      user(text('U')), assistant(call('a'), call('b')), user(result('a', said('1'), picture)), user(result('b', said('2'))),
    ]
    const inlineData = { mimeType: 'image/png', data: 'AAAA' }
    const newer = write({ turns })
    assert.deepEqual(newer.body.contents[2].parts[0].functionResponse.parts, [{ inlineData }])
    assert.deepEqual(newer.warnings, [])
    const older = write({ model: 'gemini-2.5-pro', turns })
    assert.deepEqual(
      older.body.contents.slice(2).map(({ parts }: { parts: object[] }) => parts.map(part => Object.keys(part)[0])),
      [['functionResponse', 'functionResponse'], ['inlineData']],
    )
    assert.deepEqual(older.warnings, ['emulated turns[2].blocks[0]'])
  })

  test('P21: no arguments are an empty object, and broken ones stand in one', () => {
    const args = (json: string) => write({ model: 'm-gemini-2', turns: [assistant(call('a', json))] })
    assert.deepEqual(args('').body.contents[0].parts[0].functionCall.args, {})
    assert.deepEqual(args('{}').body.contents[0].parts[0].functionCall.args, {})
    const broken = args('{"ci')
    assert.deepEqual(broken.body.contents[0].parts[0].functionCall.args, { arguments: '{"ci' })
    assert.deepEqual(broken.warnings, ['approximated turns[0].blocks[0].args'])
    assert.deepEqual(args('[1]').body.contents[0].parts[0].functionCall.args, { arguments: '[1]' })
  })

  test('a failed result says so', () => {
    const failed: Block = { kind: 'tool_result', id: 'a', name: 'look', blocks: [said('no such city')], failed: true }
    assert.deepEqual(
      write({ turns: [assistant(call('a')), user(failed)] }).body.contents[1].parts[0].functionResponse.response,
      { error: 'no such city' },
    )
  })

  test('media go as bytes, by their address, or not at all', () => {
    const at = (url: string, kind: 'image' | 'file' = 'image'): Block => ({ kind, media: { at: 'url', url } })
    const { body } = write({
      turns: [user(
        { kind: 'file', name: 'a.pdf', media: { at: 'data', base64: 'AA', mediaType: 'application/pdf' } },
        at('https://e.org/a.PNG?x=1'), at('https://e.org/a.constructor'),
        at('nowhere', 'file'), { kind: 'file', media: { at: 'id', id: 'gs://b/c', dialect: 'gemini' } },
      )],
    })
    assert.deepEqual(body.contents[0].parts, [
      { inlineData: { mimeType: 'application/pdf', data: 'AA', displayName: 'a.pdf' } },
      { fileData: { mimeType: 'image/png', fileUri: 'https://e.org/a.PNG?x=1' } },
      { fileData: { mimeType: 'image/jpeg', fileUri: 'https://e.org/a.constructor' } },
      { fileData: { mimeType: 'application/pdf', fileUri: 'nowhere' } },
      { fileData: { fileUri: 'gs://b/c' } },
    ])
    const upload: Block = { kind: 'file', media: { at: 'id', id: 'file-1', dialect: 'openai-chat' } }
    assert.throws(() => write({ turns: [user(upload)] }), { code: 'untranslatable', param: 'turns[0].blocks[0]' })
  })

  test('things of other formats are left out, with a warning', () => {
    const opaque = (dialect: string): Block => ({
      kind: 'opaque', dialect, type: 'executableCode', raw: { executableCode: { code: '1' } },
    })
    const { body, warnings } = write({ turns: [assistant(opaque('gemini'), opaque('openai-responses'))] })
    assert.deepEqual([body.contents[0].parts, warnings], [[{ executableCode: { code: '1' } }], ['dropped turns[0].blocks[1]']])
  })
})

describe('tools', () => {
  const schema = {
    type: 'object',
    properties: {
      n: { type: ['integer', 'null'], exclusiveMinimum: 0 }, kind: { const: 'a' }, u: { oneOf: [{ type: 'string' }] },
    },
    additionalProperties: false, required: ['n'],
  }

  test('P42: the whole schema, but for the oldest models what of it they know', () => {
    const tools = [{ name: 'f', description: 'd', schema }, { name: 'g' }]
    assert.deepEqual(write({ tools }).body.tools, [{
      functionDeclarations: [{ name: 'f', description: 'd', parametersJsonSchema: schema }, { name: 'g', description: '' }],
    }])
    const older = write({ model: 'gemini-1.5-pro', tools, format: { type: 'schema', schema } })
    const subset = {
      type: 'object',
      properties: { n: { type: 'integer', nullable: true }, kind: { enum: ['a'] }, u: { anyOf: [{ type: 'string' }] } },
      required: ['n'],
    }
    assert.deepEqual(older.body.tools[0].functionDeclarations[0], { name: 'f', description: 'd', parameters: subset })
    assert.deepEqual(older.body.generationConfig.responseSchema, subset)
    assert.deepEqual(older.warnings, ['approximated tools[0].schema', 'approximated format.schema'])
  })

  for (const [choice, config] of [
    [{ mode: 'auto' }, { mode: 'AUTO' }], [{ mode: 'none' }, { mode: 'NONE' }], [{ mode: 'required' }, { mode: 'ANY' }],
    [{ mode: 'required', names: ['f'] }, { mode: 'ANY', allowedFunctionNames: ['f'] }],
    [{ mode: 'auto', names: ['f'] }, { mode: 'VALIDATED', allowedFunctionNames: ['f'] }],
  ] as const) {
    test(`choice ${JSON.stringify(choice)}`, () => {
      assert.deepEqual(write({ tools: [{ name: 'f' }], toolChoice: choice }).body.toolConfig, { functionCallingConfig: config })
      assert.equal(write({ toolChoice: choice }).body.toolConfig, undefined)
    })
  }
})

describe('thinking', () => {
  for (const [model, thinking, facts, config, warned] of [
    ['gemini-3-pro', { effort: 'low', shown: true }, {}, { includeThoughts: true, thinkingLevel: 'LOW' }, 0],
    ['gemini-3-pro', { effort: 'none' }, {}, { thinkingLevel: 'MINIMAL' }, 1],
    ['gemini-3-pro', { effort: 'xhigh', budget: 9 }, {}, { thinkingLevel: 'HIGH' }, 1],
    ['gemini-3-pro', { budget: 900 }, {}, { thinkingBudget: 900 }, 0],
    ['gemini-2.5-pro', { effort: 'low' }, {}, { thinkingBudget: 1024 }, 1],
    ['gemini-2.5-pro', { effort: 'low', budget: 7 }, {}, { thinkingBudget: 7 }, 0],
    ['gemini-2.5-pro', { adaptive: true }, {}, { thinkingBudget: -1 }, 0],
    ['tuned', { effort: 'high' }, { thinking: 'budget' }, { thinkingBudget: 24576 }, 1],
    ['tuned', { effort: 'high' }, { thinking: 'none' }, undefined, 1],
    ['tuned', { effort: 'none' }, { thinking: 'none' }, undefined, 0],
  ] as const) {
    test(`${model} ${JSON.stringify({ ...thinking, ...facts })}`, () => {
      const { body, warnings } = write({ model, thinking }, facts)
      assert.deepEqual(body.generationConfig.thinkingConfig, config)
      assert.equal(warnings.length, warned)
    })
  }
})
