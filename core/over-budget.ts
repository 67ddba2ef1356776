// A budget that has too little left, as an error: whether it pays to try again, when, and what would help. Used by
// admission.ts, and by stream.ts for what is under way.
import { GatehouseError, type ErrorCode } from '../sdk/index.ts'
import type { Budget } from './budget.ts'
import type { Share } from './admission.ts'

/** Thrown where a stream has used up what there was for it: it ends as cut for its length. */
export class CutShort extends GatehouseError {
  constructor() {
    super('budget_exhausted', 'A budget was used up before the answer was complete.')
  }
}

const UNITS: Readonly<Record<Budget['of'], string>> = { requests: 'requests', tokens: 'tokens', cost: 'dollars', concurrency: 'requests at once' }

/** The refusal for an amount that a budget has not left. */
export function refusalFor({ budget, lease }: Share, amount: number, now: number): GatehouseError {
  const { of, limit, name } = budget
  const allows = `The budget "${name}" allows ${of === 'cost' ? limit / 1e9 : limit} ${UNITS[of]}${spanOf(budget)}`
  if (amount > limit) {
    const may = of === 'requests' || of === 'concurrency' ? '' : ', fewer than this one request may need: name a lower limit of tokens, or send less'
    return new GatehouseError(codeOf(budget, true), `${allows}${may}.`)
  }
  // What is left would do, and yet nothing came: whoever counts cannot be asked.
  if (lease.left + lease.free >= amount) return new GatehouseError('unavailable', `The budget "${name}" cannot be asked just now.`, { retryAfter: 1 })
  const code = codeOf(budget, false)
  const wait = of === 'concurrency' ? 1 : Math.max(1, Math.ceil((lease.resetAt - now) / 1000))
  const more = code === 'budget_exhausted' || !Number.isFinite(wait) ? {} : { retryAfter: wait }
  return new GatehouseError(code, `${allows}, and too little of it is left.`, more)
}

/** Money, and what never comes back, is not to be tried again; nor is what only a new day brings. */
function codeOf({ of, window }: Budget, never: boolean): ErrorCode {
  if (of === 'cost' || window.kind === 'total') return 'budget_exhausted'
  return never || window.kind === 'calendar' ? 'quota_exceeded' : 'rate_limited'
}

function spanOf({ window }: Budget): string {
  switch (window.kind) {
    case 'sliding': return ` in ${window.ms / 1000} s`
    case 'calendar': return ` a ${window.period}`
    default: return ''
  }
}
