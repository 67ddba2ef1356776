// A request as Ollama takes it. Used by ollama-chat.ts.
import type { Block, CanonicalRequest, Format, ModelFacts, ToolResultBlock, Turn, Written } from '../../../sdk/index.ts'
import { members } from '../../dialect/openai/words.ts'
import { Account, untranslatable } from '../openai-chat/account.ts'
import { allowed, maxOutput, toolsOf } from '../openai-chat/settings.ts'
import { argumentsIn, messageFields } from './answer.ts'

const DIALECT = 'ollama-chat'
const SIGNED = 'only the provider that signed it can read it'

/** Writes a request. What is too long is to be refused, which Ollama otherwise cuts without a word. */
export function writeRequest(request: CanonicalRequest, facts: ModelFacts): Written {
  const { model, turns, tools, toolChoice, choices, format, stream, rest } = request
  if (toolChoice?.mode === 'required' && tools.length > 0) untranslatable('toolChoice', 'it cannot make a model call a tool')
  if (choices !== undefined && choices > 1) untranslatable('choices', 'it has one answer a request')
  const account = new Account()
  const own = rest.dialect === DIALECT ? rest.fields : {}
  account.drop(request, ['user'], 'this format does not tell users apart')
  account.drop(request, ['logprobs'], 'answers in this format do not tell')
  if (request.parallelTools === false) account.warn('parallelTools', 'dropped', 'this format has no such switch')
  account.dropRest(request, () => rest.dialect === DIALECT)
  const calls = turns.flatMap(({ blocks }) => blocks).filter(block => block.kind === 'tool_call')
  const names = new Map(calls.map(({ id, name }) => [id, name]))
  const callable = toolChoice?.mode === 'none' ? [] : allowed(request)
  const body = {
    truncate: false,
    ...own,
    model,
    messages: turns.flatMap((turn, at) => messagesOf(turn, `turns[${at}]`, names, account)),
    tools: callable.length > 0 ? toolsOf(callable, account) : undefined,
    format: format === undefined ? undefined : formatOf(format),
    options: options(request, facts, account, members(own.options)),
    think: think(request, facts, account),
    stream,
  }
  return { body: JSON.stringify(body), warnings: account.warnings }
}

function options(request: CanonicalRequest, facts: ModelFacts, account: Account, own: object): object {
  const { temperature, topP, topK, seed, frequencyPenalty, presencePenalty, stop } = request
  return {
    ...own,
    num_predict: maxOutput(request, facts, account),
    temperature, top_p: topP, top_k: topK, seed, frequency_penalty: frequencyPenalty, presence_penalty: presencePenalty, stop,
  }
}

function formatOf({ type, schema }: Format): unknown {
  return type === 'schema' ? schema ?? {} : type === 'json' ? 'json' : undefined
}

/** Words that Ollama has another one for. */
const LEVEL: Readonly<Record<string, string>> = { minimal: 'low', xhigh: 'max' }

/** Most models are told whether to think; those with words for it, how much. */
function think({ thinking }: CanonicalRequest, facts: ModelFacts, account: Account): unknown {
  const { effort, budget, adaptive } = thinking ?? {}
  if (effort === undefined && budget === undefined && adaptive !== true) return undefined
  if (facts.thinking === 'none') {
    account.warn('thinking', 'dropped', 'this model does not think')
    return undefined
  }
  if (effort === 'none' || budget === 0) return false
  if (facts.thinking === 'effort' && effort !== undefined) return LEVEL[effort] ?? effort
  if (effort !== undefined || budget !== undefined) {
    account.warn('thinking', 'approximated', 'this model is told whether to think, not how much')
  }
  return true
}

type Message = Readonly<Record<string, unknown>>

function messagesOf(turn: Turn, place: string, names: ReadonlyMap<string, string>, account: Account): Message[] {
  if (turn.name !== undefined) account.warn(`${place}.name`, 'dropped', 'this format does not tell users apart')
  const role = turn.role === 'developer' ? 'system' : turn.role
  const results = turn.blocks.filter(block => block.kind === 'tool_result')
  const rest = turn.blocks.flatMap((block, at) =>
    block.kind === 'tool_result' ? [] : carried(block, `${place}.blocks[${at}]`, account))
  const tools = results.map(result => resultOf(result, place, names, account))
  return rest.length === 0 && tools.length > 0 ? tools : [...tools, messageOf(role, rest, place)]
}

/** A block as far as this format has a place for it. */
function carried(block: Block, place: string, account: Account): Block[] {
  if ('cache' in block) account.warn(`${place}.cache`, 'dropped', 'this provider caches by itself')
  if (block.kind === 'opaque') {
    account.warn(place, 'dropped', `this format has no ${block.type || 'such thing'}`)
    return []
  }
  if (block.kind === 'reasoning' && (block.signature !== undefined || block.redacted !== undefined)) {
    account.warn(place, 'dropped', SIGNED)
    return []
  }
  if ('citations' in block) account.warn(`${place}.citations`, 'dropped', 'models are not told their own sources again')
  if ('signature' in block) account.warn(`${place}.signature`, 'dropped', SIGNED)
  if (block.kind === 'tool_call' && argumentsIn(block.args) === undefined) {
    account.warn(place, 'approximated', 'arguments that are no JSON object are left out')
  }
  return [block]
}

function messageOf(role: string, blocks: readonly Block[], place: string): Message {
  const images = imagesIn(blocks, place)
  const shown = images.length > 0 ? { images } : {}
  if (role === 'assistant') return { ...messageFields(blocks), ...shown }
  return { role, content: blocks.flatMap(block => block.kind === 'text' ? [block.text] : []).join('\n'), ...shown }
}

function imagesIn(blocks: readonly Block[], place: string): string[] {
  return blocks.flatMap(block => {
    if (block.kind !== 'image' && block.kind !== 'audio' && block.kind !== 'file') return []
    if (block.kind !== 'image' || block.media.at !== 'data') {
      untranslatable(place, `"${place}" holds a block (${block.kind}) that is no picture in base64`)
    }
    return [block.media.base64]
  })
}

/** The result of a tool, which is told by the tool's name; the call knows it where the result does not. */
function resultOf(result: ToolResultBlock, place: string, names: ReadonlyMap<string, string>, account: Account): Message {
  const { id, name, blocks, failed } = result
  if (failed) account.warn(`${place}.failed`, 'emulated', 'the text says that the tool failed')
  const shown = blocks.flatMap(block => carried(block, place, account))
  const { content, images } = messageOf('tool', failed ? [{ kind: 'text', text: 'Error:' }, ...shown] : shown, place)
  const tool_name = name || (names.get(id) ?? '')
  return { role: 'tool', content, tool_name, tool_call_id: id, ...(images !== undefined && { images }) }
}
