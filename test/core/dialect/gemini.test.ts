import assert from 'node:assert/strict'
import { test } from 'node:test'
import dialect from '../../../core/dialect/gemini.ts'
import { read } from '../../../core/reading.ts'
import { splice } from '../../../core/splice.ts'
import { GatehouseError, type ErrorCode } from '../../../sdk/index.ts'
import { findsSegments, tapeOf, walk } from './walk.ts'

const streaming = dialect.streaming!

const inRequests: [string, object, string[]][] = [
  ['roles give their origin', {
    systemInstruction: { parts: [{ text: 'x' }] },
    contents: [{ role: 'user', parts: [{ text: 'x' }] }, { role: 'model', parts: [{ text: 'x' }] }, { parts: [{ text: 'x' }] }],
  }, ['/systemInstruction/parts/0/text system/text', '/contents/0/parts/0/text user/text', '/contents/1/parts/0/text assistant/text', '/contents/2/parts/0/text user/text']],
  ['parts', {
    contents: [{
      role: 'model',
      parts: [
        { text: 'x', thought: true, thoughtSignature: 's' }, { text: 'x', thought: null }, { text: 'x', thought: false },
        { inlineData: { mimeType: 'image/png', data: 'AA', displayName: 'n' } }, { fileData: { mimeType: 'm', fileUri: 'u' } },
        { functionCall: { id: 'c', name: 'f', args: { to: 'x' } } }, { executableCode: { language: 'PYTHON', code: 'x' } },
        { codeExecutionResult: { outcome: 'OUTCOME_OK', output: 'x' } },
      ],
    }, { role: 'user', parts: [{ functionResponse: { name: 'f', response: { deep: ['x', { y: 'z' }] } } }] }],
  }, [
    '/contents/0/parts/0/text assistant/reasoning', '/contents/0/parts/1/text assistant/text', '/contents/0/parts/2/text assistant/text',
    '/contents/0/parts/3/inlineData/displayName file/text', '/contents/0/parts/5/functionCall/name assistant/tool_name',
    '/contents/0/parts/5/functionCall/args assistant/tool_args', '/contents/0/parts/6/executableCode/code assistant/text',
    '/contents/0/parts/7/codeExecutionResult/output tool_result/text', '/contents/1/parts/0/functionResponse/name tool_def/tool_name',
    '/contents/1/parts/0/functionResponse/response/deep/0 tool_result/text', '/contents/1/parts/0/functionResponse/response/deep/1/y tool_result/text',
  ]],
  ['names as the .proto files spell them', {
    system_instruction: { parts: [{ text: 'x' }] },
    contents: [{ parts: [{ inline_data: { mime_type: 'm', data: 'AA' } }, { function_response: { name: 'f', response: { a: 'x' } } }] }],
    tools: [{ function_declarations: [{ name: 'f', description: 'd', parameters_json_schema: { title: 't' } }] }],
    generation_config: { stop_sequences: ['x'], response_mime_type: 'text/plain' },
  }, [
    '/system_instruction/parts/0/text system/text', '/contents/0/parts/1/function_response/name tool_def/tool_name',
    '/contents/0/parts/1/function_response/response/a tool_result/text', '/tools/0/function_declarations/0/name tool_def/tool_name',
    '/tools/0/function_declarations/0/description tool_def/text', '/tools/0/function_declarations/0/parameters_json_schema/title tool_def/schema',
    '/generation_config/stop_sequences/0 user/text',
  ]],
  ['tools and formats', {
    tools: [{ functionDeclarations: [{ name: 'f', description: 'd', parameters: { type: 'OBJECT' } }] }, { googleSearch: { excludeDomains: ['a.b'] } }],
    toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } },
    generationConfig: { responseMimeType: 'application/json', responseSchema: { title: 't' } },
    labels: { team: 'x' },
  }, [
    '/tools/0/functionDeclarations/0/name tool_def/tool_name', '/tools/0/functionDeclarations/0/description tool_def/text',
    '/tools/0/functionDeclarations/0/parameters/type tool_def/schema', '/toolConfig/functionCallingConfig/allowedFunctionNames/0 tool_def/tool_name',
    '/generationConfig/responseSchema/title tool_def/schema', '/labels/team user/text',
  ]],
  ['words of the format', {
    model: 'm', cachedContent: 'c', safetySettings: [{ category: 'C', threshold: 'T' }],
    generationConfig: { responseModalities: ['TEXT'], thinkingConfig: { thinkingLevel: 'LOW' }, speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'v' } } } },
  }, []],
]

findsSegments(dialect, inRequests)

test('map of requests: what it does not know is uncovered', () => {
  const body = { contents: [{ parts: [{ hologram: { blob: 'a' } }], mood: 'b' }], brandNew: ['c'] }
  assert.deepEqual(walk(body, dialect.request).uncovered, ['a', 'b', 'c'])
})

const candidate = {
  content: {
    role: 'model',
    parts: [{ text: 'x', thought: true }, { text: 'x' }, { functionCall: { name: 'f', args: {} }, thoughtSignature: 's' }, { functionCall: { name: 'g', args: {} } }],
  },
  finishReason: 'STOP', index: 2, safetyRatings: [{ category: 'C', probability: 'P' }],
  citationMetadata: { citationSources: [{ uri: 'u', license: 'l' }] },
  groundingMetadata: { webSearchQueries: ['q'], groundingChunks: [{ web: { uri: 'u', title: 't' } }], groundingSupports: [{ segment: { text: 'x' } }] },
}
const beside = (at: string): string[] => [
  `${at}/citationMetadata/citationSources/0/uri assistant/text`, `${at}/groundingMetadata/webSearchQueries/0 assistant/text`,
  `${at}/groundingMetadata/groundingChunks/0/web/uri tool_result/text`, `${at}/groundingMetadata/groundingChunks/0/web/title tool_result/text`,
  `${at}/groundingMetadata/groundingSupports/0/segment/text assistant/text`,
]
const calls = (at: string): string[] => [
  `${at}/2/functionCall/name assistant/tool_name`, `${at}/2/functionCall/args assistant/tool_args`,
  `${at}/3/functionCall/name assistant/tool_name`, `${at}/3/functionCall/args assistant/tool_args`,
]

for (const [name, map, texts] of [
  ['a whole answer', dialect.response, ['parts/0/text assistant/reasoning', 'parts/1/text assistant/text']],
  ['a frame, where the texts of one kind are pieces of one', streaming.frame, ['parts/0/thought assistant/reasoning', 'parts/0/text assistant/text']],
] as const) {
  test(`map of answers: ${name}`, () => {
    const at = '/candidates/2'
    const body = { candidates: [candidate], usageMetadata: { promptTokenCount: 1, promptTokensDetails: [{ modality: 'TEXT' }] }, modelVersion: 'm', responseId: 'r' }
    assert.deepEqual(walk(body, map), {
      segments: [...texts.map(text => `${at}/content/${text}`), ...calls(`${at}/content/parts`), ...beside(at)],
      uncovered: [], finished: [2], marks: { usage: true, error: false },
    })
  })
}

test('two calls of one frame are told apart by their place, so that each has its own schema', () => {
  const { spots } = read(tapeOf(JSON.stringify({ candidates: [candidate] })), streaming.frame)
  assert.deepEqual(spots.filter(({ channel }) => channel === 'tool_args').map(({ call, whole, raw }) => [call, whole, raw]), [[2, true, true], [3, true, true]])
})

test('a refused prompt finishes the answer, and an error is marked', () => {
  assert.deepEqual(walk({ promptFeedback: { blockReason: 'SAFETY', blockReasonMessage: 'x' } }, streaming.frame),
    { segments: ['/promptFeedback/blockReasonMessage assistant/text'], uncovered: [], finished: [0], marks: { usage: false, error: false } })
  assert.deepEqual(walk({ error: { code: 429, message: 'x', status: 'S', details: [{ reason: 'x' }] } }, streaming.frame), {
    segments: ['/error/message assistant/text', '/error/details/0/reason assistant/text'], uncovered: [], finished: [], marks: { usage: false, error: true },
  })
})

for (const [path, model, stream, form = {}] of [
  ['/models/gemini-x:generateContent', 'gemini-x', false],
  ['/models/gemini-x:streamGenerateContent?alt=sse', 'gemini-x', true],
  ['/models/guarded%2Fmodel:generateContent', 'guarded/model', false],
  ['/models/m%3AgenerateContent:streamGenerateContent', 'm:generateContent', true, { array: true }],
  ['/models/m:streamGenerateContent?alt=ssex', 'm', true, { array: true }],
  ['/models', '', false],
] as const) {
  test(`what ${path} asks`, () => assert.deepEqual(dialect.asked!(tapeOf('{"model":"other","stream":true}'), path), { model, stream, ...form }))
}

const refused: [string, string, RegExp][] = [
  ['[]', '', /an empty array/],
  ['{}', 'contents', /got nothing/],
  ['{"contents":"hi"}', 'contents', /got a string/],
  ['{"contents":[{},"hi"]}', 'contents[1]', /an object; got a string/],
  ['{"contents":[{}],"tool_config":{"functionCallingConfig":{"streamFunctionCallArguments":true}}}', 'toolConfig.functionCallingConfig.streamFunctionCallArguments', /whole/],
]

for (const [json, param, sentence] of refused) {
  test(`a request is refused: ${json}`, () => {
    assert.throws(() => dialect.check(tapeOf(json)), error =>
      error instanceof GatehouseError && error.code === 'invalid_body' && (error.param ?? '') === param && sentence.test(error.message))
  })
}

test('a request passes with fields that nobody knows', () => {
  dialect.check(tapeOf('{"contents":[{"x":1}],"toolConfig":{"functionCallingConfig":{"streamFunctionCallArguments":null}},"brandNew":{"a":[]}}'))
})

const said: [string, string][] = [
  ['{"contents":[]}', '{"contents":[],"systemInstruction":{"parts":[{"text":"a"},{"text":"b"},{"text":"c"}]}}'],
  ['{"system_instruction":{"parts":[ {"text":"h\\u00e9"} ]}}', '{"system_instruction":{"parts":[{"text":"a"},{"text":"b"}, {"text":"h\\u00e9"} ,{"text":"c"}]}}'],
  ['{"systemInstruction":null}', '{"systemInstruction":{"parts":[{"text":"a"},{"text":"b"},{"text":"c"}]}}'],
]

for (const [json, expected] of said) {
  test(`words of the house around those of the system in ${json}`, () => {
    assert.equal(splice(Buffer.from(json), dialect.instruct!(tapeOf(json), ['a', 'b'], ['c'])).toString(), expected)
  })
}

test('turns are put at either end', () => {
  const json = '{"contents":[{"a":1}]}'
  const insert = (role: string, at: 'start' | 'end'): string => splice(Buffer.from(json), [dialect.insert!(tapeOf(json), { role, text: 'x' }, at)]).toString()
  assert.equal(insert('assistant', 'start'), '{"contents":[{"role":"model","parts":[{"text":"x"}]},{"a":1}]}')
  assert.equal(insert('user', 'end'), '{"contents":[{"a":1},{"role":"user","parts":[{"text":"x"}]}]}')
})

test('schemas of functions and of the answer', () => {
  const tape = tapeOf('{"tools":[{"functionDeclarations":[{"name":"f","parameters":{"a":1}},{"name":"g","parametersJsonSchema":{"b":2}}]}],"generationConfig":{"responseMimeType":"application/json","responseSchema":{"c":3}}}')
  const { tools, text } = dialect.schemas!(tape)
  const jsonAt = (node: number): string => tape.bytes.toString('utf8', tape.start(node), tape.end(node))
  assert.deepEqual([[...tools].map(([name, node]) => [name, jsonAt(node)]), jsonAt(text), dialect.asksForJson!(tape)], [[['f', '{"a":1}'], ['g', '{"b":2}']], '{"c":3}', true])
  const bare = tapeOf('{"tools":7,"generationConfig":null}')
  assert.deepEqual([dialect.schemas!(bare).text, dialect.schemas!(bare).tools.size, dialect.asksForJson!(bare)], [-1, 0, false])
})

for (const [channel, part] of [['text', { text: 'x' }], ['reasoning', { text: 'x', thought: true }]] as const) {
  test(`a frame says a piece of ${channel}, and its map finds it on the same lane`, () => {
    const payload = streaming.say({ choice: 1, channel, call: 0 }, 'x', '{"modelVersion":"m","responseId":"r","x":1}', 0)
    assert.deepEqual(JSON.parse(payload), { candidates: [{ content: { parts: [part], role: 'model' }, index: 1 }], modelVersion: 'm', responseId: 'r' })
    const [spot] = read(tapeOf(payload), streaming.frame).spots
    assert.deepEqual([spot?.channel, spot?.choice, spot?.origin], [channel, 1, 'assistant'])
  })
}

test('a refusal ends each of the choices with SAFETY', () => {
  const frames = streaming.refuse([0, 2], { first: '{}', latest: '{"responseId":"r"}', begun: new Set([0]), open: [], sequence: 0 }, 'content_filter').map(frame => JSON.parse(frame))
  assert.deepEqual(frames.map(({ candidates: [{ index, finishReason }], responseId }) => [index, finishReason, responseId]), [[0, 'SAFETY', 'r'], [2, 'SAFETY', 'r']])
})

for (const [finish, reason] of [['stop', 'STOP'], ['content_filter', 'SAFETY']] as const) {
  test(`an answer of the gateway's own is one frame as well: ${finish}`, () => {
    const reply = { id: 'r1', model: 'm', text: 'No.\n', finish, at: 7 }
    const { candidates, responseId } = JSON.parse(dialect.answer!(reply))
    assert.deepEqual([candidates, responseId], [[{ content: { parts: [{ text: 'No.\n' }], role: 'model' }, finishReason: reason, index: 0 }], 'r1'])
    assert.deepEqual(streaming.answer(reply), [dialect.answer!(reply)])
  })
}

for (const [code, status, word] of [
  ['invalid_body', 400, 'INVALID_ARGUMENT'], ['invalid_key', 401, 'UNAUTHENTICATED'], ['forbidden', 403, 'PERMISSION_DENIED'],
  ['model_not_found', 404, 'NOT_FOUND'], ['internal', 500, 'INTERNAL'], ['draining', 503, 'UNAVAILABLE'], ['deadline', 504, 'DEADLINE_EXCEEDED'],
] satisfies [ErrorCode, number, string][]) {
  test(`an error in Google's words: ${code}`, () => {
    assert.deepEqual(JSON.parse(dialect.error(new GatehouseError(code, 'Why.'))), { error: { code: status, message: 'Why.', status: word } })
  })
}

const counts: [string, unknown, (number | undefined)[]][] = [
  ['P51: thoughts are part of the output, and what tools brought in of the input', { promptTokenCount: 10, cachedContentTokenCount: 4, candidatesTokenCount: 5, thoughtsTokenCount: 7, toolUsePromptTokenCount: 3 }, [13, 12, 4, 7]],
  ['the first frames of a stream know little', { promptTokenCount: 10 }, [10, 0, 0, 0]],
  ['no counts', { totalTokenCount: 'many' }, [undefined, undefined, undefined, undefined]],
]

for (const [name, raw, expected] of counts) {
  test(`usage: ${name}`, () => {
    const found = dialect.usage(raw)
    assert.deepEqual([found?.input, found?.output, found?.cacheRead, found?.reasoning], expected)
  })
}
