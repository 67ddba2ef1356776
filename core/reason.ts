// Why an answer sends its request elsewhere: what the route counts as such, held against what came. Used by asking.ts; the
// route's part is made by gateway.ts.
import type { Failure } from '../sdk/index.ts'
import type { RouteConfig } from '../config/config.ts'

/** What a route counts as a reason. */
export interface Reasons {
  /** No answer, or one that tells of a failure. */
  readonly error: boolean
  /** A prompt that is too long for the model. */
  readonly context: boolean
  /** An answer that the provider's content filter refused. */
  readonly filter: boolean
  readonly statuses: ReadonlySet<number>
}

/** As it stands in the record of an attempt. */
export type Reason = 'upstream_error' | 'context' | 'filter' | 'status'

/** The reasons of a route. */
export function reasonsOf(on: RouteConfig['retry']['on']): Reasons {
  return {
    error: on.includes('error'), context: on.includes('context'), filter: on.includes('filter'),
    statuses: new Set(on.filter(reason => typeof reason === 'number')),
  }
}

/** Whether somebody has to look into answers for them. */
export const looksInside = ({ context, filter }: Reasons): boolean => context || filter

/** An answer that tells of a failure of its target. */
export const isFailure = (status: number): boolean => status >= 500 || status === 429 || status === 408

/** Why another target is to be asked; undefined where the answer is one like any. `failure` is what its dialect calls it. */
export function reasonOf({ status, failure }: { readonly status: number; readonly failure?: Failure | undefined }, on: Reasons): Reason | undefined {
  if (on.context && failure === 'context') return 'context'
  if (on.filter && failure === 'content') return 'filter'
  if (on.statuses.has(status)) return 'status'
  return on.error && isFailure(status) ? 'upstream_error' : undefined
}
