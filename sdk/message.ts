// The canonical form of requests and answers: what every wire format can be read into and written from, so that any
// client reaches any provider with one reader and one writer a format instead of one translator a pair. Readers never
// throw away; writers decide, and say what they could not carry. Bytes that stay in one format never come here.
import type { Usage } from './usage.ts'

/** Bytes or a reference to them. */
export type Media =
  | { readonly at: 'data'; /** Base64, RFC 4648 section 4. */ readonly base64: string; readonly mediaType: string }
  | { readonly at: 'url'; readonly url: string; readonly mediaType?: string }
  /** The vendor's own name for an upload; means nothing to any other vendor. */
  | { readonly at: 'id'; readonly id: string; readonly dialect: string }

/** How long a provider should keep what stands up to and including a block. */
export type CacheMark = '5m' | '1h'

interface Marked {
  readonly cache?: CacheMark
}

/** A source that a text leans on. One that says nothing but where it stands in the text is none. */
export interface Citation {
  /** Which part of its block's text it is for, in UTF-16 units; both are undefined where it is for all of it. */
  readonly start?: number
  /** One past the last unit. */
  readonly end?: number
  readonly url?: string
  /** Of the page or the document; the name of a file. */
  readonly title?: string
  /** What the source says, word for word. */
  readonly quoted?: string
}

/** A token of a text with its logarithmic probability, and what might have stood there instead. */
export interface TokenLogprob {
  readonly token: string
  readonly logprob: number
  /** UTF-8 of the token; undefined where the provider does not say. */
  readonly bytes?: readonly number[]
  readonly top: readonly Omit<TokenLogprob, 'top'>[]
}

export interface TextBlock extends Marked {
  readonly kind: 'text'
  readonly text: string
  /** Never empty. */
  readonly citations?: readonly Citation[]
  /** Never empty. */
  readonly logprobs?: readonly TokenLogprob[]
  /** Gemini binds a signature to any part; it comes back with that part or not at all. */
  readonly signature?: Signature
}

/** Proof that a model thought or called: only the dialect that made it can read it, so writers of others leave it out. */
export interface Signature {
  readonly dialect: string
  readonly value: string
}

export interface MediaBlock extends Marked {
  readonly kind: 'image' | 'audio' | 'file'
  readonly media: Media
  readonly name?: string
  /** How closely to look: OpenAI's `low`, `high`, `auto`. */
  readonly detail?: string
}

/** What a model thought. `redacted` holds what only its maker can read, in place of text. */
export interface ReasoningBlock {
  readonly kind: 'reasoning'
  readonly text: string
  readonly signature?: Signature
  readonly redacted?: Signature
}

export interface ToolCallBlock extends Marked {
  readonly kind: 'tool_call'
  readonly id: string
  readonly name: string
  /** JSON text as the model wrote it, never parsed and written again; `''` is a call without arguments. */
  readonly args: string
  readonly signature?: Signature
}

export interface ToolResultBlock extends Marked {
  readonly kind: 'tool_result'
  /** Of the call that it answers. */
  readonly id: string
  /** Of the tool; `''` where the format does not say it again. */
  readonly name: string
  readonly blocks: readonly (TextBlock | MediaBlock | OpaqueBlock)[]
  readonly failed: boolean
}

export interface RefusalBlock {
  readonly kind: 'refusal'
  readonly text: string
}

/** Something of one format that has no place here. Comes back in that format; to any other it is lost, with a warning. */
export interface OpaqueBlock extends Marked {
  readonly kind: 'opaque'
  readonly dialect: string
  /** Its own name for the thing: `server_tool_use`. */
  readonly type: string
  readonly raw: unknown
}

export type Block = TextBlock | MediaBlock | ReasoningBlock | ToolCallBlock | ToolResultBlock | RefusalBlock | OpaqueBlock

/** One turn of a conversation. Results of tools stand in turns of the user, first. */
export interface Turn {
  readonly role: 'system' | 'developer' | 'user' | 'assistant'
  readonly blocks: readonly Block[]
  /** Who of several users, or which assistant. */
  readonly name?: string
}

export interface Tool extends Marked {
  readonly name: string
  readonly description?: string
  /** JSON schema of the arguments; undefined for a tool without any. */
  readonly schema?: unknown
  readonly strict?: boolean
}

/** `required` with one name forces that tool; with several, one of them. */
export interface ToolChoice {
  readonly mode: 'auto' | 'none' | 'required'
  readonly names?: readonly string[]
}

/** How an answer should look: free text, any JSON, or JSON of a schema. */
export interface Format {
  readonly type: 'text' | 'json' | 'schema'
  readonly name?: string
  readonly description?: string
  readonly schema?: unknown
  readonly strict?: boolean
}

/** How much to think. */
export interface Thinking {
  readonly effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'
  /** Tokens. */
  readonly budget?: number
  /** True where the model itself should decide. */
  readonly adaptive?: boolean
  /** True where the client wants to see what was thought. */
  readonly shown?: boolean
}

/** Fields of one format that have no place here, by name. Writers of the same format put them back. */
export interface Rest {
  readonly dialect: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** What a client asks for. What is undefined was not said. */
export interface CanonicalRequest {
  readonly model: string
  readonly turns: readonly Turn[]
  readonly tools: readonly Tool[]
  readonly toolChoice?: ToolChoice
  /** False where tools may only be called one at a time. */
  readonly parallelTools?: boolean
  readonly maxOutput?: number
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly seed?: number
  readonly frequencyPenalty?: number
  readonly presencePenalty?: number
  readonly stop?: readonly string[]
  /** How many answers. */
  readonly choices?: number
  /** Where the probability of each token is to be told: with how many others that might have stood there, 0 for none. */
  readonly logprobs?: number
  readonly format?: Format
  readonly thinking?: Thinking
  readonly stream: boolean
  /** True where a stream is to tell its usage. */
  readonly streamUsage: boolean
  /** The end user, in the client's own words. */
  readonly user?: string
  readonly rest: Rest
}

/**
 * Why an answer ended. `tool` wherever a call was made and nothing worse happened; truncation wins over it. `malformed`
 * and `error` never reach a client as a clean end.
 */
export type Stop = 'end' | 'length' | 'stop_sequence' | 'tool' | 'filter' | 'refusal' | 'pause' | 'context' | 'malformed' | 'error'

export interface Finish {
  readonly stop: Stop
  /** The provider's own word. */
  readonly raw: string
  /** The stop sequence that was met. */
  readonly sequence?: string
}

export interface CanonicalChoice {
  readonly index: number
  readonly blocks: readonly Block[]
  readonly finish: Finish
}

/** What a model answered, whole. */
export interface CanonicalAnswer {
  /** As the provider has it; `''` where it has none. */
  readonly id: string
  readonly model: string
  /** Seconds since 1970; undefined where the provider does not say. */
  readonly created?: number
  readonly choices: readonly CanonicalChoice[]
  readonly usage?: Usage
}
