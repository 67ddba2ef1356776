// Why an answer ended, in the family's words and in the house's. Used by the readers and writers of answers and streams.
import type { Block, Finish, Stop } from '../../../sdk/index.ts'
import { textOf } from './content.ts'

const STOP: Readonly<Record<string, Stop>> = {
  stop: 'end',
  length: 'length',
  max_tokens: 'length',
  model_length: 'context',
  tool_calls: 'tool',
  function_call: 'tool',
  stop_sequence: 'stop_sequence',
  content_filter: 'filter',
  error: 'error',
}

/** What decides, beside the word itself, how an answer ended. */
interface Held {
  readonly calls: boolean
  readonly refusal: boolean
}

/** What blocks hold of it. */
export function heldIn(blocks: readonly Block[]): Held {
  return { calls: blocks.some(block => block.kind === 'tool_call'), refusal: blocks.some(block => block.kind === 'refusal') }
}

/**
 * The end of a choice. A call that was made is the reason wherever nothing worse is (Gemini and Ollama say `stop`); vLLM
 * tells the stop sequence that was met as `stop_reason`.
 */
export function readFinish(choice: Readonly<Record<string, unknown>>, held: Held): Finish {
  const raw = textOf(choice.finish_reason)
  const sequence = textOf(choice.stop_reason)
  const told = STOP[raw] ?? 'end'
  const stop = told === 'end' && sequence !== '' ? 'stop_sequence' : told
  if (stop !== 'end' && stop !== 'stop_sequence') return { stop, raw }
  if (held.calls) return { stop: 'tool', raw }
  if (held.refusal) return { stop: 'refusal', raw }
  return { stop, raw, ...(stop === 'stop_sequence' && sequence !== '' && { sequence }) }
}

/** The word for the end of a choice. */
export function finishReason({ stop }: Finish, held: Held): string {
  switch (stop) {
    case 'length':
    case 'context': return 'length'
    case 'filter': return 'content_filter'
    case 'refusal': return held.refusal ? 'stop' : 'content_filter'
    case 'malformed':
    case 'error': return 'error'
    case 'tool': return 'tool_calls'
    default: return held.calls ? 'tool_calls' : 'stop'
  }
}
