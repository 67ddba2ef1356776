// The keys of a provider, which requests take in turn. One that is throttled rests, one that is refused is left out as long
// as there is another. Made by gateway.ts, one ring for each provider; turned and fed by asking.ts.
import type { Credential } from './token.ts'
import type { Troubles } from './troubles.ts'

/** A credential, as the connection that carries it. */
export interface Key {
  readonly connection: Credential
  /** What operators know it by: `key 2`. */
  readonly name: string
  /** When it may be used again, by the provider's word; performance time. */
  restsUntil: number
  /** Until when others are used in its place; 0 where it was not refused. Performance time. */
  outUntil: number
}

/** The longest that a key rests, whatever the provider asks for, and as long as one rests whose provider does not say. Milliseconds. */
const REST = { most: 60_000, least: 1_000 }
/** How long a key is left out that was refused: it may be restored or paid for. Milliseconds. */
const OUT = 5 * 60_000

/** What a provider's answer says of the key: that it is unknown, unpaid for, or not allowed this. */
export const isRefusal = (status: number): boolean => status === 401 || status === 402 || status === 403

/** The keys of one provider. */
export class KeyRing {
  readonly provider: string
  readonly #keys: readonly Key[]
  readonly #troubles: Troubles
  #turn = 0

  constructor(provider: string, connections: readonly Credential[], troubles: Troubles) {
    this.provider = provider
    this.#keys = connections.map((connection, index) => ({ connection, name: `key ${index + 1}`, restsUntil: 0, outUntil: 0 }))
    this.#troubles = troubles
  }

  get areSeveral(): boolean { return this.#keys.length > 1 }

  /** Milliseconds until one may be used; 0 for now. */
  restAt(now: number): number {
    if (!this.areSeveral) return 0
    return Math.min(...this.#able(now).map(({ restsUntil }) => Math.max(0, restsUntil - now)))
  }

  /** The key whose turn it is; `spent` are those that the request has had. Undefined where none is left that may be used. */
  take(now: number, spent: readonly Key[] = NONE): Key | undefined {
    const able = this.areSeveral ? this.#able(now) : this.#keys
    for (let step = 0; step < this.#keys.length; step++) {
      const index = (this.#turn + step) % this.#keys.length
      const key = this.#keys[index]!
      if (key.restsUntil > now || spent.includes(key) || !able.includes(key)) continue
      this.#turn = index + 1
      return key
    }
    return undefined
  }

  /** A call with the key was answered. `rest` is how long the provider asked to be left alone, in milliseconds. */
  answered(key: Key, status: number, now: number, rest: number): void {
    // There is none to take the place of the only one.
    if (!this.areSeveral) return
    if (status === 429) key.restsUntil = now + Math.min(REST.most, Math.max(REST.least, rest))
    else if (isRefusal(status)) this.#refuse(key, status, now)
    else if (key.outUntil > 0) this.#restore(key)
  }

  /** Those that were not refused; where all were, the one that this was longest ago: it may be no key's fault. */
  #able(now: number): readonly Key[] {
    const able = this.#keys.filter(({ outUntil }) => outUntil <= now)
    return able.length > 0 ? able : [this.#keys.toSorted((a, b) => a.outUntil - b.outUntil)[0]!]
  }

  #refuse(key: Key, status: number, now: number): void {
    key.outUntil = now + OUT
    this.#troubles.begin(this.provider, key.name, `refused with ${status}, and left out for as long as there is another`)
  }

  #restore(key: Key): void {
    key.outUntil = 0
    this.#troubles.end(this.provider, key.name)
  }
}

const NONE: readonly Key[] = []
