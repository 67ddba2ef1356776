// Chains that are valid and yet defeat themselves: what is wrong with their order or settings, and how to mend it. One
// entry of RULES is one rule. Called by description.ts, for `gatehouse check` and the log of a start.
import type { Action } from '../sdk/index.ts'
import type { Chain } from './chain.ts'
import { covers } from './conversation.ts'
import { deliveryOf } from './delivery.ts'
import type { Route } from './router.ts'
import { isEdit, type Step } from './step.ts'

/** Warnings about a route's chain: sentences that name the route, the steps and the remedy. */
export function lintRoute(route: Route): string[] {
  // A processor may stand in both lists of a chain, and is spoken of once.
  const warnings = new Set(Object.values(RULES).flatMap(judge => judge(route)))
  return [...warnings].map(warning => `the route ${route.name}: ${warning}`)
}

const RULES: Readonly<Record<string, (route: Route) => string[]>> = {
  answersRawText: ({ chain }) => pairs(chain.request, isResponder, seesUnedited).map(([responder, detector]) =>
    `${responder} stands above ${detector}, so what it looks up and keeps is text that ${detector} may still edit; `
    + `move ${responder} below ${detector}`),

  sendsRawText: ({ chain }) => pairs(chain.request, sends, editsHere).map(([sender, detector]) =>
    `${sender} stands above ${detector}, so what it sends elsewhere is text that ${detector} may still edit; `
    + `move ${sender} below ${detector}`),

  answersUnguarded: ({ chain }) => pairs(chain.request, answers, blocksUnheard).map(([responder, detector]) =>
    `${detector} cannot block what ${responder} above it answers, since it never sees those requests; `
    + `move ${detector} above ${responder}`),

  scansOwnWords: ({ chain }) => pairs(chain.request, inserts, scansGateway).map(([transform, detector]) =>
    `${detector} scans the gateway's own words, which ${transform} above it adds; `
    + `move ${transform} below ${detector}, or leave gateway out of the origins that ${detector} reads`),

  // Placeholders of a request come back by themselves; on an answer nothing could turn them back.
  tokenizesAnswers: ({ chain }) => chain.response
    .filter(step => enforces(step) && actionsOf(step).includes('tokenize'))
    .filter(step => !chain.request.some(({ name }) => name === step.name))
    .map(({ name }) => `${name} tokenizes answers alone, where nothing is ever turned back; `
      + `write replace, or let ${name} run on requests too`),

  delaysStreams: ({ chain }) => chain.response
    .filter(step => deliveryOf(step) === 'complete' && covers(step.reads, 'assistant', 'text'))
    .map(({ name }) => `${name} needs answers whole, so the client of a stream sees no text before its end; if that is too late, `
      + `run ${name} in shadow, or let its processor declare under stream how much it has to see`),

  failsOpenBesideClosed: ({ chain }) => {
    const guarding = stepsOf(chain).filter(guards)
    const strict = guarding.find(step => failsOpen(step) === '')
    if (strict === undefined) return []
    return guarding.filter(step => failsOpen(step) !== '').map(step =>
      `${step.name} lets text pass unread where it fails (${failsOpen(step)}), although ${strict.name} guards closed: `
      + `the weakest decides; write closed for ${step.name} too`)
  },

  onlyRehearses: ({ chain }) => {
    const steps = stepsOf(chain)
    if (steps.length === 0 || steps.some(enforces)) return []
    return [`nothing is enforced, since every step of the chain ${chain.name} is in shadow (${namesOf(steps)}); `
      + 'write mode: enforce for those that have proved themselves']
  },

  passesUncovered: ({ chain, onUncovered }) => {
    const steps = [...chain.request, ...chain.beside].filter(guards)
    if (onUncovered !== 'allow' || steps.length === 0) return []
    return [`text that no map covers passes unread by ${namesOf(steps)}; write onUncovered: warn or reject`]
  },

  outlastsTheRoute: ({ chain, total }) => {
    const steps = stepsOf(chain).filter(step => step.timeout > total)
    if (steps.length === 0) return []
    return [`the timeout of ${namesOf(steps)} is longer than the ${total} ms that the whole request has, so it never runs out; `
      + 'shorten it, or raise timeouts.total of the route']
  },
}

/** The names of every step above another for which both hold: `[above, below]`. */
function pairs(
  steps: readonly Step[], isUpper: (step: Step) => boolean, belongs: (above: Step, below: Step) => boolean,
): [above: string, below: string][] {
  return steps.flatMap((above, index) => !isUpper(above) ? [] : steps.slice(index + 1)
    .filter(below => belongs(above, below))
    .map((below): [string, string] => [above.name, below.name]))
}

const stepsOf = (chain: Chain): Step[] => [...new Set([...chain.request, ...chain.beside, ...chain.response])]
const namesOf = (steps: readonly Step[]): string => [...new Set(steps.map(step => step.name))].join(', ')
const actionsOf = (step: Step): Action[] => Object.values(step.actions)

const enforces = (step: Step): boolean => step.mode === 'enforce'
const isResponder = (step: Step): boolean => step.kind === 'responder'
const answers = (step: Step): boolean => isResponder(step) && enforces(step)
const sends = (step: Step): boolean => step.sendsTo !== undefined
const inserts = (step: Step): boolean => step.kind === 'transform' && enforces(step) && step.rights.has('edit')
const edits = (step: Step): boolean => step.rights.has('edit') && acts(step, isEdit)
const blocks = (step: Step): boolean => step.rights.has('block') && acts(step, action => action === 'block')
const guards = (step: Step): boolean => edits(step) || blocks(step)
const scansGateway = (_: Step, step: Step): boolean => guards(step) && covers(step.reads, 'gateway', 'text')

/** True where a finding may lead to such an action: `actions` rule it out only where they leave nothing to the processor. */
function acts(step: Step, such: (action: Action) => boolean): boolean {
  return step.kind === 'detector' && enforces(step) && (step.actions['*'] === undefined || actionsOf(step).some(such))
}

/** True where a step reads text that a detector below it would have edited. */
function seesUnedited({ reads }: Step, detector: Step): boolean {
  return edits(detector) && (reads.origins & detector.reads.origins) !== 0 && (reads.channels & detector.reads.channels) !== 0
}

/** The same of a detector that keeps it here: of two that send it elsewhere, one has to be the first. */
const editsHere = (sender: Step, detector: Step): boolean => !sends(detector) && seesUnedited(sender, detector)

/** True where a detector below a responder misses what it should block, and nothing worse has to be said of the two. */
const blocksUnheard = (responder: Step, detector: Step): boolean => blocks(detector) && !seesUnedited(responder, detector)

/** Which of a step's policies are open; empty where none is. */
const failsOpen = (step: Step): string =>
  (['onError', 'onTimeout'] as const).filter(policy => step[policy] === 'open').map(policy => `${policy}: open`).join(', ')
