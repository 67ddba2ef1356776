// How a wire format is read into the canonical form and written from it. Pure: no socket, no clock, no state beyond one
// stream. A provider's own format needs nothing else; one that clients speak has a dialect.ts as well.
import type { CanonicalEvent, ProviderError } from './event.ts'
import type { CanonicalAnswer, CanonicalRequest, Rest } from './message.ts'
import type { Usage } from './usage.ts'

/** Something that a writer could not carry over. Names fields, never values. */
export interface Warning {
  /** Where it stood in the request, in the canonical form's words: `seed`, `turns[2].blocks[0]`. */
  readonly field: string
  /** `emulated` and `approximated` mean nearly the same; `dropped` means that the model never hears of it. */
  readonly action: 'dropped' | 'approximated' | 'emulated'
  /** What became of it, as half a sentence: `this provider has no seed`. */
  readonly why: string
}

/** What a writer of requests is told about the target. */
export interface Written {
  /** The body, JSON. */
  readonly body: string
  readonly warnings: readonly Warning[]
}

/** What is known of a model; a field is undefined where nobody knows. */
export interface ModelFacts {
  /** Tokens that an answer may have at most. */
  readonly maxOutput?: number
  /** Tokens that a request and its answer may have together. */
  readonly context?: number
  /** How it is told to think: not at all, by a number of tokens, by a word, or by itself with a word. */
  readonly thinking?: 'none' | 'budget' | 'effort' | 'adaptive'
}

/** A frame of a stream as it stands on the wire: server-sent events, or the lines and messages of other codecs. */
export interface WireFrame {
  /** The event's name, where the format gives it one. */
  readonly event?: string
  readonly payload: string
}

/** Reads one stream. */
export interface StreamReader {
  /**
   * The events of one frame. Throws an Error where the frame is nothing that the format knows how to read; unknown events
   * and fields are no such thing, and are passed over.
   */
  read(frame: WireFrame): readonly CanonicalEvent[]
  /**
   * The events that the end of the connection means: `end` where the stream was complete and its format has no last frame
   * of its own; none where it had said so before, or where it broke off.
   */
  close(): readonly CanonicalEvent[]
}

/** Writes one stream. */
export interface StreamWriter {
  /** The frames for one event; a piece that has to wait for others comes out with a later one. */
  write(event: CanonicalEvent): readonly WireFrame[]
}

/** What a writer of answers is told. */
export interface AnswerSettings {
  /** The model as the client named it. */
  readonly model: string
  /** For formats that want an id where the provider gave none; unique. */
  readonly id: string
  /** Seconds since 1970. */
  readonly at: number
  /** The client's own request, for formats that say it again or stream what was asked for only. */
  readonly request: CanonicalRequest
}

/** What the gateway already knows of a request: some formats have it in the path instead of the body. */
export interface Asked {
  readonly model: string
  readonly stream: boolean
  /** True where the stream is to come as one JSON array, and not as server-sent events. */
  readonly array?: boolean
}

/** How the frames of a stream stand on the wire: server-sent events, one JSON a line, or Amazon's binary messages. */
export type Framing = 'sse' | 'lines' | 'aws-events'

/** A wire format, both ways. Members live in core/translation/, one file each. */
export interface Translation {
  /** The name of its file. */
  readonly name: string
  readonly framing: Framing
  /**
   * A client's request. Throws GatehouseError `invalid_body`, naming the field, for what is none, and for what this format
   * has but no other could do (`previous_response_id`).
   */
  readRequest(body: unknown, asked: Asked): CanonicalRequest
  /** Throws GatehouseError `untranslatable`, naming the field, for what must not be left out silently. */
  writeRequest(request: CanonicalRequest, facts: ModelFacts): Written
  /** Where a call goes, below the base URL; a model's name is encoded for it. */
  pathOf(model: string, stream: boolean): string
  /** A provider's whole answer. Throws an Error where it is none. */
  readAnswer(body: unknown): CanonicalAnswer
  writeAnswer(answer: CanonicalAnswer, settings: AnswerSettings): string
  /** A provider's error, by its status and body; undefined where the body tells nothing. */
  readError(status: number, body: unknown): ProviderError
  /** How an error looks to a client of this format, and under which status. */
  writeError(error: ProviderError): { readonly status: number; readonly body: string }
  streamReader(): StreamReader
  streamWriter(settings: AnswerSettings): StreamWriter
}

/** What vectors are for: some models make others of a question than of a document. */
export type EmbeddingTask =
  | 'query' | 'document' | 'similarity' | 'classification' | 'clustering' | 'question_answering' | 'fact_verification' | 'code_query'

/** Texts that are to become vectors. What is undefined was not said. */
export interface EmbeddingRequest {
  readonly model: string
  /** Texts, or the tokens of a text as the model itself numbers them. At least one. */
  readonly inputs: readonly (string | readonly number[])[]
  /** True where the client sent one input and no list of them. */
  readonly alone: boolean
  /** Length of each vector. */
  readonly dimensions?: number
  /** How the client wants each vector: a list of numbers, or the base64 of 32-bit floats, the lowest byte first. */
  readonly encoding: 'float' | 'base64'
  readonly task?: EmbeddingTask
  /** The end user, in the client's own words. */
  readonly user?: string
  readonly rest: Rest
}

/** One vector for each input, in their order. */
export interface EmbeddingAnswer {
  readonly vectors: readonly (readonly number[])[]
  /** Undefined where the provider does not say. */
  readonly usage?: Usage
}

/** The half of a format of embeddings that its clients need. */
export interface EmbeddingClient {
  /** Throws GatehouseError `invalid_body`, naming the field, for what is no request, and for what no other format could do. */
  readRequest(body: unknown, asked: Asked): EmbeddingRequest
  writeAnswer(answer: EmbeddingAnswer, request: EmbeddingRequest): string
  writeError(error: ProviderError): { readonly status: number; readonly body: string }
}

/** A format of embeddings. Members live in core/embedding/, one file each. */
export interface EmbeddingTranslation {
  /** The name of its file; where clients speak it, that of its dialect. */
  readonly name: string
  /** Throws GatehouseError `untranslatable`, naming the field, for what must not be left out silently. */
  writeRequest(request: EmbeddingRequest): Written
  /** Where a call goes, below the base URL; a model's name is encoded for it. */
  pathOf(model: string): string
  /** A provider's answer. Throws an Error where it is none. */
  readAnswer(body: unknown): EmbeddingAnswer
  readError(status: number, body: unknown): ProviderError
  /** Undefined for a format that only providers speak. */
  readonly client?: EmbeddingClient
}
