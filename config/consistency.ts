// What a schema cannot say of a config: names that must exist, names that must not repeat, and who may come in from
// where. Called by config/loader.ts with the normalised config; pointers lead into that.
import { BlockList, isIP } from 'node:net'
import { isAbsolute } from 'node:path'
import { checkBudgets } from './budgets.ts'
import type { Config, StepConfig } from './config.ts'
import { pointerTo } from './pointer.ts'
import { show, type Fault } from './problem.ts'
import { didYouMean, oneOf } from './suggest.ts'

type Keys = readonly (string | number)[]
type Report = (at: Keys, expected: string, got: string, message?: string) => void

/** Everything that is wrong with a config as a whole. */
export function findConflicts(config: Config): readonly Fault[] {
  const faults: Fault[] = []
  const report: Report = (at, expected, got, message = '') => {
    faults.push({ pointer: pointerTo(...at), expected, got, message })
  }
  checkAddresses(config, report)
  checkProviders(config, report)
  checkConsumers(config, report)
  checkChains(config, report)
  checkRoutes(config, report)
  checkUnique(config.budgets, 'budgets', report)
  checkBudgets(config.budgets, report)
  return faults
}

/** What is allowed but worth a second look: sentences for the log. */
export function findWarnings({ listen, admin, consumers, routes, budgets }: Config): readonly string[] {
  const warnings: string[] = []
  if (consumers.length === 0) {
    const place = `${listen.host}:${listen.port}`
    warnings.push(`no consumers are declared: whoever on this machine reaches ${place} may use every provider`)
  }
  if (admin !== false && !isLoopback(admin.host)) {
    warnings.push(`the admin port listens on ${admin.host}, beyond this machine, and asks for no key: let only operators in`)
  }
  const names = new Set(consumers.map(({ name }) => name))
  for (const { name, match } of routes) {
    for (const consumer of match.consumer ?? []) {
      if (consumer.includes('*') || names.has(consumer)) continue
      warnings.push(`the route ${name} waits for the consumer ${show(consumer)}, who is not declared`)
    }
  }
  for (const { name, match } of budgets) {
    const missing = (what: string, wanted: readonly string[] = [], known: ReadonlySet<string>): void => {
      if (wanted.length === 0 || wanted.some(one => one.includes('*') || known.has(one))) return
      warnings.push(`the budget ${name} never applies: it counts the ${what} ${wanted.map(show).join(', ')} only, and none is declared`)
    }
    missing('consumers', match.consumer, names)
    missing('routes', match.route, new Set(routes.map(route => route.name)))
  }
  return warnings
}

function checkAddresses({ listen, admin, consumers }: Config, report: Report): void {
  if (consumers.length === 0 && !isLoopback(listen.host)) {
    const expected = 'a loopback host (127.0.0.1, ::1 or localhost) as long as there are no consumers'
    report(['listen', 'host'], expected, show(listen.host),
      'whoever reached the port could spend your keys; declare `consumers`, or listen on 127.0.0.1')
  }
  if (admin !== false && admin.port === listen.port && listen.port !== 0) {
    report(['admin', 'port'], 'a port of its own', String(admin.port), 'that is the port of `listen` already')
  }
}

function checkProviders({ providers }: Config, report: Report): void {
  // One step only, so that nobody has to follow a line of stand-ins, which could lead in a circle.
  const able = Object.keys(providers).filter(name => providers[name]!.withoutKey === undefined)
  for (const [name, { withoutKey }] of Object.entries(providers)) {
    if (withoutKey === undefined) continue
    checkName(withoutKey, able, 'a provider that has no `withoutKey` of its own', ['providers', name, 'withoutKey'], report)
  }
}

function checkConsumers({ consumers }: Config, report: Report): void {
  checkUnique(consumers, 'consumers', report)
  const owners = new Map<string, string>()
  for (const [index, { name, keys }] of consumers.entries()) {
    for (const [at, { sha256 }] of keys.entries()) {
      const owner = owners.get(sha256)
      const where = ['consumers', index, 'keys', at, 'sha256']
      if (owner === undefined) owners.set(sha256, name)
      else report(where, 'a key of its own', show(sha256), `that is a key of ${owner} already`)
    }
  }
}

function checkChains({ chains, trusted }: Config, report: Report): void {
  for (const [name, chain] of Object.entries(chains)) {
    for (const direction of ['request', 'response'] as const) {
      for (const [index, step] of chain[direction].entries()) {
        const { use, run } = step
        const at = ['chains', name, direction, index]
        checkStepLimits(step, at, report)
        if (run === 'sandbox' || !isAbsolute(use) || trusted.includes(use)) continue
        report([...at, 'use'], 'a processor of the house, a file that is listed under `trusted`, or `run: sandbox`', show(use),
          'the file would run with all the rights of the gateway')
      }
    }
  }
}

const MEGABYTE = 2 ** 20
/** V8 needs 8 MB for an empty isolate; beyond half a gigabyte, a few of them are the machine. */
const MEMORY = { least: 8 * MEGABYTE, most: 512 * MEGABYTE }
/** Milliseconds. Whatever takes longer is nothing that a request can wait for. */
const LONGEST_CALL = 10_000

function checkStepLimits({ use, run, limits: { memory, cpu } }: StepConfig, at: Keys, report: Report): void {
  if (run !== 'sandbox' && (memory !== undefined || cpu !== undefined)) {
    report([...at, 'limits'], `\`run: sandbox\` for a step that has limits (${show(use)})`, `run: ${run}`,
      'on the loop and in a thread nothing would keep to them')
  }
  if (memory !== undefined && (memory < MEMORY.least || memory > MEMORY.most)) {
    report([...at, 'limits', 'memory'], 'a size from 8mb to 512mb', `${memory} bytes`)
  }
  if (cpu !== undefined && cpu > LONGEST_CALL) report([...at, 'limits', 'cpu'], 'a duration from 1ms to 10s', `${cpu}ms`)
}

function checkRoutes({ routes, chains, providers }: Config, report: Report): void {
  checkUnique(routes, 'routes', report)
  const known = { chains: Object.keys(chains), providers: Object.keys(providers) }
  for (const [index, { chain, match: { size }, mirror, targets, fallback, hedge }] of routes.entries()) {
    const at = ['routes', index]
    if (size?.above !== undefined && size.below !== undefined && size.below - size.above < 2) {
      report([...at, 'match', 'size', 'below'], `a size beyond that of \`above\`, with one in between`, `${size.below} bytes`)
    }
    if (chain !== undefined) checkName(chain, known.chains, 'a chain that is declared under `chains`', [...at, 'chain'], report)
    if (mirror !== undefined) checkName(mirror.provider, known.providers, 'a provider', [...at, 'mirror', 'provider'], report)
    for (const [list, members] of Object.entries({ targets, fallback })) {
      for (const [place, { provider }] of members.entries()) {
        checkName(provider, known.providers, 'a provider', [...at, list, place, 'provider'], report)
      }
    }
    if (targets.every(({ weight }) => weight === 0)) {
      report([...at, 'targets'], 'a target with a weight above 0', 'only weights of 0')
    }
    if (hedge !== undefined && targets.length + fallback.length < 2) {
      report([...at, 'hedge'], 'a second target or a fallback, which could be asked as well', 'one target only')
    }
  }
}

function checkName(name: string, known: readonly string[], what: string, at: Keys, report: Report): void {
  if (!known.includes(name)) report(at, known.length === 0 ? what : oneOf(known), show(name), didYouMean(name, known))
}

function checkUnique(members: readonly { readonly name: string }[], list: string, report: Report): void {
  const names = new Set<string>()
  for (const [index, { name }] of members.entries()) {
    if (names.has(name)) report([list, index, 'name'], 'a name of its own', `${show(name)} again`)
    names.add(name)
  }
}

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

/** By the address alone: what a name resolves to is the network's word, except for `localhost` (RFC 6761, section 6.3). */
function isLoopback(host: string): boolean {
  const family = isIP(host)
  if (family === 0) return host.toLowerCase() === 'localhost'
  return LOOPBACK.check(host, family === 4 ? 'ipv4' : 'ipv6')
}
