// Whether a request may come in: budgets of requests and of requests at once, which are asked before anything is done for it.
// What it costs in tokens is known later, and is reservation.ts's business. Called by proxy.ts.
import { Admission } from './admission.ts'
import type { Context } from './context.ts'

/** Counts the request. Throws, or rejects, where a budget is used up. */
export function admit(context: Context): void | Promise<void> {
  const { budgets, leases } = context.gateway.treasury
  if (budgets.length === 0) return undefined
  const counting = budgets.filter(budget => budget.counts(context))
  if (counting.length === 0) return undefined
  context.admission = new Admission(leases, counting, context)
  return context.admission.take(({ of }) => of === 'requests' || of === 'concurrency' ? 1 : undefined)
}
