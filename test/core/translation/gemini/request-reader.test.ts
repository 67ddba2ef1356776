import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readRequest } from '../../../../core/translation/gemini/request-reader.ts'
import { writeRequest } from '../../../../core/translation/gemini/request-writer.ts'

const read = (body: unknown) => readRequest(body, { model: 'gemini-3-pro', stream: true })
const said = (...parts: object[]) => ({ contents: [{ role: 'user', parts }] })

test('the model and the stream stand in the path, the rest is said in the body', () => {
  assert.deepEqual(read({
    contents: [{ parts: [{ text: 'Hi' }] }, {
      role: 'model', parts: [{ text: 'Ho', thoughtSignature: 'c2ln' }, { text: 'hm', thought: true }],
    }],
    systemInstruction: { parts: [{ text: 'S' }] },
    generationConfig: {
      maxOutputTokens: 9, temperature: 0.5, topP: 0.9, topK: 40, seed: 7, frequencyPenalty: 0.1, presencePenalty: 0.2,
      stopSequences: ['END'], candidateCount: 1,
      responseMimeType: 'application/json',
      responseSchema: { type: 'OBJECT', properties: { a: { type: 'STRING', nullable: true, maxLength: '9' } } },
      mediaResolution: 'LOW',
      thinkingConfig: { includeThoughts: true, thinkingLevel: 'HIGH' }, responseModalities: ['TEXT'],
    },
    tools: [
      {
        functionDeclarations: [{ name: 'f', description: 'd', parameters: { type: 'OBJECT' } }, {
          name: 'g', parametersJsonSchema: {},
        }],
      },
      { googleSearch: {} },
    ],
    toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } },
    safetySettings: [],
  }), {
    model: 'gemini-3-pro', stream: true, streamUsage: true,
    turns: [
      { role: 'system', blocks: [{ kind: 'text', text: 'S' }] }, { role: 'user', blocks: [{ kind: 'text', text: 'Hi' }] },
      {
        role: 'assistant',
        blocks: [{ kind: 'text', text: 'Ho', signature: { dialect: 'gemini', value: 'c2ln' } }, {
          kind: 'reasoning', text: 'hm',
        }],
      },
    ],
    tools: [{ name: 'f', description: 'd', schema: { type: 'object' } }, { name: 'g', schema: {} }],
    toolChoice: { mode: 'required', names: ['f'] },
    maxOutput: 9, temperature: 0.5, topP: 0.9, topK: 40, seed: 7, frequencyPenalty: 0.1, presencePenalty: 0.2, stop: ['END'],
    choices: 1,
    format: { type: 'schema', schema: { type: 'object', properties: { a: { type: ['string', 'null'], maxLength: 9 } } } },
    thinking: { shown: true, effort: 'high' },
    rest: {
      dialect: 'gemini',
      fields: { safetySettings: [], tools: [{ googleSearch: {} }], generationConfig: { mediaResolution: 'LOW' } },
    },
  })
})

test('both spellings of a field are one', () => {
  const { turns, tools } = read({
    contents: [{
      parts: [{ inline_data: { mime_type: 'image/png', data: 'AA' } }],
    }], system_instruction: { parts: [{ text: 'S' }] },
    tools: [{ function_declarations: [{ name: 'f', parameters_json_schema: { my_key: 1 } }] }],
  })
  assert.deepEqual(turns[1]!.blocks, [{ kind: 'image', media: { at: 'data', base64: 'AA', mediaType: 'image/png' } }])
  assert.deepEqual([turns[0]!.role, tools], ['system', [{ name: 'f', schema: { my_key: 1 } }]])
})

test('calls without ids and their results find each other', () => {
  const call = (name: string, more: object = {}) => ({ functionCall: { name, args: { n: 1 }, ...more } })
  const result = (name: string, response: object, more: object = {}) => ({ functionResponse: { name, response, ...more } })
  const { turns } = read({
    contents: [
      { role: 'model', parts: [call('f'), call('g'), call('f'), call('h', { id: 'own' })] },
      {
        role: 'user',
        parts: [
          { text: 'and' }, result('g', { error: 'no' }), result('f', { output: 'one' }), result('f', { temp: 2 }),
          result('h', { result: 3 }, { id: 'own' }),
        ],
      },
    ],
  })
  const ids = turns[0]!.blocks.map(block => block.kind === 'tool_call' ? block.id : '')
  assert.equal(new Set(ids).size, 4)
  const [a, b, c, d] = ids
  const told = turns[1]!.blocks.map(block => (
    block.kind === 'tool_result' ? [block.id, block.name, block.failed, block.blocks[0]] : block))
  assert.deepEqual(told, [
    [b, 'g', true, { kind: 'text', text: 'no' }], [a, 'f', false, { kind: 'text', text: 'one' }],
    [c, 'f', false, { kind: 'text', text: '{"temp":2}' }],
    [d, 'h', false, { kind: 'text', text: '3' }], { kind: 'text', text: 'and' },
  ])
})

test('P20: pictures in a result are read with it', () => {
  const { turns } = read(said({
    functionResponse: { id: 'a', name: 'f', response: {}, parts: [{ inlineData: { mimeType: 'image/png', data: 'AA' } }] },
  }))
  const [block] = turns[0]!.blocks
  assert.deepEqual(block?.kind === 'tool_result' && block.blocks[1], {
    kind: 'image', media: { at: 'data', base64: 'AA', mediaType: 'image/png' },
  })
})

test('media are known by their type, and uploads by their address', () => {
  const { turns } = read(said(
    { fileData: { fileUri: 'https://e.org/v', mimeType: 'video/mp4', displayName: 'v' } },
    { fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/x', mimeType: 'audio/wav' } },
    { fileData: { fileUri: 'https://e.org/w' }, videoMetadata: { fps: 5 } }, { codeExecutionResult: {} },
  ))
  assert.deepEqual(turns[0]!.blocks, [
    { kind: 'file', media: { at: 'url', url: 'https://e.org/v', mediaType: 'video/mp4' }, name: 'v' },
    { kind: 'audio', media: { at: 'id', id: 'https://generativelanguage.googleapis.com/v1beta/files/x', dialect: 'gemini' } },
    {
      kind: 'opaque', dialect: 'gemini', type: 'fileData',
      raw: { fileData: { fileUri: 'https://e.org/w' }, videoMetadata: { fps: 5 } },
    },
    { kind: 'opaque', dialect: 'gemini', type: 'codeExecutionResult', raw: { codeExecutionResult: {} } },
  ])
})

describe('thinking', () => {
  for (const [config, thinking] of [
    [{ thinkingBudget: -1 }, { adaptive: true }], [{ thinkingBudget: 0 }, { effort: 'none' }],
    [{ thinkingBudget: 99 }, { budget: 99 }],
    [{ thinkingLevel: 'minimal' }, { effort: 'minimal' }], [{ thinkingLevel: 'constructor' }, undefined],
    [{ includeThoughts: false }, { shown: false }],
  ] as const) {
    test(JSON.stringify(config), () => assert.deepEqual(
      read({ contents: [], generationConfig: { thinkingConfig: config } }).thinking, thinking,
    ))
  }
})

describe('refused by name', () => {
  for (const [param, body] of [
    ['contents', null], ['contents', []], ['contents', { contents: 'x' }],
    ['contents[0].role', { contents: [{ role: 'system', parts: [] }] }],
    ['cachedContent', { contents: [], cachedContent: 'cachedContents/x' }],
    ['tools', { contents: [], tools: [{ functionDeclarations: [{}] }] }],
    ['generationConfig.responseModalities', { contents: [], generationConfig: { responseModalities: ['IMAGE'] } }],
    ['generationConfig.responseMimeType', { contents: [], generationConfig: { responseMimeType: 'text/x.enum' } }],
  ] as const) {
    test(`${param}: ${JSON.stringify(body)}`, () => assert.throws(() => read(body), { code: 'invalid_body', param }))
  }
})

test('shapes that nobody promised are passed over', () => {
  const { turns, tools } = read({
    contents: [null, 7, { parts: 'x' }, { parts: [null, {}, 'x'] }], tools: 'x', toolConfig: 7, generationConfig: 'x',
    systemInstruction: 'x',
  })
  assert.deepEqual([turns.flatMap(({ blocks }) => blocks), tools], [[], []])
})

test('what is read and written again is the same conversation', () => {
  const contents = [
    { role: 'user', parts: [{ text: 'Hi' }, { inlineData: { mimeType: 'image/png', data: 'AA' } }] },
    {
      role: 'model',
      parts: [{ text: 'hm', thought: true, thoughtSignature: 'c2ln' }, {
        functionCall: { id: 'a', name: 'f', args: { n: 1 } }, thoughtSignature: 'c2ln',
      }],
    },
    { role: 'user', parts: [{ functionResponse: { id: 'a', name: 'f', response: { output: 'x' } } }] },
  ]
  const body = {
    contents, tools: [{ functionDeclarations: [{ name: 'f', description: '', parametersJsonSchema: {} }] }],
    generationConfig: { topK: 3 }, safetySettings: [{ x: 1 }],
  }
  const { body: again, warnings } = writeRequest(read(body), {})
  assert.deepEqual([JSON.parse(again), warnings], [body, []])
})
