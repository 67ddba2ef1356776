// One budget of the config, compiled: whose requests it counts, and under which name. Made by treasury.ts; asked by
// admission.ts for every request.
import type { BudgetConfig, BudgetMatch } from '../config/config.ts'
import type { Consumer } from '../sdk/index.ts'
import { glob } from './match.ts'

/** What a budget looks at in a request. */
export interface Spender {
  readonly consumer: Consumer
  /** As the client named it. */
  readonly model: string
  readonly route: { readonly name: string } | undefined
}

/** What a budget has seen since the process started. */
export interface BudgetTally {
  /** In the budget's unit. */
  used: number
  refused: number
}

/** A budget that can be asked. */
export interface Budget extends BudgetConfig {
  readonly tally: BudgetTally
  counts(spender: Spender): boolean
  /** The name of the count that a request belongs to. */
  keyOf(spender: Spender): string
}

/** Compiles a budget. What it counts and over which time is part of its name, so that a change of either begins anew. */
export function compileBudget(config: BudgetConfig, tally: BudgetTally): Budget {
  const { window, name, of, each } = config
  const span = window.kind === 'sliding' ? `${window.ms}ms` : window.kind === 'calendar' ? window.period : window.kind
  const base = `${name}/${of}/${span}`
  const terms = termsOf(config.match)
  return {
    ...config,
    tally,
    counts: spender => terms.every(holds => holds(spender)),
    keyOf: each.length === 0 ? () => base
      : spender => each.reduce((key, by) => `${key}/${by}=${encodeURIComponent(valueOf(spender, by))}`, base),
  }
}

type Term = (spender: Spender) => boolean

function termsOf({ consumer, tags = {}, model, route }: BudgetMatch): Term[] {
  return [
    ...consumer === undefined ? [] : [oneOf(consumer, spender => spender.consumer.name)],
    ...Object.entries(tags).map(([name, values]) => oneOf(values, spender => spender.consumer.tags[name])),
    // A path that is passed on unread may ask for any model.
    ...model === undefined ? [] : [oneOf(model, spender => spender.model === '' ? undefined : spender.model, true)],
    ...route === undefined ? [] : [oneOf(route, spender => spender.route?.name)],
  ]
}

function oneOf(patterns: readonly string[], of: (spender: Spender) => string | undefined, otherwise = false): Term {
  const matchers = patterns.map(glob)
  return spender => {
    const value = of(spender)
    return value === undefined ? otherwise : matchers.some(matches => matches(value))
  }
}

function valueOf({ consumer, model, route }: Spender, by: string): string {
  switch (by) {
    case 'consumer': return consumer.name
    case 'key': return consumer.key ?? ''
    case 'model': return model
    case 'route': return route?.name ?? ''
    default: return consumer.tags[by.slice('tags.'.length)] ?? ''
  }
}
