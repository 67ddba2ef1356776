// Why an answer ended: Responses has a status for it, and for an incomplete one a reason. Used by answer.ts and the streams.
import type { Finish, Stop } from '../../../sdk/index.ts'
import { members } from '../../dialect/openai/words.ts'
import { textOf } from '../openai-chat/content.ts'

type Raw = Readonly<Record<string, unknown>>

/** What decides, beside the status, how an answer ended. */
export interface Held {
  readonly calls: boolean
  readonly refusal: boolean
}

/** The end of an answer. Calls and refusals are told by the items alone. */
export function readFinish({ status, incomplete_details }: Raw, { calls, refusal }: Held): Finish {
  const raw = textOf(status)
  switch (raw) {
    case 'incomplete': {
      const reason = textOf(members(incomplete_details).reason)
      return { stop: reason === 'content_filter' ? 'filter' : 'length', raw: reason || raw }
    }
    case 'failed':
    case 'cancelled':
    // An answer that is still being made, which only a request in the background gets.
    case 'queued':
    case 'in_progress': return { stop: 'error', raw }
    default: return { stop: calls ? 'tool' : refusal ? 'refusal' : 'end', raw }
  }
}

/** The fields of a response that say how it ended. */
export function ending(
  stop: Stop, { refusal }: Pick<Held, 'refusal'>
): { readonly status: string; readonly incomplete_details: object | null } {
  const incomplete = (reason: string) => ({ status: 'incomplete', incomplete_details: { reason } })
  switch (stop) {
    case 'length':
    case 'context': return incomplete('max_output_tokens')
    case 'filter': return incomplete('content_filter')
    case 'refusal': return refusal ? COMPLETED : incomplete('content_filter')
    case 'malformed':
    case 'error': return { status: 'failed', incomplete_details: null }
    default: return COMPLETED
  }
}

const COMPLETED = { status: 'completed', incomplete_details: null } as const
