// What a worker counts: every finished request, by the labels that an operator asks for. Runs on the loop that serves,
// once a request, so it only adds. Used by ../metrics.ts.
import type { AccessRecord } from 'gatehouse/sdk'
import { Family, type Labels, type Metric, type Series } from './series.ts'

/** Models that have a label of their own. */
const MOST_MODELS = 200
const LONGEST_MODEL = 128
/** Label sets of requests that are looked up at once. */
const MOST_CELLS = 5_000

const powers = (first: number, factor: number, count: number): number[] =>
  Array.from({ length: count }, (_, n) => first * factor ** n)

/** Bounds that the GenAI conventions give for tokens (1 to 67108864) and for seconds (0.01 to 81.92). */
const TOKENS = powers(1, 4, 14)
const SECONDS = powers(0.01, 2, 14)
/** From 1 to 4194304. */
const CHARACTERS = powers(1, 4, 12)
/** From 10 us to 2.6 s: what a step takes of the loop. */
const STEP_SECONDS = powers(0.00001, 4, 10)

/** `gen_ai.operation.name` by dialect; where the conventions have no word, the dialect's own name serves. */
const OPERATIONS: Readonly<Record<string, string>> = {
  'openai-chat': 'chat', 'openai-completions': 'text_completion', 'openai-embeddings': 'embeddings',
}

/** Where a request with certain labels is counted. */
interface Cell {
  readonly requests: Series
  readonly duration: Series
  readonly firstByte: Series
  readonly operation: Series | undefined
  readonly input: Series | undefined
  readonly output: Series | undefined
  readonly cost: Series | undefined
  readonly priced: Series | undefined
}

/** The finished requests of one worker, added up. */
export class Tally {
  readonly #requests = new Family('gatehouse_requests_total', 'Finished requests.')
  readonly #duration = new Family('gatehouse_request_duration_seconds', 'Whole time of a request.', SECONDS)
  readonly #firstByte = new Family('gatehouse_first_byte_seconds', 'Time to the first byte of the answer.', SECONDS)
  readonly #operation = new Family('gen_ai_client_operation_duration_seconds', 'GenAI operation duration.', SECONDS)
  readonly #tokens = new Family('gen_ai_client_token_usage', 'Input and output tokens used; source says who counted.', TOKENS)
  readonly #cost = new Family('gatehouse_cost_dollars_total', 'Cost in US dollars.')
  readonly #priced = new Family('gatehouse_price_lookups_total', 'Requests to be priced, by how the price was found.')
  readonly #outcomes = new Family('gatehouse_step_outcomes_total', 'What became of each step; in shadow, what would have.')
  readonly #findings = new Family('gatehouse_step_findings_total', 'Findings by type.')
  readonly #stepTime = new Family('gatehouse_step_seconds', 'Own time of a step in one direction of one request.', STEP_SECONDS)
  readonly #skipped = new Family('gatehouse_skipped_characters_total', 'Characters that a step did not see, by reason.')
  readonly #uncovered = new Family('gatehouse_uncovered_characters_total', 'Characters of requests that no map covers.')
  readonly #heldChars = new Family('gatehouse_stream_held_characters', 'The most that waited at once for a verdict, per stream.', CHARACTERS)
  readonly #heldTime = new Family('gatehouse_stream_held_seconds', 'The longest that some text waited for a verdict, per stream.', SECONDS)
  readonly #attempts = new Family('gatehouse_upstream_attempts_total', 'Tries at a provider; error is empty where it answered.')
  readonly #models = new Set<string>()
  readonly #cells = new Map<string, Cell>()
  /** The latest request that is unlike the one before it, and where it is counted. */
  #latest: AccessRecord | undefined
  #cell: Cell | undefined
  readonly #steps = new Map<string, { readonly outcomes: Series; readonly seconds: Series }>()
  readonly #counters = new Map<string, Series>()

  /** Counts one request. Called after each, on the loop that serves. */
  add(record: AccessRecord): void {
    const { usage, cost } = record
    const cell = this.#cellOf(record)
    const seconds = record.ms / 1000
    cell.requests.add(1)
    cell.duration.add(seconds)
    if (record.firstByteMs >= 0) cell.firstByte.add(record.firstByteMs / 1000)
    cell.operation?.add(seconds)
    if (usage !== undefined) {
      cell.input?.add(usage.input)
      cell.output?.add(usage.output)
    }
    if (cost !== undefined) cell.cost?.add(cost.dollars)
    cell.priced?.add(1)
    for (const { provider, error } of record.attempts) {
      this.#count(this.#attempts, `attempt\n${provider}\n${error}`, { provider, error }, 1)
    }
    for (const step of record.steps) this.#addStep(step)
    if (record.uncovered > 0) this.#count(this.#uncovered, `uncovered\n${record.route}`, { route: record.route }, record.uncovered)
    if (record.stream === undefined) return
    const { delivery, heldChars, heldMs } = record.stream
    const labels = { route: record.route, delivery }
    this.#count(this.#heldChars, `chars\n${record.route}\n${delivery}`, labels, heldChars)
    this.#count(this.#heldTime, `held\n${record.route}\n${delivery}`, labels, heldMs / 1000)
  }

  metrics(): Metric[] {
    return [
      this.#requests, this.#duration, this.#firstByte, this.#operation, this.#tokens, this.#cost, this.#priced,
      this.#outcomes, this.#findings, this.#stepTime, this.#attempts, this.#skipped, this.#uncovered, this.#heldChars,
      this.#heldTime,
    ].map(family => family.metric)
  }

  /** Clients choose model names, so only one that a provider answered for gets a label, and only so many of them. */
  #modelOf({ model, status }: AccessRecord): string {
    if (this.#models.has(model)) return model
    if (status >= 400 || model.length > LONGEST_MODEL || this.#models.size >= MOST_MODELS) return 'other'
    this.#models.add(model)
    return model
  }

  /** Where it is counted. Most requests are like the one before, and putting a key together costs more than to see that. */
  #cellOf(record: AccessRecord): Cell {
    if (this.#latest !== undefined && haveOneCell(record, this.#latest)) return this.#cell!
    const model = this.#modelOf(record)
    const { route, dialect, provider, status, ending, error, usage, cost } = record
    const key = `${route}\n${dialect}\n${provider}\n${model}\n${status}\n${ending}\n${error}\n${usage?.source}\n${cost?.price}`
    this.#latest = record
    return this.#cell = this.#cells.get(key) ?? this.#newCell(key, record, model)
  }

  #newCell(key: string, { route, dialect, provider, status, ending, error, usage, cost }: AccessRecord, model: string): Cell {
    const operation = OPERATIONS[dialect] ?? dialect
    const genAi = { gen_ai_operation_name: operation, gen_ai_provider_name: provider, gen_ai_request_model: model }
    const called = provider !== ''
    const failure = error === '' && status >= 400 ? String(status) : error
    const tokens = (kind: string): Series | undefined =>
      called && usage !== undefined ? this.#tokens.series({ ...genAi, gen_ai_token_type: kind, source: usage.source }) : undefined
    const cell = {
      requests: this.#requests.series({ route, dialect, status, ending }),
      duration: this.#duration.series({ route, dialect }),
      firstByte: this.#firstByte.series({ route, dialect }),
      operation: called ? this.#operation.series({ ...genAi, error_type: failure }) : undefined,
      input: tokens('input'),
      output: tokens('output'),
      cost: cost === undefined ? undefined : this.#cost.series({ route, provider, model, price: cost.price }),
      priced: cost === undefined ? undefined : this.#priced.series({ provider, model, status: cost.price }),
    }
    if (this.#cells.size >= MOST_CELLS) this.#cells.clear()
    this.#cells.set(key, cell)
    return cell
  }

  #addStep({ step, direction, mode, outcome, reason, ms, skipped, findings }: AccessRecord['steps'][number]): void {
    const key = `${step}\n${direction}\n${mode}\n${outcome}`
    let cell = this.#steps.get(key)
    if (cell === undefined) {
      const outcomes = this.#outcomes.series({ step, direction, mode, outcome })
      cell = { outcomes, seconds: this.#stepTime.series({ step, direction }) }
      this.#steps.set(key, cell)
    }
    cell.outcomes.add(1)
    cell.seconds.add(ms / 1000)
    if (skipped > 0) {
      const why = outcome === 'skipped' ? reason : 'not what it reads'
      this.#count(this.#skipped, `skipped\n${step}\n${why}`, { step, reason: why }, skipped)
    }
    for (const type of Object.keys(findings)) {
      this.#count(this.#findings, `finding\n${step}\n${type}`, { step, type }, findings[type]!)
    }
  }

  #count(family: Family, key: string, labels: Labels, by: number): void {
    let series = this.#counters.get(key)
    if (series === undefined) {
      series = family.series(labels)
      if (this.#counters.size >= MOST_CELLS) this.#counters.clear()
      this.#counters.set(key, series)
    }
    series.add(by)
  }
}

function haveOneCell(one: AccessRecord, other: AccessRecord): boolean {
  return one.route === other.route && one.dialect === other.dialect && one.provider === other.provider && one.model === other.model
    && one.status === other.status && one.ending === other.ending && one.error === other.error
    && one.usage?.source === other.usage?.source && one.cost?.price === other.cost?.price
}
