// Asks the analyzer of Presidio, as its REST API has it: POST /analyze with one text, answered with a list of entities whose
// offsets count code points. Used by ../remote.ts.
import type { Action, Direction, Finding, Segment } from 'gatehouse/sdk'
import { claimsIn, Ruler, scoreOf, typeOf } from './answer.ts'
import { inLanes } from './lanes.ts'
import type { Service } from './service.ts'

/** What the analyzer is told with each text. */
export interface Analysis {
  readonly language: string
  readonly threshold?: number
  readonly entities?: readonly string[]
}

/** Asks about each segment by itself: analyzers of every age take one text a call. */
export function analyzer(service: Service, { language, threshold, entities }: Analysis, action: Action) {
  // What is undefined does not go out.
  const settings = { language, score_threshold: threshold, entities }

  async function analyze({ id, text }: Segment, signal: AbortSignal): Promise<Finding[]> {
    const ruler = new Ruler(text, 'code-points')
    const answer = await service.ask({ text: text.toWellFormed(), ...settings }, signal)
    return claimsIn(answer, 'the answer').map(claim =>
      ({ segment: id, ...ruler.span(claim), type: typeOf(claim, 'entity_type'), ...scoreOf(claim), action }))
  }

  return (segments: readonly Segment[], _direction: Direction, signal: AbortSignal): Promise<Finding[]> =>
    inLanes(segments, service.connections, segment => analyze(segment, signal))
}
