// Finds the answer to a question that means the same: by an embedder, an index, and guards that see what an embedder does
// not. One per step. Called by cache.ts.
import type { Embedder, Question, VectorIndex } from 'gatehouse/sdk'
import type { Copy } from './copies.ts'
import { disagreement } from './guards.ts'

/** How near a question has to be, and how long a request waits to know. */
export interface NearSettings {
  readonly threshold: number
  /** Milliseconds. */
  readonly wait: number
  /** Milliseconds for which an answer may be given again. */
  readonly ttl: number
}

/** An answer to another question. */
export interface Found {
  readonly copy: Copy
  readonly similarity: number
}

interface Kept extends Copy {
  /** What the user said last. */
  readonly asked: string
}

/** Longer questions say more than one vector can tell. */
const LONGEST = 1000
/** Entries that are shown to the guards: the nearest may be the one that asks about another number. */
const LOOKED_AT = 4
/** Answers of which nobody would say that they differ. */
const ALIKE = 0.9
/** Tomorrow it is another question; and what is behind an address, nobody here knows. */
const PASSING = /\b(?:today|tomorrow|yesterday|tonight|now|current(?:ly)?|latest|recent(?:ly)?|(?:this|next|last) (?:week|month|year))\b|https?:/i

/** The questions of one step by what they mean. */
export class Near {
  readonly #embedder: Embedder
  readonly #index: VectorIndex
  readonly #settings: NearSettings
  /** Questions under way: their vectors, made once. */
  readonly #vectors = new WeakMap<Question, Promise<Float32Array>>()

  constructor(embedder: Embedder, index: VectorIndex, settings: NearSettings) {
    this.#embedder = embedder
    this.#index = index
    this.#settings = settings
  }

  /** The answer to the nearest question that all guards take for the same; undefined as well where there is no time to tell. */
  async find(partition: string, question: Question): Promise<Found | undefined> {
    const text = askedIn(question)
    if (text === undefined) return undefined
    const found = this.#search(partition, question, text)
    // Whoever comes too late still warms what it waited for.
    found.catch(() => {})
    return within(found, this.#settings.wait)
  }

  /** Keeps an answer, unless it is `forgotten` meanwhile. Rejects where the embedder or the index cannot be asked. */
  async keep(partition: string, question: Question, copy: Copy, forgotten: () => boolean): Promise<void> {
    const asked = askedIn(question)
    if (asked === undefined) return
    const payload = JSON.stringify({ ...copy, asked } satisfies Kept)
    const vector = await this.#vectorOf(question, asked)
    if (forgotten()) return
    await this.#index.put([{ id: question.key, partition, vector, payload, expires: copy.at + this.#settings.ttl, tags: copy.tags }])
    // An index elsewhere may have been purged before this came to it.
    if (forgotten()) await this.#index.remove(partition, [question.key])
  }

  /** True where two answers say nearly the same: how often they do not is what a threshold costs. */
  async alike(a: string, b: string): Promise<boolean> {
    if (a === b) return true
    const [one, other] = await this.#embedder.embed([a, b])
    return one!.reduce((sum, value, at) => sum + value * other![at]!, 0) >= ALIKE
  }

  forget(tags: readonly string[]): Promise<number> {
    return this.#index.forget(tags)
  }

  async #search(partition: string, question: Question, text: string): Promise<Found | undefined> {
    const vector = await this.#vectorOf(question, text)
    for (const { similarity, payload } of await this.#index.nearest(partition, vector, LOOKED_AT)) {
      if (similarity < this.#settings.threshold) return undefined
      const { asked, ...copy } = JSON.parse(payload) as Kept
      if (disagreement(asked, text) === undefined) return { copy, similarity }
    }
    return undefined
  }

  #vectorOf(question: Question, text: string): Promise<Float32Array> {
    const known = this.#vectors.get(question)
    if (known !== undefined) return known
    const vector = this.#embedder.embed([text]).then(([one]) => one!)
    this.#vectors.set(question, vector)
    return vector
  }
}

/** What is asked, where nothing but words stands for it: a question of the user, last of all, and no tool has spoken. */
function askedIn({ segments, latest }: Question): string | undefined {
  const last = segments.at(-1)
  if (last?.id !== latest || segments.some(({ origin, channel }) => origin === 'tool_result' || origin === 'file' || channel !== 'text')) return undefined
  return last.text.length > LONGEST || PASSING.test(last.text) ? undefined : last.text
}

function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), ms)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
