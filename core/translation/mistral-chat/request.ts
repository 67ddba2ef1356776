// Requests of Mistral's chat, both ways. Used by mistral-chat.ts.
import type { Asked, CanonicalRequest, ModelFacts, Thinking, Written } from '../../../sdk/index.ts'
import { withLegalNames } from '../../tool-names.ts'
import { count, members } from '../../dialect/openai/words.ts'
import { Account } from '../openai-chat/account.ts'
import { readRequest as readChat } from '../openai-chat/request-reader.ts'
import { allowed, effortOf, forced, maxOutput, responseFormat, toolsOf } from '../openai-chat/settings.ts'
import { Turns } from '../openai-chat/turns.ts'
import { MISTRAL } from './manner.ts'

/** Fields of its own that have no place in the canonical form, and those of OpenAI's that mean the same. */
const OWN = ['metadata', 'prediction', 'prompt_cache_key', 'prompt_mode', 'guardrails', 'safe_prompt']
const SHARED = ['metadata', 'prediction', 'prompt_cache_key']

/** A client's request. Its streams always tell their usage. */
export function readRequest(body: unknown, asked: Asked): CanonicalRequest {
  const { random_seed, ...fields } = members(body)
  return { ...readChat({ ...fields, seed: count(random_seed) }, asked, MISTRAL.dialect), streamUsage: true }
}

/** Writes a request. */
export function writeRequest(given: CanonicalRequest, facts: ModelFacts): Written {
  const account = new Account()
  const request = withLegalNames(given)
  const { model, turns, parallelTools, stop, format, stream, rest } = request
  const kept = (field: string): boolean =>
    (rest.dialect === MISTRAL.dialect && OWN.includes(field)) || (rest.dialect === 'openai-chat' && SHARED.includes(field))
  account.drop(request, ['topK', 'user', 'logprobs'], 'this format has no such setting')
  account.dropRest(request, kept)
  const tools = allowed(request)
  const body = {
    model,
    messages: prefixed(new Turns(MISTRAL, account).write(turns)),
    ...(tools.length > 0 && {
      tools: toolsOf(tools, account), tool_choice: toolChoice(request), parallel_tool_calls: parallelTools,
    }),
    max_tokens: maxOutput(request, facts, account),
    temperature: request.temperature,
    top_p: request.topP,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    random_seed: request.seed,
    stop: stop?.length === 0 ? undefined : stop,
    n: request.choices,
    response_format: format === undefined ? undefined : responseFormat(format),
    reasoning_effort: effort(request, facts, account),
    ...(stream && { stream }),
    ...Object.fromEntries(Object.entries(rest.fields).filter(([field]) => kept(field))),
  }
  return { body: JSON.stringify(body), warnings: account.warnings }
}

/** What the assistant has begun to say is to be said on. */
function prefixed(messages: readonly Readonly<Record<string, unknown>>[]): readonly object[] {
  const last = messages.at(-1)
  return last?.role === 'assistant' ? [...messages.slice(0, -1), { ...last, prefix: true }] : messages
}

function toolChoice({ toolChoice: choice }: CanonicalRequest): unknown {
  const [only] = choice?.names ?? []
  if (choice?.mode !== 'required') return choice?.mode
  return choice.names?.length === 1 && only !== undefined ? forced(only) : 'any'
}

/** Mistral thinks much, or not at all. */
function effort(request: CanonicalRequest, facts: ModelFacts, account: Account): Thinking['effort'] | undefined {
  const asked = effortOf(request, facts, account)
  if (asked === undefined || asked === 'none' || asked === 'high') return asked
  account.warn('thinking.effort', 'approximated', 'this format knows high and none')
  return asked === 'minimal' ? 'none' : 'high'
}
