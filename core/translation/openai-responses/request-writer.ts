// A request as Responses takes it. Nothing of it is kept. Used by ../openai-responses.ts.
import type { Block, CanonicalRequest, ModelFacts, Written } from '../../../sdk/index.ts'
import { withLegalNames } from '../../tool-names.ts'
import { Account, untranslatable } from '../openai-chat/account.ts'
import { effortOf, maxOutput } from '../openai-chat/settings.ts'
import { Items } from './items.ts'
import { LOGPROBS } from './request-reader.ts'
import { DIALECT } from './seal.ts'
import { writeFormat, writeToolChoice, writeTools } from './tools.ts'

/** Fields that mean the same in OpenAI's other format. */
const SHARED = [
  'metadata', 'prompt_cache_key', 'prompt_cache_retention', 'prompt_cache_options', 'service_tier', 'verbosity', 'moderation',
] as const

/** Writes a request. Throws `untranslatable` for stop sequences, and for more than one answer. */
export function writeRequest(given: CanonicalRequest, facts: ModelFacts): Written {
  const account = new Account()
  const request = withLegalNames(given)
  const { model, turns, tools, parallelTools, stop, choices, user, stream, rest } = request
  if (stop !== undefined && stop.length > 0) untranslatable('stop', 'it has no stop sequences')
  if (choices !== undefined && choices > 1) untranslatable('choices', 'it gives one answer only')
  const kept = (field: string): boolean =>
    rest.dialect === DIALECT || (rest.dialect === 'openai-chat' && SHARED.some(one => one === field))
  account.drop(request, ['topK', 'seed', 'frequencyPenalty', 'presencePenalty'], 'this format has no such setting')
  account.dropRest(request, kept)
  for (const [at, { cache }] of tools.entries()) {
    if (cache !== undefined) account.warn(`tools[${at}].cache`, 'dropped', 'this provider caches by itself')
  }
  const instructions = instructionsOf(turns)
  const { verbosity, include, ...others } = Object.fromEntries(Object.entries(rest.fields).filter(([field]) => kept(field)))
  const { logprobs } = request
  const told = logprobs !== undefined && facts.thinking !== 'effort'
  if (!told) account.drop(request, ['logprobs'], 'this model thinks, and does not tell')
  const body = {
    model,
    instructions,
    input: new Items(account).write(turns, instructions === undefined ? 0 : 1),
    ...(tools.length > 0 && {
      tools: writeTools(tools), tool_choice: writeToolChoice(request), parallel_tool_calls: parallelTools,
    }),
    max_output_tokens: maxOutput(request, facts, account),
    ...sampling(request, facts, account),
    ...(request.format !== undefined || verbosity !== undefined
      ? { text: { ...(request.format !== undefined && { format: writeFormat(request.format) }), verbosity } } : {}),
    ...thinkingOf(request, facts, account, [...(Array.isArray(include) ? include : []), ...(told ? [LOGPROBS] : [])]),
    ...(told && (logprobs ?? 0) > 0 && { top_logprobs: logprobs }),
    user,
    store: false,
    ...(stream && { stream }),
    ...others,
  }
  return { body: JSON.stringify(body), warnings: account.warnings }
}

/** What stands first for the model, where it is nothing but text. */
function instructionsOf([first]: CanonicalRequest['turns']): string | undefined {
  if (first?.role !== 'system' || first.blocks.some(block => block.kind !== 'text' || block.cache !== undefined)) return undefined
  return first.blocks.map(block => block.kind === 'text' ? block.text : '').join('\n')
}

/** Models that think refuse to be told how to choose words. */
function sampling(request: CanonicalRequest, { thinking }: ModelFacts, account: Account): object {
  if (thinking === 'effort' && request.thinking?.effort !== 'none') {
    account.drop(request, ['temperature', 'topP'], 'this model thinks, and takes none')
    return {}
  }
  return { temperature: request.temperature, top_p: request.topP }
}

/** How much to think. What was thought is lost without its proof, and only models that do not think refuse to give one. */
function thinkingOf(request: CanonicalRequest, facts: ModelFacts, account: Account, include: readonly unknown[]): object {
  const effort = effortOf(request, facts, account)
  const shown = request.thinking?.shown === true && facts.thinking !== 'none'
  const thinks = facts.thinking === undefined
    ? (effort !== undefined && effort !== 'none') || hasThought(request) : facts.thinking !== 'none'
  const wanted = thinks ? [...include, 'reasoning.encrypted_content'] : include
  return {
    ...(effort !== undefined || shown ? { reasoning: { effort, ...(shown && { summary: 'auto' }) } } : {}),
    ...(wanted.length > 0 && { include: wanted }),
  }
}

/** True where the model has thought before. */
function hasThought({ turns }: CanonicalRequest): boolean {
  const isOwn = (block: Block): boolean =>
    block.kind === 'reasoning' && (block.signature ?? block.redacted)?.dialect === DIALECT
  return turns.some(({ blocks }) => blocks.some(isOwn))
}
