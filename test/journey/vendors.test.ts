// Vendors and servers that speak OpenAI's chat, each with its own habits: what a stream of theirs comes to, in bytes to a client
// of OpenAI's and translated to one of Anthropic's.
import Anthropic from '@anthropic-ai/sdk'
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openRig, openUpstream } from './rig.ts'

const chunk = (delta: object, more: object = {}, top: object = {}): string =>
  JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: null, ...more }], ...top })
const ending = (finish: string, more: object = {}, top: object = {}): string => chunk({}, { finish_reason: finish, ...more }, top)
const counted = (usage: object): string => JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage })
const lines = (...payloads: string[]): string => [...payloads, '[DONE]'].map(payload => `data: ${payload}\n\n`).join('')
const tokens = { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 }

interface Habits {
  readonly stream: string
  /** Whether it may be asked for the usage of a stream. */
  readonly asked: boolean
  readonly thinks?: boolean
  /** Output tokens; all of them count nine of input. */
  readonly output?: number
  readonly cached?: number
  readonly stop?: string
}

const VENDORS: Readonly<Record<string, Habits>> = {
  // Tells its usage twice, once in words of its own.
  groq: {
    asked: true, thinks: true,
    stream: lines(chunk({ role: 'assistant', content: '' }, {}, { x_groq: { id: 'r' } }), chunk({ reasoning: 'Hm. ' }), chunk({ content: 'Hi.' }),
      ending('stop', {}, { x_groq: { id: 'r', usage: tokens } }), counted(tokens)),
  },
  together: { asked: true, stream: lines(chunk({ role: 'assistant', content: 'Hi.', token_id: 7 }), ending('eos', { seed: 1 }, { usage: tokens })) },
  // Comments keep the connection alive while a request waits.
  deepseek: {
    asked: true, thinks: true, cached: 4,
    stream: `: keep-alive\n\n${lines(chunk({ role: 'assistant', content: null, reasoning_content: 'Hm. ' }), chunk({ content: 'Hi.', reasoning_content: null }),
      ending('stop', {}, { usage: { ...tokens, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 5 } }))}`,
  },
  // Tells a thought twice, and its usage beside a choice that says nothing.
  openrouter: {
    asked: true, thinks: true,
    stream: `: OPENROUTER PROCESSING\n\n${lines(
      chunk({ role: 'assistant', content: '', reasoning: 'Hm. ', reasoning_details: [{ type: 'reasoning.text', text: 'Hm. ', format: 'unknown', index: 0 }] }, {}, { provider: 'P' }),
      chunk({ content: 'Hi.' }), ending('stop', { native_finish_reason: 'end_turn' }), chunk({ content: '' }, {}, { usage: { ...tokens, cost: 0.1 } }))}`,
  },
  // Counts thoughts beside the completion: only the total has them.
  xai: {
    asked: true, thinks: true, output: 12,
    stream: lines(chunk({ role: 'assistant', reasoning_content: 'Hm. ' }), chunk({ content: 'Hi.' }), ending('stop'),
      counted({ prompt_tokens: 9, completion_tokens: 5, total_tokens: 21, completion_tokens_details: { reasoning_tokens: 7 } })),
  },
  fireworks: { asked: true, stream: lines(chunk({ role: 'assistant' }), chunk({ content: 'Hi.' }), ending('stop', {}, { usage: tokens, perf_metrics: {} })) },
  vllm: {
    asked: true, thinks: true, stop: 'stop_sequence',
    stream: lines(chunk({ role: 'assistant', content: '' }, { logprobs: null }), chunk({ reasoning: 'Hm. ' }), chunk({ content: 'Hi.' }), ending('stop', { stop_reason: '###' }), counted(tokens)),
  },
  // No space behind the colon, words of its own for the end, and no last line.
  tgi: {
    asked: true,
    stream: [chunk({ role: 'assistant', content: 'Hi.' }, { logprobs: null }), chunk({ role: 'assistant', content: '' }, { finish_reason: 'eos_token' }), counted(tokens)]
      .map(payload => `data:${payload}\n\n`).join(''),
  },
  'lm-studio': { asked: true, thinks: true, stream: lines(chunk({ role: 'assistant', reasoning_content: 'Hm. ' }), chunk({ content: 'Hi.' }), ending('stop'), counted(tokens)) },
  cerebras: { asked: true, stream: lines(chunk({ role: 'assistant', content: 'Hi.' }), ending('stop', {}, { usage: tokens, time_info: {} })) },
  // Every chunk tells the usage, unasked.
  perplexity: {
    asked: false,
    stream: lines(chunk({ role: 'assistant', content: 'Hi.' }, {}, { usage: { ...tokens, completion_tokens: 2 } }), ending('stop', {}, { usage: tokens, citations: ['https://a.b'] })),
  },
  nvidia: { asked: false, stream: lines(chunk({ role: 'assistant', content: 'Hi.' }), ending('stop', {}, { usage: tokens })) },
}

async function openHouse(t: TestContext, vendor: string, stream: string) {
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'text/event-stream' }).end(stream))
  const rig = await openRig(t, {
    providers: { up: { use: 'openai-compatible', url: upstream.url, key: 'k', options: { vendor } } }, chains: { metered: ['meter'] },
    routes: [{ name: 'all', match: { model: '*' }, chain: 'metered', targets: [{ provider: 'up' }] }],
  })
  const sent = (): { stream_options?: { include_usage?: boolean } } => JSON.parse(upstream.requests.at(-1)!.body.toString()) as object
  return { rig, sent }
}

for (const [vendor, { stream, asked, thinks = false, output = 5, cached = 0, stop = 'end_turn' }] of Object.entries(VENDORS)) {
  test(`a stream of ${vendor}, to a client of OpenAI's`, async t => {
    const { rig, sent } = await openHouse(t, vendor, stream)
    const settled = rig.settled()
    const body = await (await rig.post({ model: 'm', stream: true, messages: [{ role: 'user', content: 'x' }] })).text()
    assert.ok(body.includes('"Hi."') && body.includes('"finish_reason":"'))
    assert.deepEqual(sent().stream_options, asked ? { include_usage: true } : undefined)
    const { usage, ending: end } = await settled
    assert.deepEqual([usage?.input, usage?.output, usage?.cacheRead, usage?.source, end], [9, output, cached, 'provider', 'complete'])
  })

  test(`a stream of ${vendor}, to a client of Anthropic's`, async t => {
    const { rig } = await openHouse(t, vendor, stream)
    const client = new Anthropic({ baseURL: rig.url, apiKey: 'any', maxRetries: 0 })
    const { content, stop_reason, usage } = await client.messages.stream({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'x' }] }).finalMessage()
    assert.deepEqual(content.map(block => block.type === 'thinking' ? block.thinking : block.type === 'text' ? block.text : block.type), thinks ? ['Hm. ', 'Hi.'] : ['Hi.'])
    assert.deepEqual([stop_reason, usage.output_tokens, (usage.cache_read_input_tokens ?? 0)], [stop, output, cached])
  })
}

test('TGI tells an error in a sentence, whole or in a stream', async t => {
  const said = { error: 'Model is overloaded', error_type: 'overloaded' }
  const { rig } = await openHouse(t, 'tgi', `data:${JSON.stringify(said)}\n\n`)
  for (const path of ['/v1/chat/completions', '/v1/messages']) {
    const reply = await rig.post({ model: 'm', max_tokens: 9, stream: true, messages: [{ role: 'user', content: 'x' }] }, { path })
    assert.ok(reply.status >= 429, `${path}: ${reply.status}`)
    assert.match(await reply.text(), /Model is overloaded/)
  }
})
