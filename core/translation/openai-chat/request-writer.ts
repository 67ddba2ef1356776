// A request as OpenAI's Chat Completions take it, and the many that follow them. Used by openai-chat.ts.
import type { CanonicalRequest, ModelFacts, Written } from '../../../sdk/index.ts'
import { withLegalNames } from '../../tool-names.ts'
import { Account } from './account.ts'
import { OPENAI } from './manner.ts'
import { effortOf, forced, maxOutput, responseFormat, toolsOf } from './settings.ts'
import { Turns } from './turns.ts'

const MOST_STOPS = 4
/** Fields of Mistral's that mean the same here. */
const SHARED = ['metadata', 'prediction', 'prompt_cache_key']

/** Writes a request. */
export function writeRequest(given: CanonicalRequest, facts: ModelFacts): Written {
  const account = new Account()
  const request = withLegalNames(given)
  const { model, turns, tools, parallelTools, seed, choices, format, stream, streamUsage, user, rest } = request
  const kept = (field: string): boolean =>
    rest.dialect === OPENAI.dialect || (rest.dialect === 'mistral-chat' && SHARED.includes(field))
  account.drop(request, ['topK'], 'this format has no such setting')
  account.dropRest(request, kept)
  const body = {
    model,
    messages: new Turns(OPENAI, account).write(turns),
    ...(tools.length > 0 && {
      tools: toolsOf(tools, account), tool_choice: toolChoice(request), parallel_tool_calls: parallelTools,
    }),
    ...length(maxOutput(request, facts, account), facts),
    ...sampling(request, facts, account),
    seed,
    stop: stops(request, account),
    n: choices,
    ...logprobsOf(request, facts, account),
    response_format: format === undefined ? undefined : responseFormat(format),
    reasoning_effort: effortOf(request, facts, account),
    user,
    ...(stream && { stream, ...(streamUsage && { stream_options: { include_usage: true } }) }),
    ...Object.fromEntries(Object.entries(rest.fields).filter(([field]) => kept(field))),
  }
  return { body: JSON.stringify(body), warnings: account.warnings }
}

/** Models that think refuse the older name; many vendors know no other. */
function length(most: number | undefined, { thinking }: ModelFacts): object {
  return thinking === 'effort' ? { max_completion_tokens: most } : { max_tokens: most }
}

/** Models that think refuse to be told how to choose words. */
function sampling(request: CanonicalRequest, { thinking }: ModelFacts, account: Account): object {
  const { temperature, topP, frequencyPenalty, presencePenalty } = request
  if (thinking === 'effort' && request.thinking?.effort !== 'none') {
    account.drop(request, ['temperature', 'topP', 'frequencyPenalty', 'presencePenalty'], 'this model thinks, and takes none')
    return {}
  }
  return { temperature, top_p: topP, frequency_penalty: frequencyPenalty, presence_penalty: presencePenalty }
}

/** Models that think do not tell. */
function logprobsOf(request: CanonicalRequest, { thinking }: ModelFacts, account: Account): object {
  const { logprobs } = request
  if (thinking === 'effort') account.drop(request, ['logprobs'], 'this model thinks, and does not tell')
  if (logprobs === undefined || thinking === 'effort') return {}
  return { logprobs: true, ...(logprobs > 0 && { top_logprobs: logprobs }) }
}

function stops({ stop }: CanonicalRequest, account: Account): readonly string[] | undefined {
  if (stop === undefined || stop.length <= MOST_STOPS) return stop?.length === 0 ? undefined : stop
  account.warn('stop', 'approximated', `this format has ${MOST_STOPS} stop sequences at most`)
  return stop.slice(0, MOST_STOPS)
}

function toolChoice({ toolChoice: choice }: CanonicalRequest): unknown {
  const { mode, names } = choice ?? {}
  if (names === undefined || mode === 'none') return mode
  const [only] = names
  if (mode === 'required' && names.length === 1 && only !== undefined) return forced(only)
  return { type: 'allowed_tools', allowed_tools: { mode, tools: names.map(forced) } }
}
