// Headers that tell a client what is left of its limits, as OpenAI's API has them and official clients read them. Used by
// admission.ts.
import type { Share } from './admission.ts'

/** Adds the headers of the limit of requests, and of that of tokens, that is nearest to its end. */
export function limitHeaders(shares: readonly Share[], headers: string[], now: number): void {
  for (const kind of ['requests', 'tokens'] as const) {
    let nearest: Share | undefined
    for (const share of shares) {
      if (share.budget.of !== kind || share.budget.window.kind === 'total') continue
      if (nearest === undefined || leftOf(share) < leftOf(nearest)) nearest = share
    }
    if (nearest === undefined) continue
    headers.push(
      `x-ratelimit-limit-${kind}`, String(nearest.budget.limit),
      `x-ratelimit-remaining-${kind}`, String(leftOf(nearest)),
      `x-ratelimit-reset-${kind}`, `${(Math.max(0, nearest.lease.resetAt - now) / 1000).toFixed(3)}s`,
    )
  }
}

/** What this process holds and what is left for everyone, by the latest answer of the counter. */
const leftOf = ({ budget, lease }: Share): number => Math.min(budget.limit, lease.left + lease.free)
