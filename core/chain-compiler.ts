// Makes a chain of what the config declares: loads each processor, checks its options and what was granted to it, sets
// it up once. Everything that a request would otherwise have to find out is decided here. Called by gateway.ts.
import { DEFAULT_READS, Type, type Direction, type Right } from '../sdk/index.ts'
import type { ChainConfig, StepConfig } from '../config/config.ts'
import { BREAKER } from '../config/defaults.ts'
import { below } from '../config/pointer.ts'
import { validator } from '../config/validator.ts'
import type { Chain } from './chain.ts'
import { compileCondition } from './condition.ts'
import { maskOf } from './conversation.ts'
import { StepTimeout, type Executor } from './executor.ts'
import { BreakerExecutor, type BreakerRule } from './executor/breaker.ts'
import type { Found, Opened, Openings } from './executors.ts'
import type { Description } from './sandbox/description.ts'
import type { Step } from './step.ts'
import type { Troubles } from './troubles.ts'
import type { Windows } from './window.ts'

/** Notes a problem of the config: where it is, what was expected, what came. */
export type Complain = (pointer: string, expected: string, got: string) => void

/** What a chain is compiled with, and who hears of its steps later. */
export interface Means {
  readonly openings: Openings
  readonly troubles: Troubles
  readonly complain: Complain
}

/** Compiles one chain. Problems go to `complain`; the chain that comes back is then not to be used. */
export async function compileChain(name: string, config: ChainConfig, means: Means): Promise<Chain> {
  const known = new Map<StepConfig, Step | undefined>()
  const request = await compileSteps(config.request, `/chains/${name}/request`, known, means)
  const response = await compileSteps(config.response, `/chains/${name}/response`, known, means)
  const all = [...new Set([...request, ...response])]
  const down = request.filter(step => step.kind !== 'observer' && step.on.request)
  const before = down.filter(step => !step.beside)
  return {
    name,
    request: before,
    groups: inGroups(before),
    beside: down.filter(step => step.beside),
    response: response.filter(step => step.kind === 'detector' && step.on.response),
    observers: all.filter(step => step.kind === 'observer'),
    needsUsage: all.some(step => step.needsUsage),
  }
}

/** The chain as it would be with no detector in shadow. What else is in shadow (a change, a canned answer) is no care to ask for. */
export function strictly(chain: Chain): Chain {
  const enforced = (steps: readonly Step[]): Step[] => steps.map(step =>
    step.mode === 'shadow' && step.kind === 'detector' ? { ...step, mode: 'enforce', sample: 1 } : step)
  const request = enforced(chain.request)
  return { ...chain, request, groups: inGroups(request), beside: enforced(chain.beside), response: enforced(chain.response) }
}

/** Neighbours of one group together, every other step by itself. */
function inGroups(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = []
  for (const step of steps) {
    const latest = groups.at(-1)
    if (latest !== undefined && step.group !== -1 && latest[0]!.group === step.group) latest.push(step)
    else groups.push([step])
  }
  return groups
}

async function compileSteps(
  configs: readonly StepConfig[], at: string, known: Map<StepConfig, Step | undefined>, means: Means,
): Promise<Step[]> {
  const steps: Step[] = []
  for (const [index, config] of configs.entries()) {
    if (config.mode === 'off') continue
    // A step of the way up alone stands nowhere on the way down: a responder there never leaves it out.
    if (!known.has(config)) known.set(config, await compileStep(config, at.endsWith('/request') ? index : -1, `${at}/${index}`, means))
    const step = known.get(config)
    if (step !== undefined) steps.push(step)
  }
  return steps
}

async function compileStep(config: StepConfig, position: number, at: string, means: Means): Promise<Step | undefined> {
  const { openings, complain } = means
  let found: Found
  let opened: Opened
  let options: Record<string, unknown> | undefined
  try {
    found = await openings.find(config)
    options = checkOptions(found.definition, config, at, complain)
    if (options === undefined) return undefined
    opened = await found.open(options)
  } catch (error) {
    complain(`${at}/use`, sentence(error), JSON.stringify(config.use))
    return undefined
  }
  const { definition, sha256 } = found
  if (config.integrity !== undefined && config.integrity !== sha256) {
    complain(`${at}/integrity`, sha256 === undefined ? 'a sandboxed step: only its code is bundled and hashed' : `the SHA-256 of the code as it is (${sha256})`, config.integrity)
  }
  const granted = config.rights ?? definition.rights
  const mode = (config.mode ?? definition.mode) === 'shadow' ? 'shadow' : 'enforce'
  checkRights(definition, config, granted, at, complain)
  checkPlace(definition, config, granted, at, complain)
  const learns = definition.kind === 'responder' && opened.methods.includes('learn')
  if (learns && config.run !== 'inline') complain(`${at}/run`, 'inline, for a step that learns: anywhere else, several of it would each remember something else', config.run)
  if (config.sample < 1 && mode !== 'shadow') complain(`${at}/sample`, 'a step in shadow: one that is enforced looks at every request', String(config.sample))
  const looks = (direction: Direction): boolean => definition.kind === 'detector'
    ? (definition.on ?? ['request', 'response']).includes(direction)
    : direction === 'request'
  const tellsUndecided = opened.methods.includes('undecided')
  const stream = definition.streamFor?.(options) ?? definition.stream ?? {}
  const sendsTo = definition.sendsTo?.(options)
  if (sendsTo !== undefined && config.run !== 'inline') {
    complain(`${at}/run`, 'inline, for a step that asks a service elsewhere', config.run)
  }
  if (config.breaker !== undefined && definition.kind === 'observer') {
    complain(`${at}/breaker`, 'a step that requests wait for', `${definition.name}, an observer`)
  }
  const breaker = config.breaker ?? (sendsTo === undefined ? undefined : BREAKER)
  const onError = config.onError ?? definition.onError ?? 'closed'
  return {
    name: definition.name,
    version: sha256 === undefined ? definition.version ?? '1' : `${definition.version ?? '1'}+${sha256.slice(0, 12)}`,
    kind: definition.kind,
    mode,
    on: { request: looks('request'), response: looks('response') },
    position,
    reads: maskOf({ ...DEFAULT_READS, ...definition.reads, ...config.reads }),
    rights: new Set<Right>(granted),
    actions: config.actions,
    when: conditionOf(config, at, complain),
    timeout: config.timeout,
    onError,
    onTimeout: config.onTimeout ?? onError,
    onOverload: config.onOverload ?? onError,
    sample: config.sample,
    group: config.group,
    beside: config.beside !== undefined,
    blockResponse: config.blockResponse,
    stream,
    delivery: stream.delivery ?? (stream.maxMatch === undefined && !tellsUndecided ? 'complete' : 'holdback'),
    windows: stream.delivery === 'window' ? stream.window ?? WINDOW : undefined,
    learns,
    forgets: opened.methods.includes('forget'),
    tellsUndecided,
    remembers: definition.kind === 'detector' && definition.remembers === true,
    identity: `${position}\0${at}\0${definition.name}\0${definition.version ?? '1'}`,
    needsUsage: definition.needs?.includes('usage') ?? false,
    sendsTo,
    executor: breaker === undefined ? opened.executor : withBreaker(
      opened.executor, { ...breaker, timeout: config.timeout }, { name: definition.name, at, tells: sendsTo !== undefined }, means,
    ),
  }
}

/** A step that operators are told of. What its errors say is told only where it promises to name no text in them. */
interface Told {
  readonly name: string
  readonly at: string
  readonly tells: boolean
}

/** What runs a step, left alone where it fails again and again. */
function withBreaker(executor: Executor, rule: BreakerRule, { name, at, tells }: Told, { troubles }: Means): Executor {
  const [chain, way, index] = at.split('/').slice(2)
  const about = `${way} ${Number(index) + 1} of the chain ${chain}`
  return new BreakerExecutor(executor, rule, {
    opened(error) {
      const known = tells && error instanceof Error ? error.message : 'it failed'
      const latest = error instanceof StepTimeout ? 'it gave no answer in time' : known
      troubles.begin(name, about, `left alone after ${rule.failures} failures in a row, the last of them: ${latest}`, 'step')
    },
    closed: () => troubles.end(name, about),
  })
}

/** The operator grants what the processor asks for, or less; and no action goes beyond what is granted. */
function checkRights(definition: Description, config: StepConfig, granted: readonly Right[], at: string, complain: Complain): void {
  for (const right of granted) {
    if (!definition.rights.includes(right)) complain(`${at}/rights`, `rights that ${definition.name} asks for (${definition.rights.join(', ')})`, right)
  }
  for (const [type, action] of Object.entries(config.actions)) {
    const needed = NEEDED[action]
    if (needed !== undefined && !granted.includes(needed)) complain(below(`${at}/actions`, type), `an action that the rights allow (${granted.join(', ')})`, action)
  }
}

/** In a group and beside the upstream, only what looks can stand; beside the upstream, only what cannot edit. */
function checkPlace({ name, kind }: Description, config: StepConfig, granted: readonly Right[], at: string, complain: Complain): void {
  const detects = kind === 'detector'
  if (config.group !== -1 && !detects) complain(`${at}/use`, 'detectors in a group (together)', `${name}, a ${kind}`)
  if (config.beside === undefined) return
  if (!detects) complain(`${at}/beside`, 'a detector', `${name}, a ${kind}`)
  else if (granted.includes('edit')) complain(`${at}/beside`, 'a step without the right to edit: the request is on its way already (rights: [annotate, block])', granted.join(', '))
}

/** What most classifiers can take in at once, and enough of the text before to know what it is about. */
const WINDOW: Windows = { size: 1000, overlap: 200 }

const NEEDED: Readonly<Record<string, Right | undefined>> = {
  mask: 'edit', replace: 'edit', hash: 'edit', tokenize: 'edit', block: 'block', annotate: undefined, allow: undefined,
}

function checkOptions(definition: Description, config: StepConfig, at: string, complain: Complain): Record<string, unknown> | undefined {
  const options = structuredClone(config.options) as Record<string, unknown>
  const faults = validator(definition.options ?? NO_OPTIONS)(options)
  for (const { pointer, expected, got } of faults) complain(`${at}/options${pointer}`, expected, got)
  return faults.length === 0 ? options : undefined
}

/** For a member that declares none. */
export const NO_OPTIONS = Type.Object({}, { additionalProperties: false })

function conditionOf(config: StepConfig, at: string, complain: Complain): Step['when'] {
  if (config.when === undefined) return undefined
  try {
    return compileCondition(config.when, true)
  } catch (error) {
    complain(`${at}/when`, sentence(error), JSON.stringify(config.when))
    return undefined
  }
}

/** What an error says was expected: its first line, without the word itself. */
export function sentence(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1)
  return line.replace(/^expected /i, '')
}
