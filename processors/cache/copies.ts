// Answers that were given, by the key of their question: the least used go first where there is no more room, and none
// stays beyond its time. One per step.

/** An answer that may be given again. */
export interface Copy {
  readonly text: string
  /** When it was answered, in milliseconds since 1970; and that in words, with whose question it was. */
  readonly at: number
  readonly source: string
  /** By any of which it can be forgotten. */
  readonly tags: readonly string[]
}

/** What an entry takes beside its text, in bytes: keys, tags and the map's own. */
const FRAME = 500

/** Answers by key. */
export class Copies {
  readonly #copies = new Map<string, Copy>()
  readonly #most: number
  readonly #ttl: number
  #bytes = 0

  /** `most` bytes, of which a character is two; `ttl` in milliseconds. */
  constructor(most: number, ttl: number) {
    this.#most = most
    this.#ttl = ttl
  }

  /** The answer under a key, as far as it is still good. */
  find(key: string): Copy | undefined {
    const copy = this.#copies.get(key)
    if (copy === undefined) return undefined
    this.#drop(key, copy)
    if (copy.at + this.#ttl <= Date.now()) return undefined
    this.#add(key, copy)
    return copy
  }

  put(key: string, copy: Copy): void {
    const known = this.#copies.get(key)
    if (known !== undefined) this.#drop(key, known)
    if (sizeOf(copy) > this.#most) return
    this.#add(key, copy)
    for (const [oldest, least] of this.#copies) {
      if (this.#bytes <= this.#most) return
      this.#drop(oldest, least)
    }
  }

  /** Forgets what has one of these tags; says how many. */
  forget(tags: readonly string[]): number {
    const { size } = this.#copies
    for (const [key, copy] of this.#copies) if (copy.tags.some(tag => tags.includes(tag))) this.#drop(key, copy)
    return size - this.#copies.size
  }

  #add(key: string, copy: Copy): void {
    this.#copies.set(key, copy)
    this.#bytes += sizeOf(copy)
  }

  #drop(key: string, copy: Copy): void {
    this.#copies.delete(key)
    this.#bytes -= sizeOf(copy)
  }
}

const sizeOf = ({ text }: Copy): number => FRAME + 2 * text.length
