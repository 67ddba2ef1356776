import assert from 'node:assert/strict'
import { test } from 'node:test'
import dialect from '../../../core/dialect/openai-responses.ts'
import { splice } from '../../../core/splice.ts'
import { read } from '../../../core/reading.ts'
import { GatehouseError, type Place } from '../../../sdk/index.ts'
import { tapeOf } from './walk.ts'

const streaming = dialect.streaming!

/** What a walk along the map finds: `path origin/channel` of each segment, with `again` where it says a text again. */
function walk(body: object, map: Place) {
  const tape = tapeOf(JSON.stringify(body))
  const { spots, uncovered, finished, stopped, calls, choices, usage, error, sequence } = read(tape, map)
  return {
    segments: spots.map(spot => `${spot.path} ${spot.origin}/${spot.channel}${spot.again ? ' again' : ''}`),
    uncovered: uncovered.map(node => tape.text(node)),
    finished, stopped, calls, choices,
    marks: { usage: usage !== -1, error: error !== -1, sequence: sequence !== -1 },
  }
}

const summary = [{ type: 'summary_text', text: 'x' }]
const inRequests: [string, object, string[]][] = [
  ['an input that is a text', { input: 'x', instructions: 'x' }, ['/input user/text', '/instructions system/text']],
  ['roles give their origin', { input: [
    'system', 'developer', 'user', 'assistant', 'ghost',
  ].map(role => ({ role, content: 'x' })) }, [
    '/input/0/content system/text', '/input/1/content developer/text', '/input/2/content user/text',
    '/input/3/content assistant/text',
    '/input/4/content user/text',
  ]],
  ['parts', { input: [{ type: 'message', role: 'user', content: [
    { type: 'input_text', text: 'x', prompt_cache_breakpoint: { mode: 'explicit' } },
    { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'low', file_id: 'f' },
    { type: 'input_file', filename: 'x', file_data: 'AA', file_url: 'u' },
  ] }] }, ['/input/0/content/0/text user/text', '/input/0/content/2/filename file/text']],
  ['an assistant\'s items', { input: [
    { type: 'message', role: 'assistant', id: 'm', status: 'completed', content: [{ type: 'refusal', refusal: 'x' }] },
    { type: 'reasoning', id: 'r', summary, content: [{ type: 'reasoning_text', text: 'x' }], encrypted_content: 'e' },
    { type: 'function_call', call_id: 'c', name: 'f', namespace: 'n', arguments: '{}' },
    { type: 'custom_tool_call', call_id: 'c', name: 'f', input: 'x' },
    { type: 'function_call_output', call_id: 'c', output: 'x' },
    { type: 'custom_tool_call_output', call_id: 'c', output: [{ type: 'input_text', text: 'x' }] },
    { type: 'item_reference', id: 'm' }, { type: 'compaction', encrypted_content: 'e' },
  ] }, [
    '/input/0/content/0/refusal assistant/refusal', '/input/1/summary/0/text assistant/reasoning',
    '/input/1/content/0/text assistant/reasoning',
    '/input/2/name assistant/tool_name', '/input/2/arguments assistant/tool_args', '/input/3/name assistant/tool_name',
    '/input/3/input assistant/tool_args', '/input/4/output tool_result/text', '/input/5/output/0/text tool_result/text',
  ]],
  ['what the vendor ran', { input: [
    { type: 'mcp_call', server_label: 's', name: 'f', arguments: '{}', output: 'x', error: null },
    { type: 'web_search_call', id: 'w', action: { type: 'search', query: 'x' } },
    { type: 'code_interpreter_call', code: 'x', outputs: [{ type: 'logs', logs: 'x' }] },
  ] }, [
    '/input/0/name assistant/tool_name', '/input/0/arguments assistant/tool_args', '/input/0/output tool_result/text',
    '/input/1/action/query assistant/tool_args', '/input/2/code assistant/tool_args', '/input/2/outputs/0/logs tool_result/text',
  ]],
  ['tools and settings', {
    tools: [
      { type: 'function', name: 'f', description: 'd', parameters: { type: 'object' }, strict: true },
      { type: 'custom', name: 'g', format: { type: 'grammar', syntax: 'lark', definition: 'x' } },
      { type: 'namespace', name: 'n', description: 'd', tools: [{ type: 'function', name: 'h' }] },
    ],
    tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'f' }] },
    text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' } }, verbosity: 'low' },
    reasoning: {
      effort: 'low', summary: 'auto',
    }, metadata: { a: 'x' }, user: 'x', include: ['i'], truncation: 'auto', service_tier: 'flex',
    prompt: {
      id: 'p', version: '1', variables: { a: 'x', b: { type: 'input_text', text: 'x' } },
    }, previous_response_id: 'r', conversation: { id: 'c' },
  }, [
    '/tools/0/name tool_def/tool_name', '/tools/0/description tool_def/text', '/tools/0/parameters/type tool_def/schema',
    '/tools/1/name tool_def/tool_name', '/tools/1/format/definition tool_def/schema', '/tools/2/name tool_def/tool_name',
    '/tools/2/description tool_def/text', '/tools/2/tools/0/name tool_def/tool_name',
    '/tool_choice/tools/0/name tool_def/tool_name',
    '/text/format/name tool_def/schema', '/text/format/schema/type tool_def/schema', '/metadata/a user/text', '/user user/text',
    '/prompt/variables/a user/text', '/prompt/variables/b/text user/text',
  ]],
]

for (const [name, body, segments] of inRequests) {
  test(`map of requests: ${name}`, () => {
    const found = walk({ model: 'm', ...body }, dialect.request)
    assert.deepEqual([found.segments, found.uncovered], [segments, []])
  })
}

test('map of requests: what it does not know is uncovered', () => {
  assert.deepEqual(
    walk({ model: 'm', input: [{ type: 'new_thing', blob: 'a' }], data: 'b' }, dialect.request).uncovered, ['a', 'b']
  )
})

const output = [
  { type: 'reasoning', id: 'r', summary, encrypted_content: 'e' },
  { type: 'message', id: 'm', role: 'assistant', status: 'completed', content: [
    {
      type: 'output_text', text: 'x', annotations: [{ type: 'url_citation', url: 'u', title: 't' }], logprobs: [{ token: 'x' }],
    }, { type: 'refusal', refusal: 'x' },
  ] },
  { type: 'function_call', id: 'f', call_id: 'c', name: 'f', arguments: '{}', status: 'completed' },
  { type: 'custom_tool_call', id: 'c', call_id: 'c', name: 'f', input: 'x' },
]
const response = {
  id: 'r', object: 'response', model: 'm', status: 'completed', output, error: null, instructions: 'x',
  tools: [{ type: 'function', name: 'f', parameters: { type: 'object' } }], usage: { input_tokens: 1 }, metadata: {},
}
const SEGMENTS = [
  '/output/0/summary/0/text assistant/reasoning', '/output/1/content/0/text assistant/text',
  '/output/1/content/0/annotations/0/url assistant/text',
  '/output/1/content/0/annotations/0/title assistant/text', '/output/1/content/1/refusal assistant/refusal',
  '/output/2/name assistant/tool_name',
  '/output/2/arguments assistant/tool_args', '/output/3/name assistant/tool_name', '/output/3/input assistant/tool_args',
  '/instructions system/text', '/tools/0/name tool_def/tool_name', '/tools/0/parameters/type tool_def/schema',
]

test('map of answers', () => {
  assert.deepEqual(walk(response, dialect.response), {
    segments: SEGMENTS, uncovered: [], finished: [0], stopped: [], calls: [], choices: [0], marks: {
      usage: true, error: false, sequence: false,
    },
  })
})

test('map of frames: the last one says everything again, where the whole answer has it', () => {
  assert.deepEqual(walk({ type: 'response.completed', sequence_number: 9, response }, streaming.frame), {
    segments: SEGMENTS.map(segment => `${segment} again`), uncovered: [], finished: [0], stopped: [], calls: [], choices: [0],
    marks: { usage: true, error: false, sequence: true },
  })
})

const part = { item_id: 'i', output_index: 1, content_index: 2, sequence_number: 3 }
const item = { item_id: 'i', output_index: 2, sequence_number: 3, obfuscation: 'z' }
const thought = { item_id: 'i', output_index: 0, summary_index: 4, sequence_number: 3 }
const frames: [string, object, string[]][] = [
  ['output_text.delta', { ...part, delta: 'x', logprobs: [{ token: 'x' }] }, ['/output/1/content/2/text assistant/text']],
  ['output_text.done', { ...part, text: 'x', logprobs: [] }, ['/output/1/content/2/text assistant/text again']],
  ['content_part.added', { ...part, part: { type: 'output_text', text: '' } }, ['/output/1/content/2/text assistant/text']],
  [
    'content_part.done', { ...part, part: { type: 'refusal', refusal: 'x' } },
    ['/output/1/content/2/refusal assistant/refusal again'],
  ],
  [
    'content_part.done', { ...part, part: { type: 'reasoning_text', text: 'x' } },
    ['/output/1/content/2/text assistant/reasoning again'],
  ],
  ['refusal.delta', { ...part, delta: 'x' }, ['/output/1/content/2/refusal assistant/refusal']],
  ['refusal.done', { ...part, refusal: 'x' }, ['/output/1/content/2/refusal assistant/refusal again']],
  [
    'output_text.annotation.added', { ...part, annotation_index: 0, annotation: { type: 'url_citation', url: 'u' } },
    ['/output/1/content/2/annotations/0/url assistant/text again'],
  ],
  [
    'reasoning_summary_part.added', { ...thought, part: { type: 'summary_text', text: '' } },
    ['/output/0/summary/4/text assistant/reasoning'],
  ],
  ['reasoning_summary_text.delta', { ...thought, delta: 'x' }, ['/output/0/summary/4/text assistant/reasoning']],
  ['reasoning_summary_text.done', { ...thought, text: 'x' }, ['/output/0/summary/4/text assistant/reasoning again']],
  ['reasoning_text.delta', { ...part, delta: 'x' }, ['/output/1/content/2/text assistant/reasoning']],
  [
    'output_item.added', { ...item, item: { type: 'function_call', name: 'f', arguments: '' } },
    ['/output/2/name assistant/tool_name again', '/output/2/arguments assistant/tool_args'],
  ],
  ['function_call_arguments.delta', { ...item, delta: '{' }, ['/output/2/arguments assistant/tool_args']],
  [
    'function_call_arguments.done', { ...item, name: 'f', arguments: '{}' },
    ['/output/2/name assistant/tool_name again', '/output/2/arguments assistant/tool_args again'],
  ],
  ['custom_tool_call_input.delta', { ...item, delta: 'x' }, ['/output/2/input assistant/tool_args']],
  ['output_item.done', { ...item, item: output[1]! }, [
    '/output/2/content/0/text assistant/text again', '/output/2/content/0/annotations/0/url assistant/text again',
    '/output/2/content/0/annotations/0/title assistant/text again', '/output/2/content/1/refusal assistant/refusal again',
  ]],
  ['web_search_call.searching', item, []],
]

for (const [type, more, segments] of frames) {
  test(`map of frames: ${type} ${segments.join(', ')}`, () => {
    const found = walk({ type: `response.${type}`, ...more }, streaming.frame)
    assert.deepEqual([found.segments, found.uncovered, found.marks.sequence], [segments, [], true])
    const index = (more as typeof item).output_index
    assert.deepEqual([found.calls, found.stopped], [[index], type === 'output_item.done' ? [index] : []])
  })
}

test('map of frames: errors are marked, wherever they stand, and indexes that are none lead nowhere else', () => {
  assert.equal(
    walk({ type: 'error', message: 'x', code: 'c', param: null, sequence_number: 0 }, streaming.frame).marks.error, true
  )
  assert.equal(
    walk({ type: 'response.failed', response: { error: { code: 'c', message: 'x' } } }, streaming.frame).marks.error, true
  )
  const { segments } = walk({
    type: 'response.output_text.delta', output_index: -1, content_index: 1e21, delta: 'x',
  }, streaming.frame)
  assert.deepEqual(segments, ['/output/0/content/0/text assistant/text'])
})

test('what is asked and declared', () => {
  const tape = tapeOf(JSON.stringify({
    tools: [7, { type: 'function', name: 'f', parameters: { a: 1 } }, { type: 'custom', name: 'g' }],
    text: { format: { type: 'json_schema', schema: { b: 1 } } },
  }))
  const { tools, text } = dialect.schemas!(tape)
  const json = (node: number) => tape.bytes.toString('utf8', tape.start(node), tape.end(node))
  assert.deepEqual([[...tools].map(([name, node]) => [name, json(node)]), json(text)], [[['f', '{"a":1}']], '{"b":1}'])
  assert.equal(dialect.asksForJson!(tape), true)
  for (const other of ['{}', '{"text":7}', '{"text":{"format":{"type":"text"}}}']) {
    assert.deepEqual([dialect.asksForJson!(tapeOf(other)), dialect.schemas!(tapeOf(other)).text], [false, -1], other)
  }
})

const refused: [string, string][] = [
  ['{"input":"a"}', 'model'], ['{"model":"m","input":7}', 'input'], ['{"model":"m","input":"a","stream":"yes"}', 'stream'],
]
for (const [json, param] of refused) {
  test(`a request without what the gateway reads is refused: ${json}`, () => {
    assert.throws(
      () => dialect.check(tapeOf(json)),
      error => error instanceof GatehouseError && error.code === 'invalid_body' && error.param === param
    )
  })
}

test('a request passes with fields that nobody knows, and without an input', () => {
  for (const json of [
    '{"model":"m","input":"a","brand_new":{}}', '{"model":"m","input":[]}', '{"model":"m","prompt":{"id":"p"}}',
  ]) dialect.check(tapeOf(json))
})

const insertions: [string, string, 'start' | 'end', string][] = [
  ['{"input":[{"a":1}]}', 'assistant', 'start', '{"input":[{"type":"message","role":"assistant","content":"\\"é"},{"a":1}]}'],
  ['{"input":[{"a":1}]}', 'user', 'end', '{"input":[{"a":1},{"type":"message","role":"user","content":"\\"é"}]}'],
  ['{"input":"a"}', 'user', 'end', '{"input":"a\\n\\n\\"é"}'],
  ['{"input":"a"}', 'user', 'start', '{"input":"\\"é\\n\\na"}'],
]

for (const [json, role, at, expected] of insertions) {
  test(`a message of the ${role} is put at the ${at} of ${json}`, () => {
    const { start, end, text } = dialect.insert!(tapeOf(json), { role, text: '"é' }, at)
    assert.equal(json.slice(0, start) + String(text) + json.slice(end), expected)
  })
}

for (const [json, before, behind, instructions] of [
  ['{"input":"a"}', ['"é'], [], '"é'],
  ['{"input":[{"a":1}]}', ['x', 'y'], ['z'], 'x\n\ny\n\nz'],
  ['{"instructions":"b","input":"a"}', ['x'], ['z'], 'x\n\nb\n\nz'],
  ['{"input":"a","instructions":null}', [], ['z'], 'z'],
] as const) {
  test(`words of the system become one text of instructions in ${json}`, () => {
    const edits = dialect.instruct!(tapeOf(json), before, behind)
    const written = JSON.parse(splice(Buffer.from(json), edits).toString()) as { instructions: string }
    assert.deepEqual(written, { ...JSON.parse(json), instructions })
  })
}

test('a frame says a piece in the words of the latest one, under its own number', () => {
  const like = {
    type: 'response.output_text.delta', sequence_number: 4, item_id: 'i', output_index: 1, content_index: 0, delta: 'no',
    logprobs: [{ token: 'no' }], obfuscation: 'zz',
  }
  const said = streaming.say({ choice: 0, channel: 'text', call: 1 }, 'x', JSON.stringify(like), 9)
  assert.ok(said.startsWith('{"type":"response.output_text.delta"'), 'the type comes first')
  assert.deepEqual(JSON.parse(said), {
    type: 'response.output_text.delta', sequence_number: 9, item_id: 'i', output_index: 1, content_index: 0, delta: 'x',
    logprobs: [],
  })
  for (const payload of ['', 'null', '{"type":"response.created"}']) {
    const { type, delta, output_index: index } = JSON.parse(streaming.say({
      choice: 0, channel: 'tool_args', call: 2,
    }, 'x', payload, 0))
    assert.deepEqual([type, delta, index], ['response.function_call_arguments.delta', 'x', 2])
  }
})

test('a refusal ends the response as incomplete, and says nothing that the upstream said', () => {
  const first = JSON.stringify({
    type: 'response.completed',
    response: { id: 'resp_1', model: 'm', created_at: 5, instructions: 'SECRET', output: ['SECRET'], metadata: { a: 'SECRET' } },
  })
  for (const [begun, sequence, types] of [
    [new Set([0]), 7, ['response.incomplete']],
    [new Set<number>(), 0, ['response.created', 'response.in_progress', 'response.incomplete']],
  ] as const) {
    const payloads = streaming.refuse([0], { first, latest: first, begun, open: [1], sequence }, 'content_filter')
    const told = payloads.map(payload => JSON.parse(payload))
    assert.ok(!payloads.join('').includes('SECRET'))
    assert.deepEqual(told.map(({ type }) => type), types)
    assert.deepEqual(told.map(frame => frame.sequence_number), types.map((_, at) => sequence + at))
    const { id, model, created_at, status, incomplete_details } = told.at(-1).response
    assert.deepEqual([id, model, created_at, status, incomplete_details], [
      'resp_1', 'm', 5, 'incomplete', { reason: 'content_filter' },
    ])
  }
})

test('answers of the gateway\'s own, whole and as frames', () => {
  const reply = { id: 'r1', model: 'm', text: 'No.', finish: 'content_filter', at: 7 } as const
  const whole = JSON.parse(dialect.answer!(reply))
  assert.deepEqual([whole.status, whole.output[0].content[0].text, whole.created_at], ['incomplete', 'No.', 7])
  const told = streaming.answer(reply).map(payload => JSON.parse(payload))
  assert.deepEqual(told.at(-1), { type: 'response.incomplete', sequence_number: told.length - 1, response: whole })
  assert.equal(JSON.parse(dialect.answer!({ ...reply, finish: 'stop' })).status, 'completed')
})

test('errors and usage', () => {
  const error = new GatehouseError('deadline', 'Too late.')
  assert.deepEqual(JSON.parse(streaming.error(error, 3)), {
    type: 'error', sequence_number: 3, code: 'deadline', message: 'Too late.', param: null,
  })
  assert.equal(JSON.parse(dialect.error(error)).error.message, 'Too late.')
  const raw = {
    input_tokens: 9, input_tokens_details: { cached_tokens: 4, cache_write_tokens: 1 }, output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 2 },
  }
  assert.deepEqual(dialect.usage(raw), { input: 9, output: 5, cacheRead: 4, cacheWrite: 1, reasoning: 2, source: 'provider' })
  assert.equal(dialect.usage({ prompt_tokens: 1 }), undefined)
})
