// The budgets as metrics: by budget, never by whom it counts, of whom there may be many. Used by ../metrics.ts.
import type { BudgetNumbers } from 'gatehouse/sdk'
import { metric, type Metric } from './series.ts'

/** Nothing where there are no budgets. Cost is in US dollars. */
export function budgetMetrics(budgets: readonly BudgetNumbers[]): Metric[] {
  if (budgets.length === 0) return []
  const amount = (of: BudgetNumbers['of'], value: number): number => of === 'cost' ? value / 1e9 : value
  return [
    metric('gatehouse_budget_used_total', 'What was used of a budget, over all that it counts.', 'counter',
      budgets.map(({ name, of, used }) => [{ budget: name, of }, amount(of, used)])),
    metric('gatehouse_budget_refusals_total', 'Requests that a budget refused.', 'counter',
      budgets.map(({ name, refused }) => [{ budget: name }, refused])),
    metric('gatehouse_budget_left', 'The least that is left of any count of a budget.', 'gauge',
      budgets.map(({ name, of, left }) => [{ budget: name, of }, amount(of, left)]), 'min'),
    metric('gatehouse_budget_limit', 'The limit of a budget.', 'gauge',
      budgets.map(({ name, of, limit }) => [{ budget: name, of }, amount(of, limit)]), 'min'),
  ]
}
