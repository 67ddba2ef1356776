// Answers under a good status that a provider's content filter has refused. Asked by whoever reads an answer before it is
// taken: translated.ts, first-event.ts and complete.ts.
import type { CanonicalAnswer, CanonicalEvent, Finish } from '../sdk/index.ts'

/** True where every choice ends by a filter. What a model refuses in its own words is an answer. */
export function isFiltered({ choices }: CanonicalAnswer): boolean {
  return choices.length > 0 && choices.every(({ blocks, finish }) => isFilter(finish) && blocks.every(({ kind }) => kind !== 'refusal'))
}

/** True for a first event that ends a choice by a filter. */
export const endsFiltered = (event: CanonicalEvent): boolean => event.event === 'finish' && isFilter(event.finish)

/** Anthropic calls what its classifiers do a refusal. */
const isFilter = ({ stop }: Finish): boolean => stop === 'filter' || stop === 'refusal'
