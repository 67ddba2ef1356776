// Streams in Anthropic's format: a message that starts, blocks that start, grow and stop, and the message's end. Used by
// ../anthropic-messages.ts.
import { each, fields, text, wholeText, word } from '../../../sdk/index.ts'
import type { Heard, Lane, Place, Reply, Streaming, Tape } from '../../../sdk/index.ts'
import { parseFrame } from '../openai/frames.ts'
import { count, members, opaque } from '../openai/words.ts'
import { blockOf, citation } from './blocks.ts'
import { errorBody, errorPlace } from './words.ts'

const fromAssistant = wholeText('text', 'assistant')

/** What is told of an answer beside its content. */
export const told: Readonly<Record<string, Place>> = {
  stop_sequence: fromAssistant,
  stop_details: fields({
    type: word, category: word, explanation: fromAssistant, recommended_model: word, fallback_credit_token: word,
  }),
  container: opaque,
}

/** What is told of the making of it. */
export const making: Readonly<Record<string, Place>> = {
  usage: { ...opaque, mark: 'usage' }, context_management: opaque, input_transformations: opaque,
}

/** The answer's block that a frame is about. */
function blockAt(frame: Tape): string {
  const index = frame.find(0, 'index')
  const source = index === -1 ? '' : frame.bytes.toString('latin1', frame.start(index), frame.end(index))
  const number = Number(source)
  return `/content/${Number.isInteger(number) && number >= 0 && number < 1024 ? number : 0}`
}

const aboutBlock = { opens: 'call', at: blockAt } as const

const delta = fields({
  type: word,
  text: text('text', 'assistant'),
  thinking: text('reasoning', 'assistant'),
  signature: word,
  partial_json: text('tool_args', 'assistant'),
  // Of a summary that takes the place of the turns before it.
  content: text('text', 'assistant'),
  encrypted_content: word,
  citation: citation('assistant'),
}, { at: blockAt, names: { partial_json: 'input', citation: 'citations' } })

/** A block as it starts: mostly empty, but what the provider's own tools found comes whole. */
const { byType: kinds, ...unknown } = blockOf('assistant')
const starting: Place = {
  ...unknown, at: blockAt,
  byType: Object.fromEntries(Object.entries(kinds!).map(([type, place]) => [type, { ...place, at: blockAt }])),
}

const frame = fields({ type: word, error: errorPlace, request_id: word }, {
  byType: {
    message_start: fields({
      type: word,
      message: fields({
        id: word, type: word, role: word, model: word, stop_reason: word, diagnostics: opaque, ...told, ...making,
        // The calls that code of the provider's has made before the answer goes on.
        content: each({ ...blockOf('assistant', wholeText), opens: 'call' }),
      }, { opens: 'answer', at: () => '' }),
    }),
    content_block_start: fields({ type: word, content_block: starting }, aboutBlock),
    content_block_delta: fields({ type: word, delta }, aboutBlock),
    content_block_stop: fields({ type: { leaf: 'stop' } }, aboutBlock),
    message_delta: fields({ type: word, delta: fields({ stop_reason: word, ...told }), ...making }),
    message_stop: fields({ type: { leaf: 'finish' } }),
  },
})

const event = (type: string, more: object = {}): string => JSON.stringify({ type, ...more })

function begin(id: unknown, model: unknown): string {
  return event('message_start', {
    message: {
      id: String(id), type: 'message', role: 'assistant', model: String(model), content: [], stop_reason: null, stop_sequence: null,
      usage: { input_tokens: 0, output_tokens: 0 },
    },
  })
}

function end(reason: string, output: number): string[] {
  return [
    event('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: output } }),
    event('message_stop'),
  ]
}

/** A piece of a block's text, in the words that the upstream's own piece uses. */
function deltaOf({ channel }: Lane, piece: string, upstream: Readonly<Record<string, unknown>>): object {
  if (channel === 'reasoning') return { type: 'thinking_delta', thinking: piece }
  if (channel === 'tool_args') return { type: 'input_json_delta', partial_json: piece }
  return upstream.type === 'compaction_delta' ? { type: 'compaction_delta', content: piece } : { type: 'text_delta', text: piece }
}

/** How this dialect streams. */
export const streaming: Streaming = {
  frame,
  named: true,

  say: (lane, piece, like) =>
    event('content_block_delta', { index: lane.call, delta: deltaOf(lane, piece, members(parseFrame(like).delta)) }),

  refuse(_choices, { latest, begun, open }: Heard, why) {
    const message = members(parseFrame(latest).message)
    return [
      ...(begun.size > 0 ? [] : [begin(message.id ?? '', message.model ?? '')]),
      ...open.map(index => event('content_block_stop', { index })),
      ...end(why === 'length' ? 'max_tokens' : 'refusal', count(members(message.usage).output_tokens) ?? 0),
    ]
  },

  answer: (reply: Reply) => [
    begin(reply.id, reply.model),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: reply.text } }),
    event('content_block_stop', { index: 0 }),
    ...end(stopOf(reply), 0),
  ],

  error: errorBody,
  onlyUsage: () => false,
}

/** Why an answer of the gateway's own ended. */
export const stopOf = ({ finish }: Reply): string => finish === 'stop' ? 'end_turn' : 'refusal'
