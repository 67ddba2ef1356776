// Why an answer ended, in Anthropic's words. Called by answer.ts and the streams.
import { GatehouseError } from '../../../sdk/index.ts'
import type { Finish, Stop } from '../../../sdk/index.ts'

const STOP: Readonly<Record<string, Stop>> = {
  end_turn: 'end', max_tokens: 'length', stop_sequence: 'stop_sequence', tool_use: 'tool', pause_turn: 'pause',
  compaction: 'pause', refusal: 'refusal', model_context_window_exceeded: 'context',
}

const REASON: Readonly<Partial<Record<Stop, string>>> = {
  end: 'end_turn', length: 'max_tokens', stop_sequence: 'stop_sequence', tool: 'tool_use', filter: 'refusal', refusal: 'refusal',
  pause: 'pause_turn', context: 'model_context_window_exceeded',
}

/** Reads it; `error` where the provider does not say. `called` is true where a tool of the client's was called. */
export function readFinish(reason: unknown, sequence: unknown, called: boolean): Finish {
  if (typeof reason !== 'string') return { stop: 'error', raw: '' }
  const stop = Object.hasOwn(STOP, reason) ? STOP[reason]! : 'end'
  return {
    stop: stop === 'end' && called ? 'tool' : stop,
    raw: reason,
    ...(typeof sequence === 'string' && { sequence }),
  }
}

/** What an answer holds, as far as it decides over its stop reason. */
export interface Held {
  readonly called: boolean
  readonly refused: boolean
}

/** Writes it. Throws `upstream_invalid` for an answer that failed: no client may take that for an end. */
export function writeFinish({ stop, sequence }: Finish, { called, refused }: Held): object {
  const reason = stop === 'end' && called ? 'tool_use' : stop === 'end' && refused ? 'refusal' : REASON[stop]
  if (reason === undefined) throw new GatehouseError('upstream_invalid', 'The model ended its answer with a failure.')
  return { stop_reason: reason, stop_sequence: sequence ?? null }
}
