// The processor contract: what a processor may see, what it may say, and what the gateway promises about both.
// A processor says what it saw; only the gateway edits. Everything that crosses this contract is plain data, so the
// same processor runs on the I/O loop, in a thread or in an isolate, and gives the same result in each.
import type { Static, TSchema } from 'typebox'
import type { Equipment } from './equipment.ts'
import type { Reads, Segment } from './segment.ts'
import type { Usage } from './usage.ts'

/**
 * What a processor is, fixed at definition; it decides which scheduling is legal.
 *
 * - `detector`: segments -> findings. Pure: same input, same findings, nothing remembered between calls. May run in a
 *   group, beside the upstream call, on a thread, in an isolate.
 * - `transform`: conversation -> changes (insert a message, replace a text, set a parameter). Pure; always in order.
 * - `responder`: may answer instead of the upstream (a cache, a canned refusal).
 * - `observer`: read-only, called after the last byte left; it can neither delay nor fail a request.
 */
export type Kind = 'detector' | 'transform' | 'responder' | 'observer'

/**
 * What a processor may cause. A definition lists the most that it will ever ask for; the operator grants that or less.
 * A result that goes further has no effect beyond what was granted: a finding becomes a note, a change or an answer is
 * an error of that step.
 */
export type Right = 'annotate' | 'edit' | 'block' | 'respond'

/**
 * What the gateway does about a finding. Only the last five reach the traffic.
 *
 * - `allow`: nothing, not even a note. `annotate`: a note in the record.
 * - `mask`: every letter and digit becomes `*`; what stands between stays.
 * - `replace`: the finding's `replacement`, or its type in brackets: `[EMAIL]`.
 * - `hash`: a short keyed hash, the same for the same value within a request.
 * - `tokenize`: a placeholder that the way up turns back into the value. On an answer there is nobody who could turn
 *   it back, so it means `replace` there.
 * - `block`: the request or answer ends here.
 */
export type Action = 'allow' | 'annotate' | 'mask' | 'replace' | 'hash' | 'tokenize' | 'block'

/**
 * A span of text and what it is. Offsets are UTF-16 code units into `Segment.text`, `start` inclusive, `end` exclusive.
 * Overlapping findings are merged by the gateway: the longer names the span, then the higher score, then the earlier.
 */
export interface Finding {
  readonly segment: number
  readonly start: number
  readonly end: number
  /** What it is, lower case: `email`, `card`, `violence`. Becomes a metric label, so keep the set small. */
  readonly type: string
  /** Confidence from 0 to 1. Default 1. */
  readonly score?: number
  /** What the processor proposes; the step's `actions` in the config have the last word. Default `annotate`. */
  readonly action?: Action
  /** The text to put in place of the span, for `replace`. */
  readonly replacement?: string
}

/** What a transform asks for. Every change is checked against the step's rights before anything is touched. */
export type Change =
  | {
    readonly change: 'insert'
    readonly role: 'system' | 'developer' | 'user' | 'assistant'
    readonly text: string
    readonly at: 'start' | 'end'
    /** Whose words they are: the operator's own (`gateway`, the default), or quoted (`file`), which the steps below then judge as untrusted. */
    readonly origin?: 'gateway' | 'file'
  }
  | { readonly change: 'replace'; readonly segment: number; readonly text: string }
  | { readonly change: 'set'; readonly parameter: string; readonly value: string | number | boolean | null }

/** An answer that a responder gives in place of the upstream. */
export interface Answer {
  readonly text: string
  /** Default `stop`. */
  readonly finish?: 'stop' | 'content_filter'
  /** A word for the record, the metrics and the header `x-gatehouse-NAME` of the step: `hit`. A lower-case letter, then up to 31 of `a-z0-9-`. */
  readonly note?: string
  /** Where it comes from, for the record: facts, never text of the traffic; at most 200 printable ASCII characters. */
  readonly source?: string
}

/** What a responder says that has no answer but something to note: `miss`. */
export interface NoAnswer {
  readonly text?: undefined
  readonly note: string
  readonly source?: string
}

/** An answer from upstream that may be given again: nothing but text, one choice, complete, and neither edited nor blocked by any step. */
export interface Answered {
  /** As the upstream gave it: placeholders are not yet turned back. */
  readonly text: string
  readonly usage: Usage | undefined
}

/** Which way a text travels: down to the model, or up to the client. */
export type Direction = 'request' | 'response'

/** What a processor knows about the call it serves. */
export interface Scope {
  readonly direction: Direction
  readonly dialect: string
  readonly route: string
  readonly model: string
  readonly consumer: string
  readonly tags: Readonly<Record<string, string>>
  /** Milliseconds left for this call. */
  readonly remaining: number
}

/** A request as transforms see it. */
export interface Conversation {
  readonly model: string
  readonly stream: boolean
  readonly segments: readonly Segment[]
}

/** A request as responders see it. Key and setting are empty for one that does not learn, and in a dialect that has no words for an answer. */
export interface Question extends Conversation {
  /**
   * SHA-256 (base64url) of all that decides the answer: the request as the steps above left it, the headers that go upstream with it, the
   * route with its targets and its chain as they are configured. How the answer is to come (whole, streamed) is not in it,
   * nor is who asks. Equal keys, equal questions.
   */
  readonly key: string
  /** The same without `latest`: equal for two questions that differ in nothing but what the user said last. */
  readonly setting: string
  /** Id of the segment that the user said last; -1 where the step reads none. */
  readonly latest: number
  /** What the caller says of answers that were given before (`cache-control`, RFC 9111 section 5.2.1): `renew` (no-cache) wants a new one, `never` (no-store) wants none kept either. */
  readonly reuse: 'any' | 'renew' | 'never'
}

/** One finished exchange, as observers see it. */
export interface Exchange {
  readonly id: string
  /** When the request arrived, in milliseconds since 1970. */
  readonly at: number
  readonly dialect: string
  readonly route: string
  readonly consumer: string
  readonly tags: Readonly<Record<string, string>>
  readonly provider: string
  /** The model that the target was asked for. */
  readonly model: string
  readonly status: number
  readonly streamed: boolean
  /** `complete`, or why the answer ended early. */
  readonly ending: 'complete' | 'blocked' | 'client_closed' | 'upstream_failed' | 'deadline' | 'refused'
  /** True for a call that no vendor bills: one that counts tokens, say. */
  readonly free: boolean
  /** What the provider reported, or undefined where it reported nothing. */
  readonly usage: Usage | undefined
  /**
   * Texts of both directions as the upstream saw them; only what the observer's `reads` covers, bounded: a stream's as far as 4 million
   * UTF-16 code units, over all of its lines. Each text is whole, also where it came in pieces.
   */
  readonly asked: readonly string[]
  readonly answered: readonly string[]
}

/** What an observer adds to the record, the ledger and the metrics. */
export interface Notes {
  /** Where it knows better than the provider. What it costs, the house reckons. */
  readonly usage?: Usage
}

/** A detector, set up. */
export interface Detector {
  /**
   * Finds. MUST be pure and MUST return findings for the given segments only. A throw, a timeout or a malformed result
   * meets the step's `onError` / `onTimeout`; it is never taken for "nothing found".
   */
  inspect(segments: readonly Segment[], scope: Scope): readonly Finding[] | Promise<readonly Finding[]>
  /**
   * The offset from which the end of `text` may still become, or become part of, a finding when more text follows;
   * `text.length` where nothing is open. With it the gateway holds back just that tail of a stream; without it, the
   * last `stream.maxMatch` characters. MUST be pure, cheap, and MUST NOT be larger than the truth: what is before it is
   * released to the client for good.
   */
  undecided?(text: string): number
}

/** A document, as `gatehouse index` reads it. */
export interface Document {
  /** Below the folder that was given, with slashes. */
  readonly path: string
  readonly text: string
}

/** A transform, set up. */
export interface Transform {
  transform(conversation: Conversation, scope: Scope): readonly Change[] | Promise<readonly Change[]>
  /**
   * Takes a document, or what became of it, into what the step looks things up in. Resolves with its passages, and how many of them
   * are new or were removed. Called by `gatehouse index` alone.
   */
  take?(document: Document): Promise<{ readonly passages: number; readonly added: number; readonly removed: number }>
  /** Forgets every document but these. Resolves with how many passages are gone. */
  keep?(paths: readonly string[]): Promise<number>
}

/** A responder, set up. */
export interface Responder {
  respond(question: Question, scope: Scope): Answer | NoAnswer | undefined | Promise<Answer | NoAnswer | undefined>
  /**
   * Called once for every question that `respond` did not answer, when the exchange is over; it can neither delay nor fail a request.
   * `answered` is undefined where the answer must not be given again, or there was none. What it returns is noted in the record
   * as a `note` is. It gets the very object that `respond` got. A responder that learns runs inline: threads and sandboxes would each remember something else.
   */
  learn?(question: Question, answered: Answered | undefined, scope: Scope): string | undefined | Promise<string | undefined>
  /** Forgets what it learned under one of these tags (what a tag is, the responder says). Resolves with how many. */
  forget?(tags: readonly string[]): number | Promise<number>
}

/** An observer, set up. */
export interface Observer {
  observe(exchange: Exchange): Notes | undefined | Promise<Notes | undefined>
}

/**
 * How much of a stream a detector must see before it can speak. From it the gateway derives the delivery of the stream:
 * the least holding back that keeps this law: **the text that a client receives from a stream equals what the whole
 * answer would have given, for every way of cutting it.**
 *
 * The law holds for a detector whose findings are local: whether `[start, end)` is a finding depends on nothing but the
 * text from `start - lookbehind` to `start + maxMatch + lookahead`. On a stream `Segment.text` begins with at most
 * `lookbehind` characters that already left (findings inside them are ignored) and then what is held.
 */
export interface StreamNeeds {
  /** Longest possible finding, in UTF-16 code units. */
  readonly maxMatch?: number
  /** Characters before a finding that it depends on. Default 1 (a word boundary). */
  readonly lookbehind?: number
  /** Characters after a finding that it depends on. Default 1. */
  readonly lookahead?: number
  /**
   * `window` for judgements over a stretch of text (classifiers), `complete` where only the whole will do. Left out
   * together with `maxMatch`, a detector is taken to need `complete`: the safe reading of silence.
   */
  readonly delivery?: 'window' | 'complete'
  /**
   * With `window`: each call gets one stretch of so many UTF-16 code units, of which the next stretch begins with the last
   * `overlap`. Whole texts are cut in the same way. Default 1000 and 200.
   */
  readonly window?: { readonly size: number; readonly overlap: number }
}

/** What `setup` returns for each kind. */
export interface Instances {
  readonly detector: Detector
  readonly transform: Transform
  readonly responder: Responder
  readonly observer: Observer
}

/** A processor as its file exports it by default. */
export interface ProcessorDefinition<K extends Kind = Kind, O extends TSchema = TSchema> {
  /** The name of the file, of the step in the config, of the metric label. */
  readonly name: string
  /** Shown in explain records. Default `1`. */
  readonly version?: string
  readonly kind: K
  readonly rights: readonly Right[]
  readonly reads?: Reads
  /** Which way a detector looks. Default: both. Transforms and responders act on the request. */
  readonly on?: readonly Direction[]
  readonly stream?: StreamNeeds
  /** The same, where options decide it. */
  streamFor?(options: Static<O>): StreamNeeds
  /**
   * Host and port that texts are sent to, for a processor that asks a service elsewhere; operators are shown it. Such a step
   * runs inline alone, and has a breaker where the config says nothing. What its errors say is told to operators, so they MUST
   * NOT hold a text or a secret.
   */
  sendsTo?(options: Static<O>): string
  /**
   * True where a finding depends on nothing but the text of its own segment, the segment's origin and channel, and the
   * scope without `remaining`. The gateway may then remember verdicts, and ask only about texts that are new. Default false.
   */
  readonly remembers?: boolean
  /** `usage` makes the gateway ask the upstream for token counts on streams that would come without. */
  readonly needs?: readonly 'usage'[]
  /** Default failure policy where the config says nothing: does traffic pass unguarded (`open`) or stop (`closed`)? */
  readonly onError?: 'open' | 'closed'
  /** Default mode where the config says nothing. Default `enforce`. */
  readonly mode?: 'enforce' | 'shadow'
  /** JSON schema of the options, by TypeBox; the config is checked against it with path and line. */
  readonly options?: O
  /**
   * Called once per config, never per request: compile patterns, load data, build tables here. `equipment` is there for steps
   * that run inline.
   */
  setup(options: Static<O>, equipment?: Equipment): Instances[K] | Promise<Instances[K]>
}

/**
 * Defines a processor. An identity function: it exists for its types and to mark what a file's default export is.
 *
 * @example
 * export default defineProcessor({
 *   name: 'no-project-names',
 *   kind: 'detector',
 *   rights: ['edit', 'annotate'],
 *   reads: { origins: ['user', 'tool_result'] },
 *   stream: { maxMatch: 40 },
 *   options: Type.Object({ names: Type.Array(Type.String()) }),
 *   setup({ names }) {
 *     return { inspect: segments => segments.flatMap(s => names.flatMap(name => find(s, name))) }
 *   },
 * })
 */
export function defineProcessor<K extends Kind, O extends TSchema>(definition: ProcessorDefinition<K, O>): ProcessorDefinition<K, O> {
  return definition
}
