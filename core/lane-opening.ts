// Which guards a line of text in a stream gets, by where it stands and who reads it. Called by stream-guard.ts when it first
// meets the line.
import type { Scope, StepRecord } from '../sdk/index.ts'
import type { Context } from './context.ts'
import { covers, isJson } from './conversation.ts'
import type { Declared } from './declared.ts'
import { HoldBack, type Stage } from './hold-back.ts'
import { JsonLane } from './json-lane.ts'
import type { Fits } from './json-lens.ts'
import { Lane } from './lane.ts'
import { scopeOf, timeoutOf } from './look.ts'
import type { Spot } from './reading.ts'
import { Restorer } from './restore.ts'
import type { Step } from './step.ts'
import { WindowStage } from './window.ts'

/** The lane of a text; undefined where no step, observer or placeholder has business with it. */
export function laneAt(
  context: Context, steps: readonly (readonly [Step, StepRecord])[], observed: readonly Step[], declared: Declared, spot: Spot, id: number,
): Lane | undefined {
  const place = { id, origin: spot.origin, trust: 'trusted', channel: spot.channel, choice: spot.choice, path: spot.path } as const
  const guards: Stage[] = []
  const shadows: Stage[] = []
  const scope = (step: Step): Scope => scopeOf(context, 'response', timeoutOf(context, step))
  const restores = context.holdsValues && covers(context.route!.restores, spot.origin, spot.channel)
  const json = isJson(spot, context.speaksJson)
  const readers = steps.filter(([step]) => covers(step.reads, spot.origin, spot.channel))
  if (json && readers.some(([step]) => step.mode === 'enforce')) {
    const fits: Fits = (path, text) => declared.fits(spot, path, text)
    const { vault, gateway: { scanner } } = context
    guards.push(new JsonLane({ place, steps: readers, vault, scanner, scope, fits, restores, raw: spot.raw }))
  } else {
    for (const [step, record] of readers) {
      const stage = step.windows === undefined
        ? new HoldBack(step, record, place, context.vault, scope)
        : new WindowStage(step, step.windows, record, place, context.vault, scope)
      if (step.mode === 'shadow') shadows.push(stage)
      else guards.push(stage)
    }
  }
  const restorer = restores && !(guards[0] instanceof JsonLane) ? new Restorer(context.vault, json) : undefined
  const heard = observed.some(observer => covers(observer.reads, spot.origin, spot.channel)) ? context.answered.line(spot.origin, spot.channel) : undefined
  if (guards.length + shadows.length === 0 && restorer === undefined && heard === undefined) return undefined
  return new Lane(guards, shadows, restorer, heard)
}
