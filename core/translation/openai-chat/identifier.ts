// Ids of calls that a format would refuse, made legal: the same for the same, so that a call and its result stay together.
// Used by the writers of requests, and by readers of answers that lack an id.
import { createHash } from 'node:crypto'

const LONGEST_ID = 40

/** An id of a call as OpenAI takes it: 40 characters at most. */
export function callId(id: string): string {
  return id.length <= LONGEST_ID ? id : `call_${digest(id).slice(0, 32)}`
}

/** An id for a call that came without one: `seed` tells answers apart, since ids have to differ over a conversation. */
export function newCallId(seed: string, choice: number, call: number): string {
  return `call_${digest(JSON.stringify([seed, choice, call])).slice(0, 24)}`
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
