// What became of a rehearsed request, told as plain data: the route, what the steps made of it, what each target would
// have got. Made by explain-request.ts; printed by explanation-text.ts.
import type { AccessRecord, Kind, ModelFacts, StepRecord } from '../sdk/index.ts'
import { usualDollars } from './prices.ts'
import type { Journey, PassedOver, Place, Rehearsed, RehearsedRoute } from './rehearsal.ts'
import type { Step } from './step.ts'
import type { UnsentRequest } from './unsent.ts'

/** What would become of it. Plain data, without any value that a step took out. */
export interface Explanation {
  /** Empty, as `model` and `consumer` are, where it comes no further than the door. */
  readonly dialect: string
  readonly model: string
  readonly consumer: string
  /** The routes before the one that it takes; all of them where it takes none. */
  readonly passedOver: readonly PassedOver[]
  /** Undefined where there is none. */
  readonly route: { readonly name: string; readonly chain: string; readonly balance: string } | undefined
  /** Characters of the body that no step can read; -1 where no step looked. */
  readonly uncovered: number
  readonly steps: readonly ExplainedStep[]
  /** The step that answers in place of a model; undefined where none does. */
  readonly answeredBy: string | undefined
  readonly targets: readonly ExplainedTarget[]
  /** Where a copy goes, and in which share of the requests (its weight); undefined where there is none. */
  readonly mirror: ExplainedTarget | undefined
  /** What the client gets where it gets no answer. */
  readonly refusal: Refusal | undefined
}

/** What a step makes of the request. */
export interface ExplainedStep extends Pick<StepRecord, 'step' | 'mode' | 'ran' | 'outcome' | 'reason' | 'scanned' | 'skipped'> {
  readonly kind: Kind
  readonly places: readonly Place[]
  /** Of the first hundred findings it is known what is done about them. */
  readonly findings: readonly { readonly type: string; readonly count: number; readonly actions: readonly string[] }[]
}

/** A target, and what it would get. */
export interface ExplainedTarget {
  readonly provider: string
  readonly use: string
  /** Undefined where the client's own choice holds. */
  readonly model: string | undefined
  readonly weight: number
  readonly fallback: boolean
  /** The dialect that the request is translated to; empty where it goes as it is, undefined where there is no way. */
  readonly translatedTo: string | undefined
  readonly warnings: readonly string[]
  /** What the translation went by; empty where there is none. */
  readonly facts: ModelFacts
  /** Dollars of a usual request there (prices.ts), where the route goes by them; undefined where nobody knows. */
  readonly dollars?: number | undefined
  /** True where headers of a signature come on top when it leaves. */
  readonly signed: boolean
  /** Undefined where it is never asked. */
  readonly request: UnsentRequest | undefined
}

/** An error reply. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** How a rehearsal ended. */
export interface Met {
  /** Undefined where the request got no further than the door. */
  readonly record: AccessRecord | undefined
  /** The reply. */
  readonly status: number
  readonly body: string
}

/** Tells what a request met. */
export function explanationOf({ asked, passedOver, taken, shown }: Journey, { record, status, body }: Met): Explanation {
  // The records stand in the order of the chain; where it ended early, the last ones are missing.
  const inOrder = taken === undefined ? [] : [...taken.chain.groups.flat(), ...taken.chain.beside]
  const records = record?.steps.filter(({ direction }) => direction === 'request') ?? []
  const steps = records.map((one, index) => explainedStep(one, inOrder[index]!, shown.get(inOrder[index]!.executor)!))
  const by = (what: StepRecord['outcome']): Step | undefined =>
    inOrder[records.findIndex(({ outcome, mode }) => outcome === what && mode === 'enforce')]
  const dialect = record?.dialect ?? ''
  // An upstream that cannot be reached is what every target of a rehearsal is.
  const refused = record === undefined || !['complete', 'upstream_failed'].includes(record.ending)
  return {
    dialect,
    model: asked?.model ?? '',
    consumer: record?.consumer ?? '',
    passedOver,
    route: taken && { name: taken.name, chain: taken.chain.name, balance: taken.balance },
    uncovered: record?.uncovered ?? -1,
    steps,
    answeredBy: by('respond')?.name,
    targets: taken === undefined ? [] : [
      ...taken.targets.map(target => (
        { ...explainedTarget(target, dialect, false), ...priceOf(target, taken.balance, asked!.model) })),
      ...taken.fallback.map(target => explainedTarget(target, dialect, true)),
    ],
    mirror: taken?.mirror && explainedTarget(taken.mirror.target, dialect, false),
    refusal: refused ? refusalOf(status, body, record?.error, by('block')) : undefined,
  }
}

function explainedStep(record: StepRecord, { kind }: Step, places: readonly Place[]): ExplainedStep {
  const { step, mode, ran, outcome, reason, scanned, skipped, findings, details = [] } = record
  return {
    step, kind, mode, ran, outcome, reason, scanned, skipped, places,
    findings: Object.entries(findings).map(([type, count]) => {
      const actions = new Set(details.filter(one => one.type === type).map(({ action }) => action))
      return { type, count, actions: [...actions] }
    }),
  }
}

function explainedTarget(target: Rehearsed, dialect: string, fallback: boolean): ExplainedTarget {
  const { name, provider, model, weight, ways, translation: { warnings, facts }, signed, dispatcher } = target
  const way = ways.get(dialect)
  return {
    provider: name, use: provider, model, weight, fallback, signed, facts, request: dispatcher.taken,
    translatedTo: way && (way.translates ? way.target.name : ''),
    warnings: [...new Set(warnings.map(({ field, action, why }) => `${field} ${action}: ${why}`))],
  }
}

function priceOf(target: Rehearsed, balance: RehearsedRoute['balance'], model: string): Pick<ExplainedTarget, 'dollars'> {
  return balance === 'cheapest' ? { dollars: usualDollars(target.price(model)) } : {}
}

/** The sentence of an error reply; every dialect has it in the same place. A block may look like an answer instead. */
function refusalOf(status: number, body: string, code: string | undefined, blocker: Step | undefined): Refusal {
  const error = errorIn(body)
  return { status, code: code ?? String(error?.code ?? ''), message: error?.message ?? blocker?.blockResponse.message ?? '' }
}

function errorIn(body: string): { readonly code?: unknown; readonly message: string } | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: { code?: unknown; message: string } }
    return error
  } catch {
    return undefined
  }
}
