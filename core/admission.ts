// What one request has taken of the budgets that count it, and what it gives back. All that it asks of them at once it gets,
// or nothing of it. Made by admit.ts; asked again by reservation.ts, stream.ts, reply.ts and settle.ts.
import type { Budget, Spender } from './budget.ts'
import type { Lease } from './lease.ts'
import type { Leases } from './leases.ts'
import { refusalFor } from './over-budget.ts'
import { limitHeaders } from './limit-headers.ts'

/** A budget that counts the request, and the lease on the count that it belongs to. */
export interface Share {
  readonly budget: Budget
  readonly lease: Lease
  /** What the request came to, once that is settled. */
  spent: number | undefined
}

interface Hold extends Share {
  amount: number
  mark: number
}

/** Milliseconds that a request waits for all that it asks at once: several answers of the counter above. */
const PATIENCE = 1200
/** Tokens that a stream takes at once, when it has written what was set aside for it. */
const MORE = 256

/** The budgets of one request. */
export class Admission {
  readonly shares: readonly Share[]
  readonly #leases: Leases
  readonly #holds: Hold[] = []
  #isOver = false
  /** Tokens that the answer may have by the gateway's own word, since the client named no most; undefined where it did. */
  bound: number | undefined = undefined
  /** Of the answer, what is set aside in budgets that go by estimates; NaN where none does. */
  expected = Number.NaN

  constructor(leases: Leases, budgets: readonly Budget[], spender: Spender) {
    this.#leases = leases
    this.shares = budgets.map(budget => ({ budget, lease: leases.lease(budget.keyOf(spender), budget), spent: undefined }))
    for (const { lease } of this.shares) lease.users++
  }

  /**
   * Takes an amount of each budget that `of` names one for. Throws, or rejects, where one of them has too little left, and then
   * the request has nothing any more.
   */
  take(of: (budget: Budget) => number | undefined): void | Promise<void> {
    const wanted: Hold[] = []
    for (const share of this.shares) {
      const amount = of(share.budget)
      if (amount !== undefined) wanted.push({ ...share, amount, mark: 0 })
    }
    const short = this.#try(wanted)
    return short === undefined ? undefined : this.#wait(wanted, short)
  }

  /** True where tokens or money are counted. */
  get spends(): boolean { return this.#holds.some(({ budget: { of } }) => of === 'tokens' || of === 'cost') }

  /**
   * What budgets of this kind count for the request: what is set aside, and once it is settled, what it came to. Where they
   * differ, the most. Undefined where there is no such budget.
   */
  charged(of: Budget['of']): number | undefined {
    const charges = this.shares.filter(({ budget }) => budget.of === of)
      .map(({ budget, spent }) => spent ?? sumOf(this.#holds.filter(hold => hold.budget === budget)))
    return charges.length === 0 ? undefined : Math.max(...charges)
  }

  /**
   * Gives back what was not used, by the budget; undefined where all of it was, or nobody knows. The first call ends it: a
   * request that was refused has nothing any more.
   */
  settle(used: (budget: Budget) => number | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const share of this.shares) {
      const { budget, lease } = share
      lease.users--
      const holds = this.#holds.filter(hold => hold.budget === budget)
      if (holds.length === 0) continue
      const taken = sumOf(holds)
      const spent = used(budget) ?? taken
      share.spent = spent
      if (spent > taken) lease.owe(spent - taken)
      let left = Math.max(0, taken - spent)
      for (const { amount, mark } of holds) {
        lease.giveBack(Math.min(amount, left), mark)
        left -= Math.min(amount, left)
      }
      if (budget.of !== 'concurrency') budget.tally.used += spent
    }
    this.#holds.length = 0
  }

  /**
   * False where a stream has written more than was set aside for it, and no more is to be had. `tokens` is an estimate, so only
   * budgets that go by estimates are asked.
   */
  goesOn(tokens: number, priceOf: (tokens: number) => number): true | Promise<boolean> {
    if (tokens <= this.expected || Number.isNaN(this.expected)) return true
    const wanted = Math.max(MORE, tokens - this.expected)
    this.expected += wanted
    const more = this.shares.filter(({ budget: { mode, of } }) => mode === 'optimistic' && (of === 'tokens' || of === 'cost'))
      .map((share): Hold => ({ ...share, amount: share.budget.of === 'cost' ? priceOf(wanted) : wanted, mark: 0 }))
    const short = this.#try(more)
    return short === undefined || this.#waitFor(more, short).then(over => over === undefined)
  }

  /** Tells the client what is left, in the words of OpenAI's API. */
  tell(headers: string[]): void { limitHeaders(this.shares, headers, performance.now()) }

  /** Takes all of it, or nothing: then returns what there was too little of. */
  #try(wanted: readonly Hold[]): Hold | undefined {
    const now = performance.now()
    for (const [at, hold] of wanted.entries()) {
      if (!hold.lease.take(hold.amount, now)) {
        for (const taken of wanted.slice(0, at)) taken.lease.giveBack(taken.amount, taken.mark)
        return hold
      }
      hold.mark = hold.lease.mark
    }
    for (const hold of wanted) {
      this.#holds.push(hold)
      if (hold.lease.isLow) this.#leases.replenish(hold.lease)
    }
    return undefined
  }

  async #wait(wanted: readonly Hold[], first: Hold): Promise<void> {
    const short = await this.#waitFor(wanted, first)
    if (short === undefined) return
    this.settle(() => 0)
    short.budget.tally.refused++
    throw refusalFor(short, short.amount, performance.now())
  }

  /** What there is too little of, after all. */
  async #waitFor(wanted: readonly Hold[], first: Hold): Promise<Hold | undefined> {
    const until = performance.now() + PATIENCE
    let short: Hold | undefined = first
    for (; short !== undefined; short = this.#try(wanted)) {
      const now = performance.now()
      if (short.amount > short.budget.limit || now > until || !this.#leases.mayBring(short.lease, now)) break
      await this.#leases.more(short.lease, short.amount)
    }
    return short
  }
}

const sumOf = (holds: readonly Hold[]): number => holds.reduce((sum, { amount }) => sum + amount, 0)
