// Answers of the gateway's own, in the words that a provider would use. Used by ../openai-responses.ts.
import type { AnswerSettings, CanonicalAnswer, Heard, Reply } from '../../../sdk/index.ts'
import { unfold } from '../../fold.ts'
import { writeAnswer } from '../../translation/openai-responses/answer.ts'
import { responseOf, usageFields } from '../../translation/openai-responses/response.ts'
import { ResponsesStreamWriter } from '../../translation/openai-responses/stream-writer.ts'
import { parseFrame } from '../openai/frames.ts'
import { count, members } from '../openai/words.ts'

const asText = (value: unknown): string => typeof value === 'string' ? value : ''

/** What such an answer says again of a request: nothing, for it is not read. */
function settingsOf(id: string, model: string, at: number): AnswerSettings {
  return {
    id, model, at, request: { model, turns: [], tools: [], stream: true, streamUsage: true, rest: { dialect: '', fields: {} } },
  }
}

function answerOf({ id, model, text, finish, at }: Reply): CanonicalAnswer {
  const stop = finish === 'stop' ? 'end' : 'filter'
  return { id, model, created: at, choices: [{ index: 0, blocks: [{ kind: 'text', text }], finish: { stop, raw: '' } }] }
}

/** A whole answer. */
export function wholeOf(reply: Reply): string {
  return writeAnswer(answerOf(reply), settingsOf(reply.id, reply.model, reply.at))
}

/** An answer as frames. */
export function framesOf(reply: Reply): string[] {
  const writer = new ResponsesStreamWriter(settingsOf(reply.id, reply.model, reply.at))
  return unfold(answerOf(reply)).flatMap(event => writer.write(event)).map(frame => frame.payload)
}

/**
 * The frames that end a stream as filtered, or as cut for its length. The response keeps its id, model and time, and nothing else of what the upstream
 * said: which of its items had left in what words only the client knows.
 */
export function refusalOf({ first, begun, sequence }: Heard, why: 'content_filter' | 'length'): string[] {
  const { id, model, created_at } = members(parseFrame(first).response)
  const settings = settingsOf(asText(id), asText(model), count(created_at) ?? 0)
  const state = { id: asText(id), created: count(created_at), output: [] }
  const begin = responseOf({ ...state, status: 'in_progress' }, settings)
  const told = begun.size > 0 ? [] : [['created', begin], ['in_progress', begin]] as const
  const incomplete = {
    ...state, status: 'incomplete', incomplete_details: { reason: why === 'length' ? 'max_output_tokens' : why }, usage: usageFields(undefined),
  }
  return [...told, ['incomplete', responseOf(incomplete, settings)] as const].map(([name, response], at) =>
    JSON.stringify({ type: `response.${name}`, sequence_number: sequence + at, response }))
}
