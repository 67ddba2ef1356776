// A route in words: what it matches, where it goes, which steps guard it and how streams are delivered. Called by
// gateway.ts for `gatehouse check` and the admin port.
import type { RouteConfig } from '../config/config.ts'
import { deliveryOf, deliveryOfAll } from './delivery.ts'
import { lintRoute } from './lint.ts'
import { termsOf } from './match.ts'
import type { Route, Target } from './router.ts'
import type { Step } from './step.ts'

/** Strings to print. */
export interface RouteDescription {
  readonly name: string
  readonly match: string
  readonly targets: string[]
  /** Steps in the order in which a request meets them. */
  readonly request: string[]
  /** Steps in the order in which an answer meets them. */
  readonly response: string[]
  /** How the text of a stream is delivered, and which step asks for it. */
  readonly delivery: string
  readonly warnings: string[]
}

/** Describes one route. */
export function describeRoute(route: Route, config: RouteConfig): RouteDescription {
  const { chain } = route
  return {
    name: route.name,
    match: describeMatch(config),
    targets: [
      ...route.targets.map(target => describeTarget(target)),
      ...route.fallback.map(target => `${describeTarget(target)} as fallback`),
      ...describeMirror(route),
    ],
    request: [...chain.request, ...chain.beside].map(describeStep),
    response: [...chain.response, ...chain.observers].map(describeStep),
    delivery: describeDelivery(chain.response),
    warnings: lintRoute(route),
  }
}

function describeDelivery(steps: readonly Step[]): string {
  const delivery = deliveryOfAll(steps)
  if (delivery === 'live') return delivery
  return `${delivery} (${steps.filter(step => deliveryOf(step) === delivery).map(step => step.name).join(', ')})`
}

function describeMirror({ mirror }: Route): string[] {
  return mirror === undefined ? [] : [describeTarget(mirror.target, `mirror of a share of ${mirror.target.weight}`)]
}

function describeStep(step: Step): string {
  const details: string[] = [step.mode, step.executor.name]
  if (step.when !== undefined) details.push('conditional')
  if (step.group !== -1) details.push(`together ${step.group + 1}`)
  if (step.beside) details.push('beside the upstream')
  if (step.sample < 1) details.push(`a share of ${step.sample}`)
  if (step.kind === 'detector') details.push(`onError ${step.onError}`)
  if (step.sendsTo !== undefined) details.push(`sends text to ${step.sendsTo}`)
  return `${step.name} (${step.kind}: ${details.join(', ')})`
}

function describeTarget(target: Target, role = `weight ${target.weight}`): string {
  const model = target.model === undefined ? '' : ` as ${target.model}`
  return `${target.name}${model} (${target.provider}, ${role})`
}

function describeMatch(config: RouteConfig): string {
  const parts = termsOf(config.match).map(({ says }) => says).filter(words => words !== '')
  if (config.when !== undefined) parts.push(`when ${config.when}`)
  return parts.length === 0 ? 'everything' : parts.join(', ')
}
