// OpenAI Chat Completions, as OpenAI describes it and as other vendors extend it. Loaded by core/registry.ts.
import { anywhere, each, fields, text, wholeText, word } from '../../sdk/index.ts'
import type { Dialect, Lane, Origin, Place } from '../../sdk/index.ts'
import { frameOf, headOf, headOfReply, listOf, onlyUsage, parseFrame } from './openai/frames.ts'
import { askForUsage, checkAnswerShape, checkBody, checkModel, checkObjects, lastMember } from './openai/requests.ts'
import { schemasOf } from './openai/schemas.ts'
import {
  FORWARDS, NO_TOKENS, besideText, errorBody, fromUser, fromUserMany, generated, members, opaque, usage,
} from './openai/words.ts'

const CHUNK = 'chat.completion.chunk'

/** Where a prompt cache may cut: OpenAI's break points, and the marks that other vendors took over from Anthropic. */
const cacheMark = fields({ type: word, mode: word, ttl: word })

/** Gemini's proof that it thought, which the next turn has to bring back. */
const fromGoogle = fields({ google: fields({ thought_signature: word }) })

/** What a message, or a piece of one, holds. Without an origin the role of the message gives it. */
function messageFields(origin?: Origin): Readonly<Record<string, Place>> {
  const said = text('text', origin)
  const refused = text('refusal', origin)
  const thought = text('reasoning', origin)
  const name = wholeText('tool_name', origin)
  const cited = wholeText('text', origin)
  const args = text('tool_args', origin)
  const link: Place = { ...word, ...fields({ url: word, detail: word }) }
  const part = fields({
    type: word,
    text: said,
    refusal: refused,
    image_url: link,
    video_url: link,
    audio_url: link,
    input_audio: fields({ data: word, format: word }),
    file: fields({ filename: text('text', 'file'), file_data: word, file_id: word }),
    // Mistral's documents and thoughts.
    document_url: word,
    document_name: text('text', 'file'),
    thinking: { ...thought, ...each(fields({ type: word, text: thought })) },
    cache_control: cacheMark,
    prompt_cache_breakpoint: cacheMark,
  })
  const call = {
    id: word,
    type: word,
    function: fields({ name, arguments: args }),
    custom: fields({ name, input: args }),
    extra_content: fromGoogle,
  }
  const detail = { type: word, id: word, format: word, text: thought, summary: thought, data: word, signature: word }
  return {
    role: word,
    name: said,
    content: { ...said, ...each(part) },
    refusal: refused,
    reasoning_content: thought,
    reasoning: thought,
    reasoning_details: each(fields(detail)),
    tool_calls: each(fields(call, { opens: 'call' })),
    tool_call_id: word,
    function_call: fields({ name, arguments: args }),
    audio: fields({ id: word, data: word, transcript: text('transcript', origin) }),
    annotations: each(fields({ type: word, url_citation: fields({ url: cited, title: cited, content: cited }) })),
    cache_control: cacheMark,
    extra_content: fromGoogle,
  }
}

const toolName = text('tool_name', 'tool_def')
const description = text('text', 'tool_def')
const schema = anywhere({ channel: 'schema', origin: 'tool_def' })
const declared = fields({ name: toolName, description, parameters: schema })
const chosen = { type: word, function: fields({ name: toolName }), custom: fields({ name: toolName }) }
const metadata = anywhere({ channel: 'text', origin: 'user' })

const request = fields({
  model: word,
  messages: each(fields(messageFields(), { opens: 'message' })),
  tools: each(fields({
    type: word,
    function: declared,
    custom: fields({
      name: toolName,
      description,
      format: fields({ type: word, grammar: fields({ syntax: word, definition: schema }) }),
    }),
    cache_control: cacheMark,
  })),
  functions: each(declared),
  tool_choice: { ...word, ...fields({ ...chosen, allowed_tools: fields({ mode: word, tools: each(fields(chosen)) }) }) },
  function_call: { ...word, ...fields({ name: toolName }) },
  response_format: fields({
    type: word,
    json_schema: fields({ name: schema, description, schema }),
    // Together puts the schema here.
    schema,
  }),
  prediction: fields({
    type: word,
    content: { ...fromUser, ...each(fields({ type: word, text: fromUser, prompt_cache_breakpoint: cacheMark })) },
  }),
  stop: fromUserMany,
  metadata,
  user: fromUser,
  safety_identifier: fromUser,
  prompt_cache_key: fromUser,
  web_search_options: fields({
    search_context_size: word,
    user_location: fields({
      type: word,
      approximate: fields({ country: fromUser, region: fromUser, city: fromUser, timezone: fromUser }),
    }),
  }),
  audio: fields({ voice: { ...word, ...fields({ id: word }) }, format: word }),
  moderation: fields({ model: word, policy: fields({ input: fields({ mode: word }), output: fields({ mode: word }) }) }),
  modalities: each(word),
  prompt_cache_options: cacheMark,
  prompt_cache_retention: word,
  reasoning_effort: word,
  service_tier: word,
  verbosity: word,
  // How much to think, and how to show it: OpenRouter, Groq, DeepSeek.
  reasoning: fields({ effort: word, summary: word }),
  reasoning_format: word,
  thinking: fields({ type: word }),
})

/** An answer or a frame, whose choices hold their text under the given name. */
function answered(holder: 'message' | 'delta'): Place {
  const moderated = fields({ type: word, model: word, results: opaque, code: word, message: wholeText('text', 'assistant') })
  return fields({
    ...generated,
    choices: each(fields({ ...besideText, [holder]: fields(messageFields('assistant')) }, { opens: 'choice' })),
    metadata,
    moderation: fields({ input: moderated, output: moderated }),
  })
}

/** A piece of text as a delta, in the words that the upstream's own delta uses. */
function deltaOf(lane: Lane, piece: string, upstream: Readonly<Record<string, unknown>>): object {
  switch (lane.channel) {
    case 'refusal': return { refusal: piece }
    case 'transcript': return { audio: { transcript: piece } }
    case 'tool_name': return calling(lane, { name: piece })
    case 'tool_args': {
      const custom = listOf(upstream.tool_calls).some(call => call.index === lane.call && 'custom' in call)
      return custom ? { tool_calls: [{ index: lane.call, custom: { input: piece } }] } : calling(lane, { arguments: piece })
    }
    case 'reasoning':
      if (Array.isArray(upstream.content)) return { content: [{ type: 'thinking', thinking: [{ type: 'text', text: piece }] }] }
      return 'reasoning' in upstream && !('reasoning_content' in upstream) ? { reasoning: piece } : { reasoning_content: piece }
    default: return { content: piece }
  }
}

/** A piece of a function call: one of a list, or the single one of old. */
function calling(lane: Lane, piece: object): object {
  return lane.call === -1 ? { function_call: piece } : { tool_calls: [{ index: lane.call, function: piece }] }
}

const dialect: Dialect = {
  name: 'openai-chat',
  path: '/chat/completions',
  request,
  response: answered('message'),
  forwards: FORWARDS,

  check(body) {
    checkBody(body)
    checkModel(body)
    checkAnswerShape(body)
    checkObjects(body, 0, 'messages')
  },

  asksForJson(body) {
    const format = body.find(0, 'response_format')
    const type = format === -1 ? undefined : body.text(body.find(format, 'type'))
    return type === 'json_object' || type === 'json_schema'
  },

  schemas: schemasOf,

  insert(body, message, at) {
    const messages = body.find(0, 'messages')
    const json = JSON.stringify({ role: message.role, content: message.text })
    if (at === 'end') return lastMember(body, messages, json)
    const start = body.start(messages) + 1
    return { start, end: start, text: body.first(messages) === -1 ? json : `${json},` }
  },

  length: { fields: ['max_completion_tokens', 'max_tokens'], choices: ['n'] },
  askForUsage,
  usage,

  answer: reply => JSON.stringify({
    ...headOfReply(reply, 'chat.completion'),
    choices: [{
      index: 0,
      message: { role: 'assistant', content: reply.text, refusal: null },
      logprobs: null,
      finish_reason: reply.finish,
    }],
    usage: NO_TOKENS,
  }),

  error: errorBody,

  streaming: {
    frame: answered('delta'),
    done: '[DONE]',

    say(lane, piece, like) {
      const frame = parseFrame(like)
      const upstream = listOf(frame.choices).find(choice => choice.index === lane.choice)
      const delta = deltaOf(lane, piece, members(upstream?.delta))
      return frameOf(headOf(frame, CHUNK), { index: lane.choice, delta, finish_reason: null })
    },

    refuse(choices, { latest, begun }, why) {
      const head = headOf(parseFrame(latest), CHUNK)
      // Said once for a choice and no more: Python's client strings the roles together.
      const deltaFor = (index: number): object => begun.has(index) ? {} : { role: 'assistant' }
      return choices.map(index => frameOf(head, { index, delta: deltaFor(index), finish_reason: why }))
    },

    answer(reply) {
      const head = headOfReply(reply, CHUNK)
      return [
        frameOf(head, { index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }),
        frameOf(head, { index: 0, delta: { content: reply.text }, finish_reason: null }),
        frameOf(head, { index: 0, delta: {}, finish_reason: reply.finish }),
      ]
    },

    error: errorBody,
    onlyUsage,
  },
}

export default dialect
