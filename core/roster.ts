// Who is in just now: a bag that members enter and leave all the time, in no order. Used by house.ts and alarm.ts.

/** A member knows its own place. */
export interface Member {
  /** The member's place in its roster, -1 outside. Belongs to the roster. */
  place: number
}

/**
 * A bag of members. Not a Set: V8 moves a busy Set to a fresh table every few dozen changes, and the old table goes on
 * pointing at the members it had and at the next table. Once one of them has reached the old generation, every scavenge
 * takes all later members for alive, and copies requests that were long over.
 */
export class Roster<M extends Member> {
  readonly #members: M[] = []

  get size(): number { return this.#members.length }

  enter(member: M): void {
    member.place = this.#members.length
    this.#members.push(member)
  }

  /** The last member takes the place that is free now. */
  leave(member: M): void {
    const last = this.#members.pop()!
    if (last !== member) {
      this.#members[member.place] = last
      last.place = member.place
    }
    member.place = -1
  }

  /** The members of this moment; who enters or leaves meanwhile changes nothing. */
  [Symbol.iterator](): Iterator<M> { return [...this.#members].values() }
}
