// Mistral's chat: where it differs from OpenAI's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import translation from '../../../core/translation/mistral-chat.ts'
import { unfold } from '../../../core/fold.ts'
import type { Block, CanonicalAnswer, CanonicalChoice, CanonicalRequest, Finish, ModelFacts, Turn } from '../../../sdk/index.ts'
import { answerLaws, REQUEST, SETTINGS, writeStream } from './law.ts'
import { callId } from '../../../core/translation/mistral-chat/manner.ts'
import { inRanks, orderless } from './orderless.ts'
import { survivesWildBodies } from './wild-body.ts'

/** Refusals are text here; ids have nine characters. */
function blocksOf(blocks: readonly Block[]): Block[] {
  const plain = blocks.map((block): Block => block.kind === 'refusal' ? { kind: 'text', text: block.text } : block)
  return inRanks(plain).map(block => block.kind === 'tool_call' ? { ...block, id: callId(block.id) } : block)
}

function stopOf({ blocks, finish: { stop } }: CanonicalChoice): Finish['stop'] {
  const holds = (kind: string): boolean => blocks.some(block => block.kind === kind)
  if (stop === 'refusal' && !holds('refusal')) return 'filter'
  if (stop !== 'end' && stop !== 'stop_sequence' && stop !== 'refusal') return stop
  return holds('tool_call') ? 'tool' : 'end'
}

answerLaws(orderless(translation), answer => ({
  ...answer,
  choices: answer.choices.map(choice => ({
    ...choice, blocks: blocksOf(choice.blocks), finish: { ...choice.finish, stop: stopOf(choice) },
  })),
}))

const LEAST = { model: 'm', messages: [{ role: 'user', content: 'Hello' }], stream: true }

function write(more: Partial<CanonicalRequest>, facts: ModelFacts = {}) {
  const { body, warnings } = translation.writeRequest({ ...REQUEST, ...more }, facts)
  return { body: JSON.parse(body) as Record<string, unknown>, warned: warnings.map(({ field, action }) => `${field} ${action}`) }
}
const messagesOf = (...turns: Turn[]) => write({ turns }).body.messages
const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }

for (const [name, more, facts, expected, warned] of [
  ['P10: nothing that it would refuse', { streamUsage: true, user: 'u', topK: 3 }, {}, {}, ['topK dropped', 'user dropped']],
  [
    'its own names', { seed: 7, maxOutput: 9, temperature: 0.1 }, { thinking: 'effort' },
    { random_seed: 7, max_tokens: 9, temperature: 0.1 }, [],
  ],
  ['some tool', { tools: [{ name: 'f' }], toolChoice: { mode: 'required' } }, {}, { tools: [tool], tool_choice: 'any' }, []],
  [
    'this tool', { tools: [{ name: 'f' }], toolChoice: { mode: 'required', names: ['f'] } }, {},
    { tools: [tool], tool_choice: { type: 'function', function: { name: 'f' } } }, [],
  ],
  [
    'one of some', { tools: [{ name: 'f' }, { name: 'g' }], toolChoice: { mode: 'auto', names: ['f'] } }, {},
    { tools: [tool], tool_choice: 'auto' }, [],
  ],
  ['thinking much', { thinking: { effort: 'low' } }, {}, { reasoning_effort: 'high' }, ['thinking.effort approximated']],
  ['or not at all', { thinking: { effort: 'minimal' } }, {}, { reasoning_effort: 'none' }, ['thinking.effort approximated']],
  [
    'its own fields', { rest: { dialect: 'mistral-chat', fields: { safe_prompt: true, hologram: 1 } } }, {},
    { safe_prompt: true }, ['hologram dropped'],
  ],
  [
    'fields that it shares', { rest: { dialect: 'openai-chat', fields: { metadata: {}, store: true } } }, {}, { metadata: {} },
    ['store dropped'],
  ],
] as const satisfies readonly (readonly [string, Partial<CanonicalRequest>, ModelFacts, object, readonly string[]])[]) {
  test(`a request: ${name}`, () => assert.deepEqual(write(more, facts), { body: { ...LEAST, ...expected }, warned }))
}

test('P36: ids of nine letters and digits, the same in call and result; legal ones stay', () => {
  const messages = messagesOf(
    {
      role: 'assistant',
      blocks: [
        { kind: 'tool_call', id: 'toolu_01', name: 'f', args: '{}' }, { kind: 'tool_call', id: 'gSIMJiOkT', name: 'f', args: '' },
      ],
    },
    {
      role: 'user', blocks: ['toolu_01', 'gSIMJiOkT'].map(id => ({
        kind: 'tool_result', id, name: 'f', blocks: [], failed: false,
      })),
    },
  ) as { tool_calls?: { id: string }[]; tool_call_id?: string }[]
  const made = messages[0]!.tool_calls!.map(({ id }) => id)
  assert.match(made[0]!, /^[\dA-Za-z]{9}$/)
  assert.equal(made[1], 'gSIMJiOkT')
  assert.deepEqual(messages.slice(1).map(message => message.tool_call_id), made)
})

test('P20: pictures of tools stay with them, and the assistant says a word before the user does', () => {
  const image = { kind: 'image', media: { at: 'data', base64: 'AAAA', mediaType: 'image/png' } } as const
  const shown = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
  assert.deepEqual(messagesOf({
    role: 'user',
    blocks: [{ kind: 'tool_result', id: 'gSIMJiOkT', name: 'f', blocks: [image], failed: false }, { kind: 'text', text: 'so?' }],
  }), [
    { role: 'tool', tool_call_id: 'gSIMJiOkT', name: 'f', content: [shown] },
    { role: 'assistant', content: 'Understood.' },
    { role: 'user', content: 'so?' },
  ])
})

test('P48: what the assistant began is to be said on, with its thoughts among the parts', () => {
  assert.deepEqual(messagesOf(
    { role: 'user', name: 'eva', blocks: [{ kind: 'text', text: 'a' }] },
    { role: 'assistant', blocks: [{ kind: 'reasoning', text: 'hm' }, { kind: 'refusal', text: 'no' }] },
  ), [
    { role: 'user', content: 'a' },
    {
      role: 'assistant', prefix: true,
      content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }, { type: 'text', text: 'no' }],
    },
  ])
})

for (const [name, block, part] of [
  [
    'a file', { kind: 'file', media: { at: 'url', url: 'https://example.com/a.pdf' }, name: 'a' },
    { type: 'document_url', document_url: 'https://example.com/a.pdf', document_name: 'a' },
  ],
  ['an upload', { kind: 'file', media: { at: 'id', id: 'u1', dialect: 'mistral-chat' } }, { type: 'file', file_id: 'u1' }],
  [
    'a sound', { kind: 'audio', media: { at: 'data', base64: 'AAAA', mediaType: 'audio/mpeg' } },
    { type: 'input_audio', input_audio: 'AAAA' },
  ],
] as const) {
  test(
    `a part of content: ${name}`,
    () => assert.deepEqual(messagesOf({ role: 'user', blocks: [block] }), [{ role: 'user', content: [part] }]),
  )
}

test('an upload of another vendor is refused by name', () => {
  const block = { kind: 'file', media: { at: 'id', id: 'file-1', dialect: 'openai-chat' } } as const
  assert.throws(() => messagesOf({ role: 'user', blocks: [block] }), { code: 'untranslatable', param: 'turns[0]' })
})

test('a request of a client', () => {
  const { seed, toolChoice, streamUsage, turns, rest } = translation.readRequest({
    model: 'm', random_seed: 7, tool_choice: 'any', safe_prompt: true,
    messages: [{
      role: 'assistant', content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }, { type: 'text', text: 'x' }],
    }],
  }, { model: 'm', stream: true })
  assert.deepEqual({ seed, toolChoice, streamUsage, turns, rest }, {
    seed: 7, toolChoice: { mode: 'required' }, streamUsage: true,
    turns: [{ role: 'assistant', blocks: [{ kind: 'reasoning', text: 'hm' }, { kind: 'text', text: 'x' }] }],
    rest: { dialect: 'mistral-chat', fields: { safe_prompt: true } },
  })
})

test('a stream tells its usage with the last word of the answer', () => {
  const usage = { input: 10, output: 5, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' } as const
  const answer: CanonicalAnswer = {
    id: 'a', model: 'm', choices: [{ index: 0, blocks: [{ kind: 'reasoning', text: 'hm' }], finish: { stop: 'end', raw: '' } }],
    usage,
  }
  const [thought, last, done, ...more] = writeStream(translation, unfold(answer), SETTINGS).map(({ payload }) => payload)
  assert.deepEqual(
    JSON.parse(thought!).choices[0].delta.content, [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }],
  )
  assert.deepEqual([JSON.parse(last!).choices[0].finish_reason, JSON.parse(last!).usage.total_tokens], ['stop', 15])
  assert.deepEqual([done, more], ['[DONE]', []])
})

test('an error', () => {
  const { status, body } = translation.writeError({ failure: 'rate_limit', message: 'slow down' })
  assert.deepEqual([status, JSON.parse(body)],
    [429, { object: 'error', message: 'slow down', type: 'rate_limit_error', param: null, code: 'rate_limit_exceeded' }])
  assert.deepEqual(translation.readError(status, JSON.parse(body)), { failure: 'rate_limit', message: 'slow down' })
})

survivesWildBodies(translation)
