// What budgets begin with where the counter forgets: what was used before this start in the windows that still run, as the
// ledger tells it. One per gateway, made by supervisor.ts.
import type { BudgetConfig, Config, LedgerConfig } from '../config/config.ts'
import { beginOf, type Ask, type Counter, type LedgerReader, type UsageColumn, type UsageSum, type Window } from '../sdk/index.ts'
import { compileBudget, type Spender } from './budget.ts'
import type { Logger } from './logger.ts'
import { loadCounter } from './registry.ts'

/** Milliseconds before a ledger that failed is asked again. */
const AGAIN = 1_000
/** Counts of one budget: more than a counter in memory has room for are not asked for. */
const MOST = 200_000

/** What an opening balance is made of. */
export interface OpeningParts {
  readonly budgets: readonly BudgetConfig[]
  readonly keep: LedgerConfig['keep']
  /** The ledger, once it has all that was used before. */
  readonly books: { readonly caughtUp: Promise<Pick<LedgerReader, 'usage'>> }
  readonly store: Counter
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/** The opening balance of a config; undefined where it has no budgets, no ledger that could tell, or a counter that forgets nothing. */
export async function openingBalanceOf(
  { budgets, counter, ledger }: Config, books: OpeningParts['books'] | undefined, store: Counter, log: OpeningParts['log'],
): Promise<OpeningBalance | undefined> {
  if (ledger === false || books === undefined || budgets.length === 0) return undefined
  const { forgets = false } = await loadCounter(counter.use)
  return forgets ? new OpeningBalance({ budgets, keep: ledger.keep, books, store, log }) : undefined
}

/** The opening balance of all budgets of a gateway. To be made before anybody is served. */
export class OpeningBalance {
  readonly #parts: OpeningParts
  /** What comes later is counted as it comes. */
  readonly #until = Date.now()
  #isTold = false

  constructor(parts: OpeningParts) {
    this.#parts = parts
  }

  /** True once the counts hold it. */
  get isTold(): boolean { return this.#isTold }

  /** Resolves when the counts begin with it, or after so many milliseconds: then it is added as soon as the ledger tells it. */
  async tell(ms: number): Promise<void> {
    const { budgets, keep, log } = this.#parts
    for (const { name, window } of budgets) {
      const isKept = keep === 0 || this.#until - sinceOf(window, this.#until) <= keep
      if (!isKept) log.warn({ budget: name }, 'the ledger keeps less than the window of this budget, which begins with what is left there')
    }
    await Promise.race([this.#tell(), pause(ms)])
    if (!this.#isTold) log.warn('the ledger does not tell yet what was used before; until it does, budgets count from this start')
  }

  async #tell(): Promise<void> {
    const { budgets, books, store, log } = this.#parts
    const ledger = await books.caughtUp
    for (let failures = 0; !this.#isTold; failures++) {
      try {
        const asks: Ask[] = []
        for (const budget of budgets) asks.push(...await openingOf(budget, ledger, this.#until))
        // All at once, so that none is told twice.
        await store.take(asks)
        this.#isTold = true
        log.info({ counts: new Set(asks.map(({ key }) => key)).size }, 'the budgets begin with what the ledger says was used')
      } catch (error) {
        if (failures === 0) log.warn({ problem: (error as Error).message }, 'the ledger was asked in vain what the budgets have used')
        await pause(AGAIN)
      }
    }
  }
}

/** What a budget's counts have to be told; one may be told in several parts. */
async function openingOf(config: BudgetConfig, ledger: Pick<LedgerReader, 'usage'>, until: number): Promise<Ask[]> {
  const { limit, window, floor, of } = config
  const since = sinceOf(window, Date.now())
  if (window.kind === 'held' || since >= until) return []
  const budget = compileBudget(config, { used: 0, refused: 0 })
  const by = columnsOf(config)
  const sums = await ledger.usage({ since, until, by, where: {}, most: MOST })
  return sums.flatMap(sum => {
    const spender = spenderOf(by, sum.group)
    const over = usedOf(of, sum)
    return over > 0 && budget.counts(spender) ? [{ key: budget.keyOf(spender), limit, window, floor, want: 0, back: 0, mark: 0, over }] : []
  })
}

/** When the window began that runs now. */
function sinceOf(window: Window, now: number): number {
  switch (window.kind) {
    case 'sliding': return now - window.ms
    case 'calendar': return beginOf(window.period, now)
    case 'total': return 0
    case 'held': return now
  }
}

/** All that a budget looks at. */
function columnsOf({ each, match: { tags = {}, ...names } }: BudgetConfig): UsageColumn[] {
  const looks = new Set([...each, ...Object.keys(names), ...Object.keys(tags).map(name => `tags.${name}`)])
  return [...looks].map(name => (name === 'model' ? 'asked' : name) as UsageColumn)
}

/** Whose the usage of a group was, as far as its columns tell. */
function spenderOf(by: readonly UsageColumn[], group: readonly string[]): Spender {
  const value = (column: UsageColumn): string => group[by.indexOf(column)] ?? ''
  const tags = by.filter(column => column.startsWith('tags.') && value(column) !== '').map(column => [column.slice('tags.'.length), value(column)])
  const route = value('route')
  return {
    consumer: { name: value('consumer'), key: value('key'), tags: Object.fromEntries(tags) as Record<string, string>, rights: [] },
    model: value('asked'),
    route: route === '' ? undefined : { name: route },
  }
}

function usedOf(of: BudgetConfig['of'], { requests, chargedTokens, chargedCost }: UsageSum): number {
  switch (of) {
    case 'requests': return requests
    case 'tokens': return chargedTokens
    case 'cost': return Math.min(Number(chargedCost), Number.MAX_SAFE_INTEGER)
    case 'concurrency': return 0
  }
}

const pause = (ms: number): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms).unref() })
