// The budgets of one config, and the leases and tallies of the process that outlive it. Made by gateway.ts out of what the
// process keeps; asked by admit.ts.
import type { BudgetConfig, Config } from '../config/config.ts'
import type { BudgetNumbers, Counter, Grant } from '../sdk/index.ts'
import { compileBudget, type Budget, type BudgetTally } from './budget.ts'
import { Leases, TO_STORE } from './leases.ts'
import { loadCounter } from './registry.ts'

/** What a process keeps while configs change. */
export class Holdings {
  readonly leases: Leases
  readonly #tallies = new Map<string, BudgetTally>()

  constructor(leases: Leases) {
    this.leases = leases
  }

  /** The tally of a budget, by its name. */
  tally(name: string): BudgetTally {
    const tally = this.#tallies.get(name) ?? { used: 0, refused: 0 }
    this.#tallies.set(name, tally)
    return tally
  }
}

/** The budgets of one config. */
export class Treasury {
  readonly budgets: readonly Budget[]
  readonly leases: Leases
  readonly #own: boolean

  /** Without holdings of the process, the leases are this config's own, and end with it. */
  constructor(config: Pick<Config, 'budgets' | 'counter' | 'state'>, holdings?: Holdings) {
    const kept = holdings ?? new Holdings(new Leases(countingFor(config), TO_STORE))
    this.#own = holdings === undefined
    this.leases = kept.leases
    this.budgets = config.budgets.map((budget: BudgetConfig) => compileBudget(budget, kept.tally(budget.name)))
  }

  /** What the budgets come to, in this process. */
  get numbers(): BudgetNumbers[] {
    return this.budgets.map(({ name, of, limit, tally: { used, refused } }) => {
      const known = [...this.leases.all].filter(({ key }) => key.startsWith(`${name}/`))
      const left = known.length === 0 ? limit : Math.min(...known.map(lease => Math.min(limit, lease.left + lease.free)))
      return { name, of, limit, used, refused, left }
    })
  }

  async close(): Promise<void> {
    if (this.#own) await this.leases.close()
  }
}

/** The counter that a config names, opened when it is first asked. */
export function countingFor({ counter: { use, options }, state }: Pick<Config, 'counter' | 'state'>): Counter {
  let opening: Promise<Counter> | undefined
  const open = (): Promise<Counter> => opening ??= loadCounter(use).then(definition => definition.open({ directory: state, options }))
  return {
    take: async (asks): Promise<readonly Grant[]> => (await open()).take(asks),
    close: async () => (await opening)?.close(),
  }
}
