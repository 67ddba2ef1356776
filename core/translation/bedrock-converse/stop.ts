// Why an answer ended, in Bedrock's words. Called by answer.ts and the streams.
import { GatehouseError } from '../../../sdk/index.ts'
import type { Finish, Stop } from '../../../sdk/index.ts'
import { members } from '../../dialect/openai/words.ts'

const STOP: Readonly<Record<string, Stop>> = {
  end_turn: 'end', max_tokens: 'length', stop_sequence: 'stop_sequence', tool_use: 'tool', guardrail_intervened: 'filter',
  content_filtered: 'filter', malformed_model_output: 'malformed', malformed_tool_use: 'malformed',
  model_context_window_exceeded: 'context',
}

const REASON: Readonly<Partial<Record<Stop, string>>> = {
  end: 'end_turn', length: 'max_tokens', stop_sequence: 'stop_sequence', tool: 'tool_use', filter: 'content_filtered',
  refusal: 'content_filtered', pause: 'end_turn', context: 'model_context_window_exceeded', malformed: 'malformed_model_output',
}

/** Reads it; `error` where the provider does not say. `called` is true where a tool of the client's was called. */
export function readFinish(reason: unknown, more: unknown, called: boolean): Finish {
  if (typeof reason !== 'string') return { stop: 'error', raw: '' }
  const stop = Object.hasOwn(STOP, reason) ? STOP[reason]! : 'end'
  const sequence = sequenceOf(more)
  return { stop: stop === 'end' && called ? 'tool' : stop, raw: reason, ...(sequence !== undefined && { sequence }) }
}

/** Where Claude's stop sequence stands in what a request has asked for in addition: apart in whole answers and streams. */
export const SEQUENCE_PATHS = ['/stop_sequence', '/delta/stop_sequence'] as const

function sequenceOf(more: unknown): string | undefined {
  const { stop_sequence: whole, delta } = members(more)
  const sequence = whole ?? members(delta).stop_sequence
  return typeof sequence === 'string' ? sequence : undefined
}

/** Writes it. Throws `upstream_invalid` for an answer that failed: no client may take that for an end. */
export function writeFinish({ stop, sequence }: Finish, called: boolean): object {
  const reason = stop === 'end' && called ? 'tool_use' : REASON[stop]
  if (reason === undefined) throw new GatehouseError('upstream_invalid', 'The model ended its answer with a failure.')
  return { stopReason: reason, ...(sequence !== undefined && { additionalModelResponseFields: { stop_sequence: sequence } }) }
}
