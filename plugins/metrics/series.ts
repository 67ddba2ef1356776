// Counters and histograms that cost a few additions at each touch. prom-client's own look their labels up every time, at
// about 0.6 us; these are kept by whoever counts. Used by tally.ts.

/** Names and values of labels. */
export type Labels = Readonly<Record<string, string | number>>

/** A metric as prom-client's registries give and take it. */
export interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  readonly aggregator: string
  readonly values: readonly { readonly value: number; readonly labels: Labels; readonly metricName?: string }[]
}

/** A metric from its label sets and values. `aggregator` says how those of several processes become one. */
export function metric(
  name: string, help: string, type: Metric['type'], values: readonly (readonly [Labels, number])[], aggregator = 'sum',
): Metric {
  return { name, help, type, aggregator, values: values.map(([labels, value]) => ({ labels, value })) }
}

/** Series of one metric; beyond them, label sets count as one whose labels all say `other`. */
const MOST_SERIES = 1_000
/** One label set: a sum, and for a histogram the counts of its buckets. */
export class Series {
  readonly labels: Labels
  /** Upper bounds of the buckets, from low to high; a value above all of them is in none. */
  readonly bounds: readonly number[]
  readonly buckets: number[]
  sum = 0
  count = 0

  constructor(labels: Labels, bounds: readonly number[]) {
    this.labels = labels
    this.bounds = bounds
    this.buckets = bounds.map(() => 0)
  }

  add(value: number): void {
    // One NaN would spoil the sum for good.
    if (!Number.isFinite(value)) return
    this.sum += value
    this.count++
    for (let i = 0; i < this.bounds.length; i++) {
      if (value <= this.bounds[i]!) {
        this.buckets[i]!++
        return
      }
    }
  }
}

/** A counter, or a histogram where it has bounds. */
export class Family {
  readonly #name: string
  readonly #help: string
  readonly #bounds: readonly number[]
  readonly #series = new Map<string, Series>()

  constructor(name: string, help: string, bounds: readonly number[] = []) {
    this.#name = name
    this.#help = help
    this.#bounds = bounds
  }

  /** The series of a label set, for keeping. */
  series(labels: Labels): Series {
    const full = this.#series.size >= MOST_SERIES && !this.#series.has(JSON.stringify(labels))
    const own = full ? Object.fromEntries(Object.keys(labels).map(name => [name, 'other'])) : labels
    const key = JSON.stringify(own)
    const known = this.#series.get(key) ?? new Series(own, this.#bounds)
    this.#series.set(key, known)
    return known
  }

  get metric(): Metric {
    const all = [...this.#series.values()]
    if (this.#bounds.length === 0) return metric(this.#name, this.#help, 'counter', all.map(({ labels, sum }) => [labels, sum]))
    const values = all.flatMap(series => this.#samples(series))
    return { name: this.#name, help: this.#help, type: 'histogram', aggregator: 'sum', values }
  }

  #samples({ labels, bounds, buckets, sum, count }: Series): Metric['values'] {
    let below = 0
    const bucket = (le: number | string, value: number): Metric['values'][number] =>
      ({ metricName: `${this.#name}_bucket`, labels: { ...labels, le }, value })
    return [
      ...bounds.map((bound, index) => bucket(bound, below += buckets[index]!)),
      bucket('+Inf', count),
      { metricName: `${this.#name}_sum`, labels, value: sum },
      { metricName: `${this.#name}_count`, labels, value: count },
    ]
  }
}
