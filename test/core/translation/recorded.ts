// Recorded answers of real providers, from a folder of labelled data that is no part of this repository. Used by
// recorded.test.ts.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WireFrame } from '../../../sdk/index.ts'
import type { Shape } from './recorded-truth.ts'

/** One answer as a provider gave it. */
export interface Recording {
  /** Its file, below the folder of recordings, and which of several it is there. */
  readonly name: string
  readonly shape: Shape
  readonly streamed: boolean
  /** The body, or what each frame holds. */
  readonly told: readonly Raw[]
}

type Raw = Readonly<Record<string, unknown>>

/** What each provider speaks. Those of OpenAI's family that speak two formats say in the answer which it is. */
const SPEAKS: Readonly<Record<string, Shape>> = {
  'alibaba': 'openai-chat',
  'amazon-bedrock': 'bedrock-converse',
  'anthropic': 'anthropic-messages',
  'azure': 'openai-responses',
  'cohere': 'cohere-chat',
  'deepseek': 'openai-chat',
  'google': 'gemini',
  'groq': 'openai-chat',
  'mistral': 'mistral-chat',
  'moonshotai': 'openai-chat',
  'open-responses': 'openai-responses',
  'openai': 'openai-responses',
  'openai-compatible': 'openai-chat',
  'xai': 'openai-chat',
}

/** What is no answer to a chat, by the beginning of its file's name. */
export const NO_CHAT: Readonly<Record<string, string>> = {
  'amazon-bedrock/amazon-bedrock-reranking': 'a ranking',
  'anthropic/anthropic-skill-version-create': 'the receipt of an upload',
  'google/basic': 'the Interactions API, which nobody translates',
  'google/multi-turn-': 'the Interactions API, which nobody translates',
  'google/tool-call-step1': 'the Interactions API, which nobody translates',
  'google-vertex/google-vertex-embedding': 'embeddings',
  'groq/groq-transcription': 'a transcription',
  'mistral/mistral-transcription': 'a transcription',
  'openai/openai-completion-text': 'a completion of the kind before chats, which passes as it is or not at all',
  'openai/openai-image': 'a picture',
  'openai/openai-transcription': 'a transcription',
  'openai/reasoning-model-legacy-parameter-error': 'an error',
  'togetherai/togetherai-reranking': 'a ranking',
  'voyage/voyage-embedding': 'embeddings',
}

/** Shortened by hand: the pieces of the text are not those of the whole one, which the same stream tells as well. */
export const SHORTENED: readonly string[] = ['openai/openai-shell-container.1.chunks.txt']

/** Every file of the folder `wire`, below the folder of data. */
export function filesIn(data: string): string[] {
  return readdirSync(join(data, 'wire'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(join(data, 'wire').length + 1))
    .toSorted()
}

/** The answers in a file. Throws an Error for the file of a provider that is not in the table. */
export function recordingsIn(data: string, file: string): Recording[] {
  const text = readFileSync(join(data, 'wire', file), 'utf8')
  const provider = file.slice(0, file.indexOf('/'))
  const spoken = SPEAKS[provider]
  if (spoken === undefined) throw new Error(`${file}: nobody says what ${provider} speaks; add it to SPEAKS`)
  const streamed = !file.endsWith('.json')
  const answers = streamed ? streamsOf(linesOf(text).map(line => JSON.parse(line) as Raw)) : [[JSON.parse(text) as Raw]]
  return answers.map((told, index) => {
    const shape = spoken === 'openai-chat' && isResponse(told[0]!) ? 'openai-responses' : spoken
    return { name: index === 0 ? file : `${file}, ${index + 1}`, shape, streamed, told }
  })
}

/** A client that goes on with the results of its tools has one stream after the other. */
function streamsOf(frames: readonly Raw[]): Raw[][] {
  const streams: Raw[][] = []
  for (const frame of frames) {
    const begins = frame['type'] === 'message_start' || frame['type'] === 'response.created'
    if (begins || streams.length === 0) streams.push([])
    streams.at(-1)!.push(frame)
  }
  return streams
}

/** One JSON a line; a file of server-sent events has more around it. */
function linesOf(text: string): string[] {
  return text.split('\n').map(line => line.replace(/^data: /, '').trim()).filter(line => line.startsWith('{'))
}

function isResponse({ object, type }: Raw): boolean {
  return object === 'response' || String(type).startsWith('response.')
}

/** The frames of a stream, as its format puts them on the wire. */
export function framesOf({ shape, told }: Recording): WireFrame[] {
  const payloads = told.map((one): WireFrame => {
    const [member] = Object.entries(one)
    // What a frame is called is not in it, but recorded around it.
    if (shape === 'bedrock-converse' && member !== undefined) return { event: member[0], payload: JSON.stringify(member[1]) }
    return { payload: JSON.stringify(one) }
  })
  return shape === 'openai-chat' || shape === 'mistral-chat' ? [...payloads, { payload: '[DONE]' }] : payloads
}

/** What frames hold that were written. */
export function toldIn(frames: readonly WireFrame[]): unknown[] {
  return frames.filter(({ payload }) => payload !== '[DONE]').map(({ payload }) => JSON.parse(payload) as unknown)
}
