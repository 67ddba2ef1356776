// Whole answers of Ollama, both ways, and what its lines share with them. Used by ollama-chat.ts and the streams.
import type { AnswerSettings, Block, CanonicalAnswer, Finish, ToolCallBlock, Usage } from '../../../sdk/index.ts'
import { listOf } from '../../dialect/openai/frames.ts'
import { count, members } from '../../dialect/openai/words.ts'
import { textOf } from '../openai-chat/content.ts'
import { newCallId } from '../openai-chat/identifier.ts'
import { argsOf, textIn } from '../openai-chat/message.ts'

type Raw = Readonly<Record<string, unknown>>

/** A provider's whole answer. Throws an Error where it is none. */
export function readAnswer(body: unknown): CanonicalAnswer {
  const answer = members(body)
  const { message, model, created_at } = answer
  if (typeof message !== 'object' || message === null) throw new Error('Expected an answer with a message')
  const { thinking, content, tool_calls } = members(message)
  const blocks: Block[] = [
    ...(textOf(thinking) === '' ? [] : [{ kind: 'reasoning', text: textOf(thinking) } as const]),
    ...(textOf(content) === '' ? [] : [{ kind: 'text', text: textOf(content) } as const]),
    ...listOf(tool_calls).map((call, index) => readCall(call, textOf(created_at), index)),
  ]
  const created = createdAt(created_at)
  const usage = usageIn(answer)
  return {
    id: '',
    model: textOf(model),
    ...(created !== undefined && { created }),
    choices: [{ index: 0, blocks, finish: readFinish(answer, blocks.some(block => block.kind === 'tool_call')) }],
    ...(usage !== undefined && { usage }),
  }
}

/** A call, which is always whole. Older servers give it no id; `seed` tells answers apart. */
export function readCall(call: Raw, seed: string, index: number): ToolCallBlock {
  const { name, arguments: args } = members(call.function)
  return { kind: 'tool_call', id: textOf(call.id) || newCallId(seed, 0, index), name: textOf(name), args: argsOf(args) }
}

/** Seconds since 1970 of a time in words (RFC 3339). */
export function createdAt(time: unknown): number | undefined {
  const milliseconds = Date.parse(textOf(time))
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000)
}

/** The end of an answer. Ollama says `stop` where it called a tool, too. */
export function readFinish({ done, done_reason }: Raw, calls: boolean): Finish {
  const raw = textOf(done_reason)
  if (done === false) return { stop: 'error', raw }
  if (raw === 'length') return { stop: 'length', raw }
  return { stop: calls ? 'tool' : 'end', raw }
}

/** The usage; a prompt that was in memory still is not counted. */
export function usageIn({ prompt_eval_count, eval_count }: Raw): Usage | undefined {
  const input = count(prompt_eval_count)
  const output = count(eval_count)
  if (input === undefined && output === undefined) return undefined
  return { input: input ?? 0, output: output ?? 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' }
}

/** The body of an answer to a client, who asked for one choice. */
export function writeAnswer({ created, choices, usage }: CanonicalAnswer, settings: AnswerSettings): string {
  const [choice] = choices
  return JSON.stringify({
    ...headOf(created, settings),
    message: messageFields(choice?.blocks ?? []),
    ...endOf(choice?.finish, usage),
  })
}

/** What every line and answer begins with. */
export function headOf(created: number | undefined, settings: AnswerSettings): object {
  return { model: settings.model, created_at: new Date((created ?? settings.at) * 1000).toISOString() }
}

/** What the last line and an answer end with. */
export function endOf(finish: Finish | undefined, usage: Usage | undefined): object {
  return {
    done: true,
    done_reason: finish?.stop === 'length' || finish?.stop === 'context' ? 'length' : 'stop',
    ...(usage !== undefined && { prompt_eval_count: usage.input, eval_count: usage.output }),
  }
}

/** A message of the assistant. What it refused to say is text. */
export function messageFields(blocks: readonly Block[]): Raw {
  const thinking = textIn(blocks, 'reasoning')
  const calls = blocks.filter(block => block.kind === 'tool_call')
  return {
    role: 'assistant',
    content: textIn(blocks, 'text', 'refusal'),
    ...(thinking !== '' && { thinking }),
    ...(calls.length > 0 && { tool_calls: calls.map(callOf) }),
  }
}

/** A call; what is no object of arguments is none. */
export function callOf({ id, name, args }: Pick<ToolCallBlock, 'id' | 'name' | 'args'>): object {
  return { id, function: { name, arguments: argumentsIn(args) ?? {} } }
}

/** The object that the arguments of a call are; undefined where they are none. */
export function argumentsIn(args: string): object | undefined {
  if (args.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(args)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
