import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { generateText, jsonSchema, stepCountIs, streamText, tool, type LanguageModel } from 'ai'
import type { Block, CanonicalAnswer, Stop } from '../../sdk/index.ts'
import { openRig } from './rig.ts'
import { openVendor, type Model, type Vendor } from './vendor.ts'

const answer = (blocks: readonly Block[], stop: Stop = 'end'): CanonicalAnswer => ({
  id: 'a', model: 'm', created: 1_700_000_000, choices: [{ index: 0, blocks, finish: { stop, raw: '' } }],
  usage: { input: 12, output: 5, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' },
})

/** Calls the tool that it is offered, and says what came of it. */
const model: Model = ({ tools, turns }) => {
  const results = turns.flatMap(({ blocks }) => blocks).flatMap(block => block.kind === 'tool_result' ? [...block.blocks] : [])
  const told = results.map(block => block.kind === 'text' ? block.text : '').join('')
  if (tools.length > 0 && told === '') return answer([{ kind: 'tool_call', id: 'call_abcdef1', name: tools[0]!.name, args: '{"city":"Rome"}' }], 'tool')
  return answer([{ kind: 'text', text: told === '' ? 'Hello there' : `It is ${told}` }])
}

/** The AI SDK's own providers; only the base URL is different. */
const CLIENTS: Readonly<Record<string, (url: string) => LanguageModel>> = {
  'OpenAI, chat': url => createOpenAI({ baseURL: `${url}/v1`, apiKey: 'any' }).chat('m'),
  'OpenAI, responses': url => createOpenAI({ baseURL: `${url}/v1`, apiKey: 'any' }).responses('m'),
  Anthropic: url => createAnthropic({ baseURL: `${url}/v1`, apiKey: 'any' })('m'),
}

const weather = tool({
  description: 'The weather of a city',
  inputSchema: jsonSchema<{ city: string }>({ type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false }),
  execute: async ({ city }) => `sunny in ${city}`,
})

async function open(t: TestContext, client: string, dialect: string): Promise<{ language: LanguageModel; vendor: Vendor }> {
  const vendor = await openVendor(t, dialect, model)
  const rig = await openRig(t, {
    apis: ['openai', 'anthropic'], providers: { vendor: vendor.provider }, routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'vendor' }] }],
  })
  return { language: CLIENTS[client]!(rig.url), vendor }
}

for (const client of Object.keys(CLIENTS)) {
  for (const dialect of ['openai-chat', 'anthropic-messages', 'gemini', 'bedrock-converse', 'cohere-chat', 'mistral-chat']) {
    describe(`the AI SDK's ${client}, at a provider of ${dialect}`, () => {
      test('text, whole and streamed', async t => {
        const { language } = await open(t, client, dialect)
        const whole = await generateText({ model: language, prompt: 'Hi', maxRetries: 0 })
        assert.deepEqual([whole.text, whole.finishReason, whole.usage.inputTokens, whole.usage.outputTokens], ['Hello there', 'stop', 12, 5])
        const stream = streamText({ model: language, prompt: 'Hi', maxRetries: 0 })
        assert.deepEqual([await stream.text, await stream.finishReason], ['Hello there', 'stop'])
      })

      test('a tool is called, and what it gives goes back, whole and streamed', async t => {
        const { language, vendor } = await open(t, client, dialect)
        const settings = { model: language, prompt: 'Weather?', tools: { weather }, stopWhen: stepCountIs(3), maxRetries: 0 }
        assert.equal((await generateText(settings)).text, 'It is sunny in Rome')
        assert.equal(await streamText(settings).text, 'It is sunny in Rome')
        assert.equal(vendor.asked.length, 4)
      })
    })
  }
}
