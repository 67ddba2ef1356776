// The canonical form of a stream: blocks that start, grow and stop. Folded, the events of a stream are the whole answer
// that the same model would have given: that is the law that every reader and writer keeps.
import type { Block, Citation, Finish, Signature, TokenLogprob } from './message.ts'
import type { Usage } from './usage.ts'

/** Kinds of failure, whatever a provider calls them. Decides what is tried again, and how a client hears of it. */
export type Failure =
  | 'bad_request' | 'auth' | 'billing' | 'permission' | 'not_found' | 'too_large' | 'context' | 'rate_limit' | 'quota'
  | 'overloaded' | 'timeout' | 'upstream' | 'content'

/** An error of a provider. `message` is the provider's own sentence, and reaches the client alone, never a log. */
export interface ProviderError {
  readonly failure: Failure
  readonly message: string
  /** Seconds to wait before another try, where the provider says so in its body. */
  readonly retryAfter?: number
}

/**
 * One event. A stream is: `start`, then for each block `block`, any number of `delta` and at most one `signature`, `stop`;
 * then `finish` for each choice and `usage` (cumulative; the last one holds) in any order; and it ends with `end` or
 * `error`, exactly one of them. Blocks count from 0 in each choice, and those of one choice may be open at once.
 */
export type CanonicalEvent =
  | { readonly event: 'start'; readonly id: string; readonly model: string; readonly created?: number }
  | { readonly event: 'block'; readonly choice: number; readonly block: number; readonly kind: 'text' | 'reasoning' | 'refusal' }
  | { readonly event: 'block'; readonly choice: number; readonly block: number; readonly kind: 'tool_call'; readonly id: string; readonly name: string }
  /** A block that comes at once: what its maker alone can read, a picture, a thing of one format. */
  | { readonly event: 'block'; readonly choice: number; readonly block: number; readonly kind: 'whole'; readonly whole: Block }
  /** A piece of the block's text; of its JSON, for a tool call. The tokens are those of a text, and may come with no more text. */
  | {
    readonly event: 'delta'; readonly choice: number; readonly block: number; readonly text: string
    readonly logprobs?: readonly TokenLogprob[]
  }
  /** A source of a text that has begun. Some providers tell all of them last: it may have stopped, but `finish` comes later. */
  | { readonly event: 'citation'; readonly choice: number; readonly block: number; readonly citation: Citation }
  | { readonly event: 'signature'; readonly choice: number; readonly block: number; readonly signature: Signature }
  | { readonly event: 'stop'; readonly choice: number; readonly block: number }
  | { readonly event: 'finish'; readonly choice: number; readonly finish: Finish }
  | { readonly event: 'usage'; readonly usage: Usage }
  | { readonly event: 'error'; readonly error: ProviderError }
  | { readonly event: 'end' }
