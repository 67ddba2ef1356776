// What the admin port shows: the counts of all workers, those that ended included, and the supervisor's own. Used by
// ../metrics.ts.
import { AggregatorRegistry } from 'prom-client'
import type { ControlPlane } from 'gatehouse/sdk'
import { bookMetrics } from './books.ts'
import { metric, type Metric } from './series.ts'

/** What a worker answers to a scrape. */
export interface Answer {
  readonly pid: number
  readonly metrics: readonly Metric[]
}

/** The oldest epoch that anybody serves with: where it lags behind, a worker did not follow. */
export const epoch = (value: number): Metric =>
  metric('gatehouse_config_epoch', 'Config that serves, counted since the start.', 'gauge', [[{}, value]], 'min')

/** Adds the workers up. */
export class Scraper {
  readonly #house: ControlPlane
  /** The latest answer of every worker that lives, by process id. */
  readonly #latest = new Map<number, readonly Metric[]>()
  /** What workers had counted that live no more. Without it a crash would make the sums fall, which reads as a restart. */
  #departed: readonly Metric[] = []
  #running: Promise<string> | undefined

  constructor(house: ControlPlane) {
    this.#house = house
  }

  /** The exposition text. Scrapes that come together share one. */
  scrape(): Promise<string> {
    this.#running ??= this.#scrape().finally(() => { this.#running = undefined })
    return this.#running
  }

  async #scrape(): Promise<string> {
    for (const answer of await this.#house.ask('metrics')) if (isAnswer(answer)) this.#latest.set(answer.pid, answer.metrics)
    const summary = this.#house.summary() as unknown as Summary
    const living = new Set(summary.workers.map(({ pid }) => pid))
    for (const [pid, metrics] of this.#latest) {
      if (living.has(pid)) continue
      const left = await AggregatorRegistry.aggregate([this.#departed, metrics]).getMetricsAsJSON() as unknown as Metric[]
      this.#departed = left.filter(({ type }) => type === 'counter' || type === 'histogram')
      this.#latest.delete(pid)
    }
    return AggregatorRegistry.aggregate([...this.#latest.values(), this.#departed, [...ofSupervisor(summary), ...bookMetrics(this.#house.books)]]).metrics()
  }
}

/** What the house tells of itself that is a metric. */
interface Summary {
  readonly epoch: number
  readonly workers: readonly { readonly pid: number; readonly state: string; readonly restarts: number }[]
  readonly reloads: { readonly ok: number; readonly failed: number }
  /** Whether the counts of budgets can be asked. */
  readonly storeUp: boolean
}

function ofSupervisor({ workers, reloads, epoch: current, storeUp }: Summary): Metric[] {
  const inState = (state: string): number => workers.filter(worker => worker.state === state).length
  const states = ['starting', 'listening', 'down'].map(state => [{ state }, inState(state)] as const)
  const restarts = workers.reduce((sum, worker) => sum + worker.restarts, 0)
  const results = Object.entries(reloads).map(([result, count]) => [{ result }, count] as const)
  return [
    metric('gatehouse_workers', 'Workers by state.', 'gauge', states),
    metric('gatehouse_worker_restarts_total', 'Workers started again.', 'counter', [[{}, restarts]]),
    metric('gatehouse_config_reloads_total', 'Reloads by result.', 'counter', results),
    metric('gatehouse_budget_store_up', 'Whether the store of the budgets answers.', 'gauge', [[{}, Number(storeUp)]]),
    epoch(current),
  ]
}

function isAnswer(answer: unknown): answer is Answer {
  return typeof answer === 'object' && answer !== null && 'pid' in answer && 'metrics' in answer
}
