// One wire format: where its text stands, and how to say things in it. A dialect is pure data and pure functions; it
// never sees a socket, a timer or a config. Members live in core/dialect/, one file each.
import type { GatehouseError } from './error.ts'
import type { Channel, Origin } from './segment.ts'
import type { Asked } from './translation.ts'
import type { Usage } from './usage.ts'

/**
 * One pass over a JSON text: every value as a node, with its byte range in `bytes`. Node 0 is the root; -1 means "none".
 * Nothing is copied or decoded until asked for.
 */
export interface Tape {
  readonly bytes: Buffer
  kind(node: number): 'object' | 'array' | 'string' | 'number' | 'literal'
  /** First byte of the value; for a string, its opening quote. */
  start(node: number): number
  /** One past the last byte of the value. */
  end(node: number): number
  /** First child of an object or array, else -1. */
  first(node: number): number
  /** Next sibling, else -1. */
  next(node: number): number
  /** The decoded key of an object's member. */
  key(node: number): string
  /** The member's value with that key, else -1. */
  find(object: number, key: string): number
  /** The decoded text of a string node; undefined for every other kind and for -1. */
  text(node: number): string | undefined
}

/** Bytes `[start, end)` give way to `text`. What is not named stays as it came, to the byte. */
export interface ByteEdit {
  readonly start: number
  readonly end: number
  readonly text: string | Buffer
}

/**
 * What a string at a place is: a segment's channel (with its origin, where the enclosing message's role does not say
 * it), a structural word of the format (`"role": "user"`), or the mark that a choice is finished, or that a call is.
 */
export type Leaf = 'structural' | 'finish' | 'stop' | {
  readonly channel: Channel
  readonly origin?: Origin
  /** True where a frame of a stream holds the whole of such a text, never a piece of one. */
  readonly whole?: boolean
  /** True where a frame says a text again, as a whole, that came in pieces before: its pieces are over. */
  readonly again?: boolean
  /** True where the text may stand as an object of its own, as well as in a string: its JSON is the text. */
  readonly json?: boolean
}

/**
 * A map of a body: the same shape as the JSON itself, with a meaning at each string. A string that the map does not
 * reach is *uncovered*: nobody scanned it, the record says so, and the route's `onUncovered` decides.
 */
export interface Place {
  /** What a string standing here is. */
  readonly leaf?: Leaf
  readonly fields?: Readonly<Record<string, Place>>
  /** Each element of an array standing here. */
  readonly items?: Place
  /** Every member or element that `fields` and `items` do not name. */
  readonly rest?: Place
  /** The map of an object standing here, by the word in its `type`, or by what `kind` says of it; others go by `fields` and `rest`. */
  readonly byType?: Readonly<Record<string, Place>>
  readonly kind?: (tape: Tape, node: number) => string
  /**
   * What the object opens: a `message` has a `role` that gives its strings their origin; a `choice` and a `call` have
   * an index that says which one a piece of a stream belongs to; an `answer` is the only choice that there is.
   */
  readonly opens?: 'message' | 'choice' | 'call' | 'answer'
  /** The member with the index of what is opened. Default `index`. */
  readonly counts?: string
  /**
   * Where in the whole answer the strings of a frame's object belong: the JSON pointer of what holds them. Without it, where
   * the frame has them: `above` is the pointer of what it stands in there, with a slash behind it. Such an object's `names` says
   * what a string is called there, where that differs.
   */
  readonly at?: (tape: Tape, node: number, above: string) => string
  readonly names?: Readonly<Record<string, string>>
  /** An object of interest to the gateway itself. `repeats` spells a choice's text again: it goes where the text is edited. A `sequence` numbers the frames of a stream without a gap. */
  readonly mark?: 'usage' | 'error' | 'repeats' | 'sequence'
}

/** A place for a string of the given channel. */
export const text = (channel: Channel = 'text', origin?: Origin): Place => ({ leaf: origin === undefined ? { channel } : { channel, origin } })
/** A place for a string that a stream never cuts: an error's sentence, a title, a name. */
export const wholeText = (channel: Channel = 'text', origin?: Origin): Place =>
  ({ leaf: origin === undefined ? { channel, whole: true } : { channel, origin, whole: true } })
/** A place for a structural word. */
export const word: Place = { leaf: 'structural' }
/** A place for an object. */
export const fields = (members: Readonly<Record<string, Place>>, more: Omit<Place, 'fields'> = {}): Place => ({ fields: members, ...more })
/** A place for an array. */
export const each = (items: Place, more: Omit<Place, 'items'> = {}): Place => ({ items, ...more })
/** A place where every string at any depth is the same thing (a free JSON schema, a metadata object). */
export const anywhere = (leaf: Leaf): Place => {
  const place: { leaf: Leaf; rest?: Place } = { leaf }
  place.rest = place
  return place
}

/** One line of text in a stream: what a choice says on a channel, or one of its tool calls. */
export interface Lane {
  readonly choice: number
  readonly channel: Channel
  /** Index of the tool call; -1 outside one. */
  readonly call: number
}

/** What the client of a stream has heard so far. */
export interface Heard {
  /** Payload of the first frame, and of the latest with a choice in it; `{}` before there was one. */
  readonly first: string
  readonly latest: string
  /** Choices that it has heard of. */
  readonly begun: ReadonlySet<number>
  /** Calls, or blocks, that have begun and not stopped. */
  readonly open: readonly number[]
  /** The number of the next frame. */
  readonly sequence: number
}

/** How a dialect streams. Every function returns the payload of a frame, without the codec's framing. */
export interface Streaming {
  /** What a frame holds. */
  readonly frame: Place
  /** The payload that ends a stream, where the dialect has one. */
  readonly done?: string
  /** True where the event of each frame is called as the payload's own `type` says, which then comes first in it. */
  readonly named?: boolean
  /** True where what is said and called has its order: a call ends the text before it, and what follows is another text. */
  readonly ordered?: boolean
  /**
   * A frame that says `text` on a lane. `like` is the payload of the latest frame with a piece of it: its id, model and
   * time are kept. `sequence` is the frame's number, where the dialect numbers its frames.
   */
  say(lane: Lane, text: string, like: string, sequence: number): string
  /** The frames that end the given choices: as the dialect's own refusal, or as cut for their length. */
  refuse(choices: readonly number[], heard: Heard, why: 'content_filter' | 'length'): readonly string[]
  /** A whole answer as frames, for a responder on a streaming request. */
  answer(reply: Reply): readonly string[]
  /** The frame that tells of an error after the answer began. */
  error(error: GatehouseError, sequence: number): string
  /** True for a frame that carries nothing but the usage that the gateway itself asked for. */
  onlyUsage(tape: Tape): boolean
}

/** What a dialect needs to know to write an answer of the gateway's own. */
export interface Reply {
  readonly id: string
  readonly model: string
  readonly text: string
  readonly finish: 'stop' | 'content_filter'
  /** Seconds since 1970. */
  readonly at: number
}

/** The JSON schemas that a request declares for what its answer holds as JSON: nodes of the request. */
export interface Schemas {
  /** Of the arguments of each tool, by the tool's name. */
  readonly tools: ReadonlyMap<string, number>
  /** Of the answer's own text; -1 where none is declared. */
  readonly text: number
}

/** Where a request says how much a model may write. */
export interface Length {
  /** Fields that name the most tokens of one choice; the first of them is set where none is there. */
  readonly fields: readonly string[]
  /** The object that they stand in, under any of these names; left out, the body itself. */
  readonly within?: readonly string[]
  /** Fields that name how many choices are made. */
  readonly choices?: readonly string[]
  /** The field whose elements are answered one by one, where it is a list of texts. */
  readonly prompts?: string
}

/** A wire format. */
export interface Dialect {
  /** The name of its file. */
  readonly name: string
  /** Path below the provider's base URL, as the dialect's own vendor has it: `/chat/completions`. */
  readonly path: string
  /** What a request holds; undefined where the body is passed on unread. */
  readonly request: Place
  /** What a whole answer holds. */
  readonly response: Place
  /** Undefined where the dialect has no streams. */
  readonly streaming?: Streaming
  /** Request headers that are passed on, lower case; every other header stays here. */
  readonly forwards: readonly string[]
  /** True where the request asks for an answer whose text is JSON. Left out where the dialect has no such thing. */
  asksForJson?(request: Tape): boolean
  /**
   * Where the request declares what the JSON of its answer has to be, so that no edit breaks it. Asked at the first edit
   * of such JSON, and never again for the same answer. Left out where the dialect has no such thing.
   */
  schemas?(request: Tape): Schemas
  /** Throws `invalid_body` where the request lacks what the gateway itself needs to read. */
  check(request: Tape): void
  /**
   * What a request asks of the gateway, by its body and its path below the API's root. Left out where both stand in the body,
   * as `model` and `stream`; `model` is empty where the request names none.
   */
  asked?(request: Tape, path: string): Asked
  /**
   * The bytes that name another model wherever the body names one. Left out where it does so as `model` on top, and where the
   * path alone does.
   */
  rename?(request: Tape, model: string): readonly ByteEdit[]
  /** The bytes that add a message to a request; undefined where the dialect has no messages. */
  insert?(request: Tape, message: { role: string; text: string }, at: 'start' | 'end'): ByteEdit
  /**
   * The bytes that put words before and behind those of the system, where these stand apart from the messages: then `insert`
   * is never asked for a message of the system's.
   */
  instruct?(request: Tape, before: readonly string[], behind: readonly string[]): readonly ByteEdit[]
  /** Where the request bounds its answer. Left out where a model writes no text. */
  readonly length?: Length
  /** True where no vendor bills anything for the call. */
  readonly free?: true
  /** The bytes that make a stream report its usage; undefined where it does so already. */
  askForUsage?(request: Tape): ByteEdit | undefined
  /**
   * The provider's own usage object in the house's terms; undefined where it holds none. `earlier` is what the same stream told
   * before, of which some dialects say again only what has changed; `answer` is what it stands in, a whole answer or a frame.
   */
  usage(raw: unknown, earlier?: Usage, answer?: Tape): Usage | undefined
  /** A whole answer of the gateway's own. Undefined where the dialect cannot express one. */
  answer?(reply: Reply): string
  /** The body of an error reply. */
  error(error: GatehouseError): string
}
