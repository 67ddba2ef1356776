// What an answer costs is what its provider bills for it: answers in each provider's own shape, read as the gateway reads
// them, at the prices that the provider publishes (copied here, so that a new edition of the catalogue changes no test).
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { Price, type Tape, type Usage } from '../../sdk/index.ts'
import { Scanner } from '../../core/json-tape.ts'
import { loadDialect, loadTranslation } from '../../core/registry.ts'

type Raw = Readonly<Record<string, unknown>>

interface Bill {
  readonly what: string
  /** The format of the answer. */
  readonly format: string
  readonly body: Raw
  /** Dollars per million tokens, by the catalogue's names. */
  readonly price: ConstructorParameters<typeof Price>[0]
  /** Tokens, and nano-dollars for each, which is dollars per million tokens times a thousand. */
  readonly bill: readonly (readonly [tokens: number, nano: number])[]
}

const chat = (usage: Raw): Raw => ({
  id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm', usage,
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
})
const response = (usage: Raw): Raw => ({
  id: 'resp_1', object: 'response', created_at: 1, status: 'completed', model: 'm', usage,
  output: [{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'Hi', annotations: [] }] }],
})
const message = (usage: Raw): Raw => ({
  id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [{ type: 'text', text: 'Hi' }], stop_reason: 'end_turn',
  stop_sequence: null, usage,
})
const generated = (usageMetadata: Raw): Raw => ({
  candidates: [{ content: { role: 'model', parts: [{ text: 'Hi' }] }, finishReason: 'STOP', index: 0 }], usageMetadata, modelVersion: 'm',
})
const converse = (usage: Raw): Raw => ({
  output: { message: { role: 'assistant', content: [{ text: 'Hi' }] } }, stopReason: 'end_turn', usage, metrics: { latencyMs: 9 },
})

const GPT_4O = { input_mtok: 2.5, cache_read_mtok: 1.25, output_mtok: 10 }
const GPT_5_6 = { input_mtok: 4, cache_write_mtok: 5, cache_read_mtok: 0.4, output_mtok: 20 }
const GPT_REALTIME = {
  input_mtok: 5, cache_read_mtok: 2.5, output_mtok: 20, input_audio_mtok: 40, cache_audio_read_mtok: 2.5, output_audio_mtok: 80,
}
const SONNET = { input_mtok: 3, cache_write_mtok: 3.75, cache_write_1h_mtok: 6, cache_read_mtok: 0.3, output_mtok: 15 }
const GEMINI_PRO = {
  input_mtok: { base: 1.25, tiers: [{ start: 200_000, price: 2.5 }] }, cache_read_mtok: { base: 0.125, tiers: [{ start: 200_000, price: 0.25 }] },
  output_mtok: { base: 10, tiers: [{ start: 200_000, price: 15 }] },
}
const GEMINI_FLASH = { input_mtok: 0.3, cache_read_mtok: 0.03, output_mtok: 2.5, input_audio_mtok: 1, cache_audio_read_mtok: 0.1 }
const GEMINI_IMAGE = { input_mtok: 0.3, output_mtok: 2.5, output_image_mtok: 30 }
const BEDROCK_SONNET = { input_mtok: 3.3, cache_write_mtok: 4.125, cache_write_1h_mtok: 6.6, cache_read_mtok: 0.33, output_mtok: 16.5 }

const BILLS: readonly Bill[] = [
  {
    what: 'OpenAI: part of the prompt cached, part of the output thought', format: 'openai-chat', price: GPT_4O,
    body: chat({
      prompt_tokens: 2006, completion_tokens: 300, total_tokens: 2306, prompt_tokens_details: { cached_tokens: 1920, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 192, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
    }),
    bill: [[86, 2500], [1920, 1250], [300, 10_000]],
  },
  {
    what: 'OpenAI: the prompt written to the cache', format: 'openai-responses', price: GPT_5_6,
    body: response({
      input_tokens: 5000, input_tokens_details: { cached_tokens: 1024, cache_write_tokens: 3000 }, output_tokens: 700,
      output_tokens_details: { reasoning_tokens: 512 }, total_tokens: 5700,
    }),
    bill: [[976, 4000], [1024, 400], [3000, 5000], [700, 20_000]],
  },
  {
    what: 'OpenAI: sounds, heard and said', format: 'openai-chat', price: GPT_REALTIME,
    body: chat({
      prompt_tokens: 1000, completion_tokens: 400, total_tokens: 1400,
      prompt_tokens_details: { cached_tokens: 300, audio_tokens: 800, text_tokens: 200, cached_tokens_details: { audio_tokens: 250, text_tokens: 50 } },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 320, text_tokens: 80 },
    }),
    bill: [[150, 5000], [550, 40_000], [50, 2500], [250, 2500], [80, 20_000], [320, 80_000]],
  },
  {
    what: 'OpenAI: embeddings', format: 'openai-embeddings', price: { input_mtok: 0.02 },
    body: { object: 'list', data: [], model: 'm', usage: { prompt_tokens: 8000, total_tokens: 8000 } },
    bill: [[8000, 20]],
  },
  {
    what: 'OpenAI: completions', format: 'openai-completions', price: { input_mtok: 1.5, output_mtok: 2 },
    body: { id: 'cmpl-1', choices: [], model: 'm', usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 } },
    bill: [[5, 1500], [7, 2000]],
  },
  {
    what: 'DeepSeek: hits and misses', format: 'openai-chat', price: { input_mtok: 0.27, cache_read_mtok: 0.07, output_mtok: 1.1 },
    body: chat({
      prompt_tokens: 339, completion_tokens: 83, total_tokens: 422, prompt_cache_hit_tokens: 320, prompt_cache_miss_tokens: 19,
    }),
    bill: [[19, 270], [320, 70], [83, 1100]],
  },
  {
    what: 'xAI: thoughts beside the completion', format: 'openai-chat', price: { input_mtok: 3, cache_read_mtok: 0.75, output_mtok: 15 },
    body: chat({
      prompt_tokens: 307, completion_tokens: 26, total_tokens: 560, prompt_tokens_details: { text_tokens: 307, audio_tokens: 0, image_tokens: 0, cached_tokens: 244 },
      completion_tokens_details: { reasoning_tokens: 227, audio_tokens: 0 }, num_sources_used: 0,
    }),
    bill: [[63, 3000], [244, 750], [26, 15_000], [227, 15_000]],
  },
  {
    what: 'Moonshot: the cache on top', format: 'openai-chat', price: { input_mtok: 0.6, cache_read_mtok: 0.15, output_mtok: 2.5 },
    body: chat({ prompt_tokens: 20, completion_tokens: 30, total_tokens: 50, cached_tokens: 10 }),
    bill: [[10, 600], [10, 150], [30, 2500]],
  },
  {
    what: 'Perplexity: a fee for the request', format: 'openai-chat', price: { input_mtok: 1, output_mtok: 1, requests_kcount: 12 },
    body: chat({ prompt_tokens: 14, completion_tokens: 70, total_tokens: 84, search_context_size: 'high' }),
    bill: [[1, 12_000_000], [14, 1000], [70, 1000]],
  },
  {
    what: 'Mistral: the cache by its own name', format: 'mistral-chat', price: { input_mtok: 2, cache_read_mtok: 0.2, output_mtok: 6 },
    body: chat({ prompt_tokens: 500, completion_tokens: 40, total_tokens: 540, num_cached_tokens: 448 }),
    bill: [[52, 2000], [448, 200], [40, 6000]],
  },
  {
    what: 'Anthropic: read, written for five minutes and for an hour', format: 'anthropic-messages', price: SONNET,
    body: message({
      input_tokens: 21, cache_creation_input_tokens: 1700, cache_read_input_tokens: 188_086,
      cache_creation: { ephemeral_5m_input_tokens: 456, ephemeral_1h_input_tokens: 1244 }, output_tokens: 393, service_tier: 'standard',
    }),
    bill: [[21, 3000], [188_086, 300], [456, 3750], [1244, 6000], [393, 15_000]],
  },
  {
    what: 'Anthropic: written, nobody says for how long', format: 'anthropic-messages', price: SONNET,
    body: message({ input_tokens: 3, cache_creation_input_tokens: 12_304, cache_read_input_tokens: 0, output_tokens: 550 }),
    bill: [[3, 3000], [12_304, 3750], [550, 15_000]],
  },
  {
    what: 'Gemini: thoughts beside the answer, a tool\'s findings beside the prompt', format: 'gemini', price: GEMINI_PRO,
    body: generated({
      promptTokenCount: 100, cachedContentTokenCount: 60, toolUsePromptTokenCount: 20, candidatesTokenCount: 5, thoughtsTokenCount: 50,
      totalTokenCount: 175, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 100 }], cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 60 }],
    }),
    bill: [[60, 1250], [60, 125], [5, 10_000], [50, 10_000]],
  },
  {
    what: 'Gemini: the last prompt of the lower price', format: 'gemini', price: GEMINI_PRO,
    body: generated({ promptTokenCount: 200_000, candidatesTokenCount: 1000, totalTokenCount: 201_000 }),
    bill: [[200_000, 1250], [1000, 10_000]],
  },
  {
    what: 'Gemini: a long prompt makes every token dearer', format: 'gemini', price: GEMINI_PRO,
    body: generated({ promptTokenCount: 200_001, cachedContentTokenCount: 150_001, candidatesTokenCount: 1000, totalTokenCount: 201_001 }),
    bill: [[50_000, 2500], [150_001, 250], [1000, 15_000]],
  },
  {
    what: 'Gemini: a sound, part of it cached', format: 'gemini', price: GEMINI_FLASH,
    body: generated({
      promptTokenCount: 2009, cachedContentTokenCount: 1000, candidatesTokenCount: 74, totalTokenCount: 2083,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 9 }, { modality: 'AUDIO', tokenCount: 1920 }, { modality: 'IMAGE', tokenCount: 80 }],
      cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 960 }, { modality: 'IMAGE', tokenCount: 40 }],
      candidatesTokensDetails: [{ modality: 'TEXT', tokenCount: 74 }],
    }),
    bill: [[9, 300], [40, 300], [960, 1000], [960, 100], [40, 30], [74, 2500]],
  },
  {
    what: 'Gemini: a picture', format: 'gemini', price: GEMINI_IMAGE,
    body: generated({
      promptTokenCount: 12, candidatesTokenCount: 1310, totalTokenCount: 1322,
      candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1290 }, { modality: 'TEXT', tokenCount: 20 }],
    }),
    bill: [[12, 300], [20, 2500], [1290, 30_000]],
  },
  {
    what: 'Bedrock: read, written for five minutes and for an hour', format: 'bedrock-converse', price: BEDROCK_SONNET,
    body: converse({
      inputTokens: 500, outputTokens: 40, totalTokens: 1040, cacheReadInputTokens: 300, cacheWriteInputTokens: 200,
      cacheDetails: [{ ttl: '1h', inputTokens: 120 }, { ttl: '5m', inputTokens: 80 }],
    }),
    bill: [[500, 3300], [300, 330], [80, 4125], [120, 6600], [40, 16_500]],
  },
  {
    what: 'Cohere: billed for less than the model saw', format: 'cohere-chat', price: { input_mtok: 2.5, output_mtok: 10 },
    body: {
      id: 'c1', finish_reason: 'COMPLETE', message: { role: 'assistant', content: [{ type: 'text', text: 'Hi' }] },
      usage: { billed_units: { input_tokens: 37, output_tokens: 60 }, tokens: { input_tokens: 1683, output_tokens: 62 }, cached_tokens: 992 },
    },
    bill: [[37, 2500], [60, 10_000]],
  },
  {
    what: 'Ollama: electricity, as the operator reckons it', format: 'ollama-chat', price: { input_mtok: 0.05, output_mtok: 0.1 },
    body: {
      model: 'm', created_at: '2026-01-15T12:00:00Z', message: { role: 'assistant', content: 'Hi' }, done: true, done_reason: 'stop',
      prompt_eval_count: 26, eval_count: 259,
    },
    bill: [[26, 50], [259, 100]],
  },
]

const scanner = new Scanner()
const tapeOf = (body: Raw): Tape => scanner.scan(Buffer.from(JSON.stringify(body)), { depth: 64 })

/** The usage as a client of the format is told of it, and as an answer is translated from it. */
async function readings(format: string, body: Raw): Promise<(Usage | undefined)[]> {
  const isThere = (family: string): boolean => existsSync(new URL(`../../core/${family}/${format}.ts`, import.meta.url))
  return [
    ...isThere('dialect') ? [(await loadDialect(format)).usage(body.usage ?? body.usageMetadata, undefined, tapeOf(body))] : [],
    ...isThere('translation') ? [(await loadTranslation(format)).readAnswer(body).usage] : [],
  ]
}

for (const { what, format, body, price, bill } of BILLS) {
  test(what, async () => {
    const told = await readings(format, body)
    assert.ok(told.length > 0 && told.every(usage => usage !== undefined), 'no usage in it')
    const cost = bill.reduce((sum, [tokens, nano]) => sum + tokens * nano, 0)
    assert.deepEqual(told.map(usage => new Price(price, 'exact', 'test').costOf(usage)), told.map(() => cost))
  })
}

const TOLD = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 }
const COUNTED = { input_tokens: 9, output_tokens: 2, total_tokens: 11 }
const [ASKED, SAID] = [{ promptTokenCount: 9, candidatesTokenCount: 2 }, { inputTokens: 9, outputTokens: 2, totalTokens: 11 }]

/** Whether the list's price is what the provider bills. */
const STATUSES: readonly (readonly [what: string, status: Price['status'], format: string, body: Raw, price?: Bill['price']])[] = [
  ['OpenAI: sounds heard, and the list has no rate for them', 'unpriced', 'openai-chat', chat({ ...TOLD, prompt_tokens_details: { audio_tokens: 5 } })],
  ['OpenAI: sounds said, and the list has no rate for them', 'unpriced', 'openai-chat', chat({ ...TOLD, completion_tokens_details: { audio_tokens: 1 } })],
  ['OpenAI: sounds, and the list has', 'exact', 'openai-chat',
    chat({ ...TOLD, prompt_tokens_details: { audio_tokens: 5 }, completion_tokens_details: { audio_tokens: 1 } }), GPT_REALTIME],
  ['Gemini: a picture made, and the list has no rate for it', 'unpriced', 'gemini',
    generated({ ...ASKED, candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 2 }] })],
  ['Gemini: a picture seen, at the rate of texts', 'exact', 'gemini', generated({ ...ASKED, promptTokensDetails: [{ modality: 'IMAGE', tokenCount: 5 }] })],
  ['OpenAI: the usual tier', 'exact', 'openai-chat', { ...chat(TOLD), service_tier: 'default' }],
  ['Groq: the usual tier', 'exact', 'openai-chat', { ...chat(TOLD), service_tier: 'on_demand' }],
  ['OpenAI: no tier', 'exact', 'openai-chat', { ...chat(TOLD), service_tier: null }],
  ['OpenAI: priority', 'unpriced', 'openai-chat', { ...chat(TOLD), service_tier: 'priority' }],
  ['OpenAI: flex', 'unpriced', 'openai-responses', { ...response(COUNTED), service_tier: 'flex' }],
  ['OpenAI: the usual tier of a response', 'exact', 'openai-responses', { ...response(COUNTED), service_tier: 'default' }],
  ['Anthropic: the usual tier', 'exact', 'anthropic-messages',
    message({ ...COUNTED, service_tier: 'standard', speed: 'standard', inference_geo: 'global', server_tool_use: { web_search_requests: 0 } })],
  ['Anthropic: priority', 'unpriced', 'anthropic-messages', message({ ...COUNTED, service_tier: 'priority' })],
  ['Anthropic: fast', 'unpriced', 'anthropic-messages', message({ ...COUNTED, speed: 'fast' })],
  ['Anthropic: in one country', 'unpriced', 'anthropic-messages', message({ ...COUNTED, inference_geo: 'us' })],
  ['Anthropic: searches', 'unpriced', 'anthropic-messages', message({ ...COUNTED, server_tool_use: { web_search_requests: 1 } })],
  ['Vertex: the usual traffic', 'exact', 'gemini', generated({ ...ASKED, trafficType: 'ON_DEMAND' })],
  ['Vertex: priority', 'unpriced', 'gemini', generated({ ...ASKED, trafficType: 'ON_DEMAND_PRIORITY' })],
  ['Bedrock: the usual tier', 'exact', 'bedrock-converse', { ...converse(SAID), serviceTier: { type: 'default' } }],
  ['Bedrock: flex', 'unpriced', 'bedrock-converse', { ...converse(SAID), serviceTier: { type: 'flex' } }],
]
for (const [what, status, format, body, price = GPT_4O] of STATUSES) {
  test(`${what}: ${status}`, async () => {
    const told = await readings(format, body)
    assert.deepEqual(told.map(usage => Price.listed(price, 'list').statusOf(usage!)), told.map(() => status))
    assert.deepEqual(told.map(usage => Price.own({ input: 1, output: 2 }).statusOf(usage!)), told.map(() => 'exact'))
  })
}

test('Anthropic, streamed: the end corrects the beginning, and leaves out what has not changed', async () => {
  const { usage } = await loadDialect('anthropic-messages')
  const begun = usage({
    service_tier: 'priority', input_tokens: 21, cache_creation_input_tokens: 1700, cache_read_input_tokens: 400, output_tokens: 1,
    cache_creation: { ephemeral_5m_input_tokens: 456, ephemeral_1h_input_tokens: 1244 },
  })
  const ended = usage({ output_tokens: 393, output_tokens_details: { thinking_tokens: 100 } }, begun)
  assert.equal(new Price(SONNET, 'exact', 'test').costOf(ended!), 21 * 3000 + 400 * 300 + 456 * 3750 + 1244 * 6000 + 393 * 15_000)
  assert.equal(Price.listed(SONNET, 'list').statusOf(ended!), 'unpriced')
})
