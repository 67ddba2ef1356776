// Why Gemini ended an answer, and back. Used by the readers and writers of answers and streams.
import type { Finish, Stop } from '../../../sdk/index.ts'

const STOPS: Readonly<Record<string, Stop>> = {
  STOP: 'end',
  MAX_TOKENS: 'length',
  SAFETY: 'filter',
  RECITATION: 'filter',
  BLOCKLIST: 'filter',
  PROHIBITED_CONTENT: 'filter',
  SPII: 'filter',
  MODEL_ARMOR: 'filter',
  IMAGE_SAFETY: 'filter',
  IMAGE_PROHIBITED_CONTENT: 'filter',
  IMAGE_RECITATION: 'filter',
  MALFORMED_FUNCTION_CALL: 'malformed',
  UNEXPECTED_TOOL_CALL: 'malformed',
  TOO_MANY_TOOL_CALLS: 'malformed',
  MALFORMED_RESPONSE: 'malformed',
  MISSING_THOUGHT_SIGNATURE: 'malformed',
}

/** Reads a finishReason. STOP ends calls as well as texts; a word that nobody knows is no clean end. */
export function readFinish(raw: string, called: boolean): Finish {
  const stop = Object.hasOwn(STOPS, raw) ? STOPS[raw]! : 'error'
  return { stop: stop === 'end' && called ? 'tool' : stop, raw }
}

const WORDS: Readonly<Record<Stop, string>> = {
  end: 'STOP',
  stop_sequence: 'STOP',
  tool: 'STOP',
  pause: 'STOP',
  length: 'MAX_TOKENS',
  context: 'MAX_TOKENS',
  filter: 'SAFETY',
  refusal: 'SAFETY',
  malformed: 'MALFORMED_FUNCTION_CALL',
  error: 'OTHER',
}

/** The finishReason to write. `spoilt` says that a call had to be left out because its arguments are no JSON object. */
export function finishWord({ stop }: Finish, spoilt: boolean): string {
  return spoilt && WORDS[stop] === 'STOP' ? WORDS.malformed : WORDS[stop]
}
