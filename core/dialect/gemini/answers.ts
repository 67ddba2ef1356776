// Answers in Gemini's format, whole and as frames, which have the same shape: where their text stands, and how to say
// things in it. Used by ../gemini.ts.
import { anywhere, each, wholeText, word } from '../../../sdk/index.ts'
import type { GatehouseError, Lane, Place, Reply, Streaming, Usage } from '../../../sdk/index.ts'
import { listOf, parseFrame } from '../openai/frames.ts'
import { count, members, opaque, parts, within } from '../openai/words.ts'
import { partOf, proto } from './parts.ts'

const fromAssistant = wholeText('text', 'assistant')
const found = wholeText('text', 'tool_result')

const cited = each(proto({ uri: fromAssistant, title: fromAssistant, license: word }))
const source = proto({ uri: found, title: found, domain: found, text: found, placeId: word })

const grounding = proto({
  webSearchQueries: each(fromAssistant),
  imageSearchQueries: each(fromAssistant),
  retrievalQueries: each(fromAssistant),
  searchEntryPoint: proto({ renderedContent: found, sdkBlob: word }),
  groundingChunks: each(proto({ web: source, retrievedContext: source, maps: source, image: source })),
  groundingSupports: each(proto({ segment: proto({ text: fromAssistant }) })),
  retrievalMetadata: opaque,
  googleMapsWidgetContextToken: word,
})

/** An error, of a reply or a frame. */
export const errorPlace: Place = {
  ...proto({ message: fromAssistant, status: word, details: anywhere({ channel: 'text', origin: 'assistant', whole: true }) }),
  mark: 'error',
}

/** An answer or a frame; in a frame, texts are pieces. */
export function answered(pieces: boolean): Place {
  return proto({
    candidates: each(proto({
      content: proto({ role: word, parts: each({ ...partOf('assistant', pieces), opens: 'call' }) }),
      finishReason: { leaf: 'finish' },
      finishMessage: fromAssistant,
      safetyRatings: opaque,
      citationMetadata: proto({ citationSources: cited, citations: cited }),
      groundingMetadata: grounding,
      groundingAttributions: opaque,
      urlContextMetadata: proto({ urlMetadata: each(proto({ retrievedUrl: found, urlRetrievalStatus: word })) }),
      // Tokens that spell the text again.
      logprobsResult: { ...opaque, mark: 'repeats' },
    }, { opens: 'choice' })),
    // A prompt that Google refuses has no candidates.
    promptFeedback: proto({ blockReason: { leaf: 'finish' }, blockReasonMessage: fromAssistant, safetyRatings: opaque }),
    usageMetadata: { ...opaque, mark: 'usage' },
    modelVersion: word,
    modelStatus: opaque,
    responseId: word,
    createTime: word,
    error: errorPlace,
  })
}

/** The words of Google's APIs for a status (AIP-193). */
const WORDS: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED', 402: 'RESOURCE_EXHAUSTED', 404: 'NOT_FOUND', 429: 'RESOURCE_EXHAUSTED', 499: 'CANCELLED', 503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

/** The body of an error reply, which is also the payload of an error frame. */
export function errorBody({ status: code, message }: GatehouseError): string {
  return JSON.stringify({ error: { code, message, status: WORDS[code] ?? (code < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL') } })
}

/**
 * Reads a usage object; undefined where it holds no sound counts, as in the first frames of a stream. The prompt does not
 * include what tools brought in, nor do candidates include thoughts.
 */
export function usage(raw: unknown): Usage | undefined {
  const told = members(raw)
  const prompt = count(told.promptTokenCount)
  if (prompt === undefined) return undefined
  const input = prompt + (count(told.toolUsePromptTokenCount) ?? 0)
  const reasoning = count(told.thoughtsTokenCount) ?? 0
  const output = (count(told.candidatesTokenCount) ?? 0) + reasoning
  const cacheRead = Math.min(count(told.cachedContentTokenCount) ?? 0, input)
  const asked = [...listOf(told.promptTokensDetails), ...listOf(told.toolUsePromptTokensDetails)]
  const cached = listOf(told.cacheTokensDetails)
  const said = listOf(told.candidatesTokensDetails)
  return {
    input, output, cacheRead, cacheWrite: 0, reasoning, source: 'provider',
    ...parts({
      inputAudio: within(tokensOf('AUDIO', asked), input), inputImage: within(tokensOf('IMAGE', asked), input),
      cacheReadAudio: within(tokensOf('AUDIO', cached), cacheRead), cacheReadImage: within(tokensOf('IMAGE', cached), cacheRead),
      outputAudio: within(tokensOf('AUDIO', said), output), outputImage: within(tokensOf('IMAGE', said), output),
    }),
    ...(OFF_LIST.has(told.trafficType) && { offList: true }),
  }
}

/** Of Vertex AI's kinds of traffic, those that are billed otherwise. */
const OFF_LIST: ReadonlySet<unknown> = new Set(['ON_DEMAND_FLEX', 'ON_DEMAND_PRIORITY', 'PROVISIONED_THROUGHPUT'])

function tokensOf(kind: string, details: ReturnType<typeof listOf>): number {
  let tokens = 0
  for (const { modality, tokenCount } of details) if (modality === kind) tokens += count(tokenCount) ?? 0
  return tokens
}

/** A whole answer of the gateway's own. */
export function answer({ id, model, text, finish }: Reply): string {
  return JSON.stringify({
    candidates: [{
      content: { parts: [{ text }], role: 'model' }, finishReason: finish === 'stop' ? 'STOP' : 'SAFETY', index: 0,
    }],
    usageMetadata: { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 },
    modelVersion: model,
    responseId: id,
  })
}

/** What every frame of one stream repeats. */
function headOf(payload: string): object {
  const { modelVersion, responseId } = parseFrame(payload)
  return { ...(typeof modelVersion === 'string' && { modelVersion }), ...(typeof responseId === 'string' && { responseId }) }
}

/** How this dialect streams. A call comes whole, so there is nothing to say of one. */
export const streaming: Streaming = {
  ordered: true,
  frame: answered(true),

  say({ choice, channel }: Lane, piece, like) {
    const part = channel === 'reasoning' ? { text: piece, thought: true } : { text: piece }
    return JSON.stringify({ candidates: [{ content: { parts: [part], role: 'model' }, index: choice }], ...headOf(like) })
  },

  refuse: (choices, { latest }, why) => choices.map(index =>
    JSON.stringify({
      candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, finishReason: why === 'length' ? 'MAX_TOKENS' : 'SAFETY', index }], ...headOf(latest),
    })),

  answer: reply => [answer(reply)],
  error: errorBody,
  onlyUsage: () => false,
}
