// One processor with its settings in a chain, and the one way to call it: timed, checked, and with its failure policy.
// Compiled by chain-compiler.ts; called by inspection.ts for whole texts, hold-back.ts and window.ts for the pieces of a
// stream, and by chain.ts and settle.ts for what is no detector.
import {
  GatehouseError, type Action, type Direction, type Finding, type Kind, type Right,
  type StepRecord, type StreamNeeds,
} from '../sdk/index.ts'
import type { StepConfig } from '../config/config.ts'
import type { Condition } from './condition.ts'
import type { ReadsMask } from './conversation.ts'
import { StepOverload, StepQuarantined, StepResting, StepTimeout, type Executor } from './executor.ts'
import { MalformedResult } from './findings.ts'
import type { Windows } from './window.ts'

/** Everything about a step that is known when the config loads. */
export interface Step {
  readonly name: string
  readonly version: string
  readonly kind: Kind
  readonly mode: 'enforce' | 'shadow'
  readonly on: Readonly<Record<Direction, boolean>>
  /** Its place in a chain written as one list; a responder's answer is seen by the steps above it only. */
  readonly position: number
  readonly reads: ReadsMask
  readonly rights: ReadonlySet<Right>
  readonly actions: StepConfig['actions']
  readonly when: Condition | undefined
  readonly timeout: number
  readonly onError: 'open' | 'closed'
  readonly onTimeout: 'open' | 'closed'
  /** Where there is no room to run it. */
  readonly onOverload: 'open' | 'closed'
  /** The share of requests that a step in shadow looks at, from 0 to 1. */
  readonly sample: number
  /** Members of a group read the same text and are judged together; -1 for a step by itself. */
  readonly group: number
  /** True where it runs while the upstream is asked already. */
  readonly beside: boolean
  readonly blockResponse: StepConfig['blockResponse']
  readonly stream: StreamNeeds
  /** How much of a stream it must see before it can speak: the least that keeps the law of streams. */
  readonly delivery: 'holdback' | 'window' | 'complete'
  readonly windows: Windows | undefined
  /** True where its verdicts may be remembered; `identity` says which step, set up how. */
  readonly remembers: boolean
  readonly identity: string
  /** True where it has to know the usage of a stream. */
  readonly needsUsage: boolean
  /** True for a responder that is told what was answered, and for one that forgets it when asked to. */
  readonly learns: boolean
  readonly forgets: boolean
  /** True where the detector can tell from which offset the end of a text is undecided. */
  readonly tellsUndecided: boolean
  /** Host and port that it sends texts to; undefined where they stay here. */
  readonly sendsTo: string | undefined
  readonly executor: Executor
}

/** Thrown where a step's policy ends the exchange; the reply is made in the dialect's own words. */
export class Blocked extends GatehouseError {
  readonly step: Step

  constructor(step: Step) {
    super('blocked', step.blockResponse.message, { status: step.blockResponse.status })
    this.step = step
  }
}

/** A type may be called as what every object has: `constructor`. */
const wordOn = (actions: Step['actions'], type: string): Action | undefined => Object.hasOwn(actions, type) ? actions[type] : undefined

const EDITS: ReadonlySet<Action> = new Set(['mask', 'replace', 'hash', 'tokenize'])

/** What to do about a finding: the operator's word, else the processor's proposal, within the rights granted. */
export function actionFor(step: Step, finding: Finding): Action {
  const action = wordOn(step.actions, finding.type) ?? wordOn(step.actions, '*') ?? finding.action ?? 'annotate'
  if (EDITS.has(action) && !step.rights.has('edit')) return 'annotate'
  if (action === 'block' && !step.rights.has('block')) return 'annotate'
  return action
}

/** True where an action changes the text. */
export const isEdit = (action: Action): boolean => EDITS.has(action)

/** A fresh record of a step in one direction. */
export function recordOf(step: Step, direction: Direction, explains = false): StepRecord {
  return {
    step: step.name, version: step.version, direction, mode: step.mode, ran: step.executor.name,
    outcome: 'pass', reason: '', ms: 0, scanned: 0, skipped: 0, findings: {},
    details: explains ? [] : undefined,
  }
}

/** Notes a stronger outcome; a weaker one never hides it. */
export function note(record: StepRecord, outcome: StepRecord['outcome'], reason = ''): void {
  if (STRENGTH[outcome] < STRENGTH[record.outcome]) return
  record.outcome = outcome
  if (reason !== '') record.reason = reason
}

const STRENGTH: Readonly<Record<StepRecord['outcome'], number>> = { pass: 0, skipped: 1, annotate: 2, edit: 3, respond: 4, block: 5, error: 6 }

/**
 * Calls one method of the step's processor and hands the result to `use`, which checks it. `use` returns its own result;
 * where the call or the check fails and the policy is open, `otherwise` is returned instead. Synchronous as long as the
 * processor is.
 */
export function callStep<R>(
  step: Step, record: StepRecord, method: string, args: readonly unknown[], timeout: number, use: (result: unknown) => R, otherwise: R,
): R | Promise<R> {
  // Nobody would wait for the answer.
  if (timeout <= 0) return fail(step, record, new StepTimeout(), otherwise, timeout)
  const began = performance.now()
  let result: unknown
  try {
    result = step.executor.call(method, args, timeout)
  } catch (error) {
    record.ms += heldLoop(step, began)
    return fail(step, record, error, otherwise, timeout)
  }
  if (result instanceof Promise) {
    if (step.executor.clock !== undefined) heldLoop(step, began)
    return result
      .finally(() => { record.ms += performance.now() - began })
      .then(use)
      .catch(error => fail(step, record, error, otherwise, timeout))
  }
  record.ms += heldLoop(step, began)
  try {
    return use(result)
  } catch (error) {
    return fail(step, record, error, otherwise, timeout)
  }
}

/** Milliseconds that a call has held the loop, which an inline step notes. */
function heldLoop(step: Step, began: number): number {
  const ms = performance.now() - began
  step.executor.clock?.add(ms)
  return ms
}

function fail<R>(step: Step, record: StepRecord, error: unknown, otherwise: R, timeout: number): R {
  if (error instanceof GatehouseError) throw error
  const { what, policy, code, problem, rest } = failureOf(step, error, timeout)
  note(record, 'error', `${what}, ${policy}`)
  if (policy === 'open' || step.mode === 'shadow') return otherwise
  throw new GatehouseError(code, `The step "${step.name}" ${problem}, and it guards this route closed.`, { cause: error, ...rest })
}

interface Failure {
  readonly what: string
  readonly policy: 'open' | 'closed'
  readonly code: 'step_timeout' | 'step_overload' | 'step_failed' | 'unavailable'
  readonly problem: string
  readonly rest?: { readonly retryAfter: number }
}

function failureOf(step: Step, error: unknown, timeout: number): Failure {
  if (error instanceof StepTimeout) {
    return { what: 'timeout', policy: step.onTimeout, code: 'step_timeout', problem: timeout <= 0 ? 'had no time left' : `did not answer within ${Math.round(timeout)} ms` }
  }
  if (error instanceof StepOverload) return { what: 'overload', policy: step.onOverload, code: 'step_overload', problem: 'had no room to run' }
  if (error instanceof StepQuarantined) return { what: 'quarantine', policy: step.onError, code: 'step_failed', problem: 'is in quarantine' }
  if (error instanceof StepResting) {
    const rest = { retryAfter: Number.isFinite(error.rest) ? Math.ceil(error.rest / 1000) : 1 }
    return { what: 'left alone', policy: step.onError, code: 'unavailable', problem: 'is left alone after it failed', rest }
  }
  const what = error instanceof MalformedResult ? 'malformed result' : 'crash'
  return { what, policy: step.onError, code: 'step_failed', problem: 'failed' }
}
