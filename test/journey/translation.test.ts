import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import OpenAI, { RateLimitError } from 'openai'
import { translationNames } from '../../core/registry.ts'
import type { Block, CanonicalAnswer, Stop } from '../../sdk/index.ts'
import { openRig, type Rig } from './rig.ts'
import { openVendor, type Model, type Vendor } from './vendor.ts'

const answer = (blocks: readonly Block[], stop: Stop = 'end'): CanonicalAnswer => ({
  id: 'a', model: 'm', created: 1_700_000_000, choices: [{ index: 0, blocks, finish: { stop, raw: '' } }],
  usage: { input: 12, output: 5, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' },
})
const HELLO = answer([{ kind: 'text', text: 'Hello there' }])
const user = (content: string): OpenAI.ChatCompletionMessageParam => ({ role: 'user', content })

async function openClient(t: TestContext, dialect: string, model: Model, chain: readonly unknown[] = []): Promise<{ client: OpenAI; vendor: Vendor; rig: Rig }> {
  const vendor = await openVendor(t, dialect, model)
  const rig = await openRig(t, {
    providers: { vendor: vendor.provider }, chains: { chain }, routes: [{ name: 'all', match: { model: '*' }, chain: 'chain', targets: [{ provider: 'vendor' }] }],
  })
  return { client: new OpenAI({ baseURL: `${rig.url}/v1`, apiKey: 'any', maxRetries: 0 }), vendor, rig }
}

/** What a stream of the official client adds up to. */
async function streamed(client: OpenAI, body: Omit<OpenAI.ChatCompletionCreateParamsStreaming, 'stream'>): Promise<OpenAI.ChatCompletion> {
  return client.chat.completions.stream({ ...body, stream: true }).finalChatCompletion()
}

// OpenAI itself and Ollama's layer of its API speak what this client does: nothing is translated there.
for (const dialect of translationNames().filter(name => !['ollama-chat', 'openai-responses'].includes(name))) {
  describe(`the official OpenAI client at a provider of ${dialect}`, () => {
    for (const stream of [false, true]) {
      const ask = (client: OpenAI, body: Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'stream'>): Promise<OpenAI.ChatCompletion> =>
        stream ? streamed(client, body) : client.chat.completions.create(body)
      const how = stream ? 'streamed' : 'whole'

      test(`text, ${how}`, async t => {
        const { client, vendor, rig } = await openClient(t, dialect, () => HELLO)
        const settled = rig.settled()
        const reply = await ask(client, { model: 'm', messages: [{ role: 'system', content: 'Be brief.' }, user('Hi')] })
        assert.deepEqual([reply.choices[0]?.message.content, reply.choices[0]?.finish_reason, reply.model], ['Hello there', 'stop', 'm'])
        assert.deepEqual(vendor.asked[0]?.turns.map(({ role }) => role), ['system', 'user'])
        const { usage, ending, dialect: spoken } = await settled
        assert.deepEqual([usage?.input, usage?.output, ending, spoken], [12, 5, 'complete', 'openai-chat'])
      })

      test(`P35: a tool call and its result, ${how}; the tool has a name that few providers take`, async t => {
        const called: Block = { kind: 'tool_call', id: 'call_abcdef1', name: '', args: '{"city":"Rome"}' }
        const { client, vendor } = await openClient(t, dialect, ({ tools, turns }) =>
          turns.length > 1 ? HELLO : answer([{ ...called, name: tools[0]!.name }], 'tool'))
        const tools = [{ type: 'function', function: { name: 'crm.find/weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }] satisfies OpenAI.ChatCompletionTool[]
        const first = await ask(client, { model: 'm', messages: [user('Weather?')], tools })
        const [call] = first.choices[0]!.message.tool_calls ?? []
        assert.equal(first.choices[0]?.finish_reason, 'tool_calls')
        assert.ok(call?.type === 'function')
        assert.deepEqual([call.function.name, JSON.parse(call.function.arguments)], ['crm.find/weather', { city: 'Rome' }])
        const second = await ask(client, { model: 'm', tools, messages: [user('Weather?'), first.choices[0]!.message, { role: 'tool', tool_call_id: call.id, content: 'sunny' }] })
        assert.equal(second.choices[0]?.message.content, 'Hello there')
        const results = vendor.asked[1]!.turns.flatMap(({ blocks }) => blocks).filter(block => block.kind === 'tool_result')
        assert.deepEqual(results.map(({ blocks }) => blocks.map(block => block.kind === 'text' ? block.text : '')), [['sunny']])
      })

      test(`under guard, ${how}: the vendor sees placeholders, the client its values`, async t => {
        const { client, vendor } = await openClient(t, dialect, ({ turns }) => {
          const [block] = turns.at(-1)!.blocks
          return answer([{ kind: 'text', text: `I wrote to ${block?.kind === 'text' ? block.text : ''}, not to a.b@example.org` }])
        }, [{ use: 'pii', options: { action: 'tokenize' } }])
        const reply = await ask(client, { model: 'm', messages: [user('jane.roe@example.com')] })
        assert.equal(reply.choices[0]?.message.content, 'I wrote to jane.roe@example.com, not to [EMAIL]')
        assert.doesNotMatch(JSON.stringify(vendor.asked[0]?.turns), /jane/)
      })

      test(`an error, ${how}: the client's own class of it`, async t => {
        const { client } = await openClient(t, dialect, () => ({ failure: 'rate_limit', message: 'Slow down.' }))
        await assert.rejects(ask(client, { model: 'm', messages: [user('Hi')] }), (error: unknown) =>
          error instanceof RateLimitError && error.status === 429 && error.message.includes('Slow down.'))
      })
    }

    test('a stream that breaks off is told as one error, and never as an end', async t => {
      const { client } = await openClient(t, dialect, () => answer([{ kind: 'text', text: 'Hello' }], 'error'))
      await assert.rejects(streamed(client, { model: 'm', messages: [user('Hi')] }))
    })
  })
}

test('a field that the target does not know is told of in a header, whatever it is called', async t => {
  const vendor = await openVendor(t, 'anthropic-messages', () => HELLO)
  const rig = await openRig(t, {
    providers: { vendor: vendor.provider }, routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'vendor' }] }],
  })
  for (const [field, told] of [['plain', 'plain dropped'], ['漢字', '?? dropped'], ['a\nb: c', 'a?b: c dropped'], ['x'.repeat(50_000), 'x'.repeat(300)]] as const) {
    const reply = await fetch(`${rig.url}/v1/chat/completions`, {
      method: 'POST', body: JSON.stringify({ model: 'm', messages: [user('Hi')], [field]: 1 }), signal: AbortSignal.timeout(5_000),
    })
    assert.equal(reply.status, 200)
    const warning = reply.headers.get('x-gatehouse-warning') ?? ''
    assert.ok(warning.startsWith(told) && warning.length <= 300, warning)
    await reply.text()
  }
})
