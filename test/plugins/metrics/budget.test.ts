import assert from 'node:assert/strict'
import { test } from 'node:test'
import { budgetMetrics } from '../../../plugins/metrics/budget.ts'

test('without budgets there is nothing to tell', () => assert.deepEqual(budgetMetrics([]), []))

test('budgets are told by name, and money in dollars', () => {
  const metrics = budgetMetrics([
    { name: 'rate', of: 'requests', limit: 10, used: 4, refused: 2, left: 6 },
    { name: 'spend', of: 'cost', limit: 2e9, used: 5e8, refused: 0, left: 15e8 },
  ])
  const told = Object.fromEntries(metrics.map(({ name, values }) => [name, values.map(({ labels, value }) => [labels['budget'], value])]))
  assert.deepEqual(told, {
    gatehouse_budget_used_total: [['rate', 4], ['spend', 0.5]],
    gatehouse_budget_refusals_total: [['rate', 2], ['spend', 0]],
    gatehouse_budget_left: [['rate', 6], ['spend', 1.5]],
    gatehouse_budget_limit: [['rate', 10], ['spend', 2]],
  })
})
