// Why Cohere ended an answer, and back. Used by the readers and writers of answers and streams.
import type { Finish, Stop } from '../../../sdk/index.ts'

const STOPS: Readonly<Record<string, Stop>> = {
  COMPLETE: 'end',
  TOOL_CALL: 'tool',
  STOP_SEQUENCE: 'stop_sequence',
  MAX_TOKENS: 'length',
  // Words of the first version, which deployments of one's own still say.
  ERROR_TOXIC: 'filter',
  ERROR_LIMIT: 'context',
}

/** Reads a finish_reason; ERROR, TIMEOUT and a word that nobody knows are no clean end. */
export function readFinish(raw: string, called: boolean): Finish {
  const stop = Object.hasOwn(STOPS, raw) ? STOPS[raw]! : 'error'
  return { stop: stop === 'end' || stop === 'tool' ? called ? 'tool' : 'end' : stop, raw }
}

const WORDS: Readonly<Record<Stop, string>> = {
  end: 'COMPLETE',
  pause: 'COMPLETE',
  tool: 'TOOL_CALL',
  stop_sequence: 'STOP_SEQUENCE',
  length: 'MAX_TOKENS',
  context: 'MAX_TOKENS',
  filter: 'ERROR_TOXIC',
  refusal: 'ERROR_TOXIC',
  malformed: 'ERROR',
  error: 'ERROR',
}

/** The finish_reason to write. */
export const finishWord = ({ stop }: Finish): string => WORDS[stop]
