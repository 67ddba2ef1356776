// Budgets of the config: from what the operator wrote to what is counted, and what a schema cannot say of them. Called by
// config/normalise.ts and config/consistency.ts.
import type { BudgetConfig } from './config.ts'
import { BUDGET } from './defaults.ts'
import type { WrittenBudget } from './schema.ts'
import { duration } from './units.ts'

/** Billionths of a US dollar: sums of whole numbers are exact up to nine million dollars. */
const NANO = 1_000_000_000
const PERIODS = ['day', 'week', 'month'] as const
/** Milliseconds: stretches of a window are a tenth of it. */
const SHORTEST_WINDOW = 1000

/** Fills in what is left out, and reckons units. */
export function normaliseBudget({ limit, floor = 0, window, match: { tags, ...names } = {}, ...written }: WrittenBudget): BudgetConfig {
  const unit = written.of === 'cost' ? NANO : 1
  return {
    ...BUDGET,
    ...written,
    limit: Math.floor(limit * unit),
    floor: Math.floor(floor * unit),
    window: windowOf(written.of, window),
    match: { ...listed(names), ...tags && { tags: listed(tags) } },
  }
}

function listed(choices: Readonly<Record<string, string | string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(choices).map(([name, choice]) => [name, [choice].flat()]))
}

/** Requests at once have none; one that is written all the same is complained of below. */
function windowOf(of: BudgetConfig['of'], written: WrittenBudget['window']): BudgetConfig['window'] {
  if (of === 'concurrency' && written === undefined) return { kind: 'held' }
  if (written === undefined || written === 'total') return { kind: 'total' }
  const period = PERIODS.find(one => one === written)
  return period === undefined ? { kind: 'sliding', ms: duration(written) } : { kind: 'calendar', period }
}

/** Reports what is wrong with budgets, each by itself. */
export function checkBudgets(
  budgets: readonly BudgetConfig[], report: (at: readonly (string | number)[], expected: string, got: string, message?: string) => void,
): void {
  for (const [index, { of, limit, window, mode, floor }] of budgets.entries()) {
    const at = ['budgets', index]
    if (of === 'concurrency' && window.kind !== 'held') report([...at, 'window'], 'no window, since requests at once are counted while they run', window.kind)
    if (window.kind === 'sliding' && window.ms < SHORTEST_WINDOW) report([...at, 'window'], 'a duration of at least 1s', `${window.ms}ms`)
    if (limit < 1) report([...at, 'limit'], 'at least 1', 'less than that')
    if (!Number.isSafeInteger(limit)) {
      report([...at, 'limit'], of === 'cost' ? 'at most 9000000 dollars' : 'a smaller number', 'more than can be counted exactly')
    }
    if (mode === 'strict' && floor > 0) {
      report([...at, 'floor'], 'no floor, since the budget is strict', String(floor), 'what is used without the store may pass the limit; `mode: optimistic` allows that')
    }
  }
}
