// Traps that wait in every format alike: what is true of one translation has to be true of all.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fold } from '../../core/fold.ts'
import { dialectNames, loadTranslation, translationNames } from '../../core/registry.ts'
import {
  GatehouseError, type Block, type CanonicalEvent, type CanonicalRequest, type Translation, type Turn, type WireFrame,
} from '../../sdk/index.ts'
import { readStream, REQUEST, SETTINGS, writeStream } from '../core/translation/law.ts'
import { assistant, call, result, text, user } from '../core/translation/turn.ts'

const load = (names: readonly string[]): Promise<Translation[]> => Promise.all(names.map(loadTranslation))
const providers = await load(translationNames())
const clients = await load(dialectNames().filter(name => translationNames().includes(name)))

const TOOLS = [{ name: 'f', description: 'F.', schema: { type: 'object', properties: { z: {}, a: {} } } }]
const said = (words: string): Block & { kind: 'text' } => text(words)

/** What a provider of a format understands of the request that is written for it. */
function arrives(provider: Translation, turns: readonly Turn[]): CanonicalRequest {
  const { body } = provider.writeRequest({ ...REQUEST, turns, tools: TOOLS }, {})
  return provider.readRequest(JSON.parse(body), { model: 'm', stream: true })
}

describe('P14: arguments of a call leave as they come', () => {
  const PIECES = ['{"path":"', 'a.txt","te', 'xt":"one', ' two', ' three"}']
  const WHOLE = PIECES.join('')
  const at = { choice: 0, block: 0 }
  const STREAM: readonly CanonicalEvent[] = [
    { event: 'start', id: 'a', model: 'm' }, { event: 'block', ...at, kind: 'tool_call', id: 'call_abcdef1', name: 'f' },
    ...PIECES.map((piece): CanonicalEvent => ({ event: 'delta', ...at, text: piece })),
    { event: 'stop', ...at }, { event: 'finish', choice: 0, finish: { stop: 'tool', raw: '' } }, { event: 'end' },
  ]
  // Cohere sends pieces; our own writer of its streams, which no client hears, does not.
  const sentBy = (provider: Translation): WireFrame[] => writeStream(provider, STREAM).flatMap(({ event = '', payload }) => (
    event === 'tool-call-delta' ? PIECES : [WHOLE]).map(piece => ({ event, payload: payload.replace(JSON.stringify(WHOLE), JSON.stringify(piece)) })))
  // Gemini and Ollama tell a call whole, and so do their clients expect it.
  const inPieces = ({ name }: Translation): boolean => name !== 'gemini' && name !== 'ollama-chat'

  for (const provider of providers.filter(inPieces)) {
    for (const client of clients.filter(inPieces)) {
      test(`from ${provider.name} to ${client.name}`, () => {
        const reader = provider.streamReader()
        const writer = client.streamWriter(SETTINGS)
        const left = sentBy(provider).map(frame => reader.read(frame).flatMap(event => [...writer.write(event)]))
        const heard = left.map((_, i) => {
          const [block] = fold(readStream(client, left.slice(0, i + 1).flat())).answer.choices[0]?.blocks ?? []
          return block?.kind === 'tool_call' ? block.args : ''
        })
        assert.deepEqual([...new Set(heard)].filter(args => args !== ''), PIECES.map((_, i) => PIECES.slice(0, i + 1).join('')))
      })
    }
  }
})

test('P15: with tools, a client of Anthropic says to a vendor of Chat Completions what one of OpenAI would', () => {
  const [anthropic, chat] = ['anthropic-messages', 'openai-chat'].map(name => providers.find(one => one.name === name)!)
  const { body, warnings } = chat!.writeRequest(anthropic!.readRequest({
    model: 'm', max_tokens: 100, system: 'Be brief.', stop_sequences: ['END'],
    tools: [{ name: 'search', description: 'Search.', input_schema: { type: 'object', required: ['q'] } }], tool_choice: { type: 'any' },
    messages: [
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: [{ type: 'text', text: 'Let me see.' }, { type: 'tool_use', id: 'toolu_1', name: 'search', input: { q: 'x' } }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: 'sunny' }] }, { type: 'text', text: 'And?' }] },
    ],
  }, { model: 'm', stream: false }), {})
  assert.deepEqual(JSON.parse(body), {
    model: 'm', max_tokens: 100, stop: ['END'],
    tools: [{ type: 'function', function: { name: 'search', description: 'Search.', parameters: { type: 'object', required: ['q'] } } }],
    tool_choice: 'required',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant', content: 'Let me see.',
        tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'search', arguments: '{"q":"x"}' } }],
      },
      { role: 'tool', tool_call_id: 'toolu_1', content: 'sunny' },
      { role: 'user', content: 'And?' },
    ],
  })
  assert.deepEqual(warnings, [])
})

describe('P48: what the assistant has begun to say is passed on, or refused by name', () => {
  for (const provider of providers) {
    test(provider.name, () => {
      const last = arrives(provider, [user(said('Count.')), assistant(said('One, two,'))]).turns.at(-1)
      assert.deepEqual([last?.role, last?.blocks], ['assistant', [said('One, two,')]])
    })
  }
})

describe('P53: a conversation that goes on begins with the same bytes', () => {
  const TURNS = [
    { role: 'system', blocks: [said('Be brief.')] } as const, user(said('Look.')),
    assistant(said('Well.'), call('call_1', '{ "n": 1.0, "b": 2, "10": 3 }'), call('call_2')), user(result('call_1', said('sun')), result('call_2', said('snow'))),
    assistant(said('So.')), user(said('And?')), assistant(call('call_3', '{"b":2,"a":1}')), user(result('call_3', said('rain'))),
  ]
  for (const provider of providers) {
    test(provider.name, () => {
      const written = [2, 4, 6, 8].map(turns => {
        const { body } = provider.writeRequest({ ...REQUEST, turns: TURNS.slice(0, turns), tools: TOOLS }, {})
        const { messages, contents, input, ...rest } = JSON.parse(body) as Record<string, unknown>
        return { said: JSON.stringify(messages ?? contents ?? input).slice(0, -1), rest: JSON.stringify(rest) }
      })
      for (const [i, { said: later, rest }] of written.entries()) {
        assert.ok(later.startsWith(written[i - 1]?.said ?? ''), later)
        assert.equal(rest, written[0]!.rest)
      }
    })
  }
})

// Nothing is repaired: whatever was left out or made up here would be a conversation that nobody had.
describe('P60: a call without its result, and a result without its call, are passed on, or refused by name', () => {
  const kinds = ({ turns }: CanonicalRequest): string[] => turns.flatMap(({ blocks }) => blocks.map(({ kind }) => kind))
  const LOST = [user(said('Look.')), assistant(call('call_abc1')), user(said('Never mind.'))]
  const FOUND = [user(said('Look.')), user(result('call_abc1', said('sun')))]
  for (const provider of providers) {
    test(`${provider.name}: a call`, () => assert.deepEqual(kinds(arrives(provider, LOST)), ['text', 'tool_call', 'text']))

    test(`${provider.name}: a result`, () => {
      try {
        assert.deepEqual(kinds(arrives(provider, FOUND)).toSorted(), ['text', 'tool_result'])
      } catch (error) {
        if (!(error instanceof GatehouseError)) throw error
        assert.deepEqual([error.code, error.param], ['untranslatable', 'turns[1].blocks[0]'])
      }
    })
  }
})
