// The providers of a config, connected: one connection for each key, checked and ready to be called. Made by gateway.ts.
import type { Connection } from '../sdk/index.ts'
import type { Config, ProviderConfig } from '../config/config.ts'
import { validator } from '../config/validator.ts'
import { NO_OPTIONS, sentence, type Complain } from './chain-compiler.ts'
import { Check } from './check.ts'
import { Health } from './health.ts'
import { KeyRing } from './keys.ts'
import { loadProvider } from './registry.ts'
import type { Route } from './router.ts'
import { withToken, type Credential } from './token.ts'
import type { Troubles } from './troubles.ts'
import type { Upstreams } from './upstreams.ts'
import { waysTo, type Ways } from './way.ts'

/** A provider, ready to be called. */
export interface Provider {
  readonly name: string
  readonly use: string
  /** That of the first key. */
  readonly connection: Connection
  readonly keys: KeyRing
  readonly config: ProviderConfig
  readonly ways: Ways
}

/** Connects every provider, by its name. Problems go to `complain`, and the provider is left out. */
export async function connectAll(config: Config, troubles: Troubles, complain: Complain): Promise<Map<string, Provider>> {
  const providers = new Map<string, Provider>()
  for (const name of Object.keys(config.providers)) {
    const entry = servedBy(config, name)
    try {
      const definition = await loadProvider(entry.use)
      const faults = validator(definition.options ?? NO_OPTIONS)(entry.options)
      for (const { pointer, expected, got } of faults) complain(`/providers/${name}/options${pointer}`, expected, got)
      if (faults.length > 0) continue
      const keys = entry.keys.length > 0 ? entry.keys : ['']
      const connections = keys.map((key, index) =>
        telling(definition.connect({ key, url: entry.url, options: entry.options }), troubles, name, `token of key ${index + 1}`))
      const connection = connections[0]!
      if (entry.idHeader !== undefined && sets(connection, entry.idHeader)) {
        complain(`/providers/${name}/idHeader`, `a header that ${entry.use} does not set by itself`, entry.idHeader)
        continue
      }
      providers.set(name, {
        name, use: entry.use, connection, keys: new KeyRing(name, connections, troubles), config: entry, ways: await waysTo(connection.dialects),
      })
    } catch (error) {
      complain(`/providers/${name}`, sentence(error), `use: ${entry.use}`)
    }
  }
  return providers
}

/** The health of a new target. */
export function healthAt({ config: { breaker, concurrency, queue } }: Provider): Health {
  return new Health({ ...breaker, concurrency, ...(queue !== undefined && { queue }) })
}

/** The checks of the providers that want one and that some route leads to. */
export function checksOf(config: Config, providers: ReadonlyMap<string, Provider>, routes: readonly Route[], upstreams: Upstreams): Check[] {
  const targets = routes.flatMap(route => [...route.targets, ...route.fallback])
  const checks: Check[] = []
  for (const { name, connection, config: { check, timeouts } } of providers.values()) {
    const healths = targets.filter(target => target.name === name).map(({ health }) => health)
    if (check === undefined || healths.length === 0) continue
    const waits = { ...config.timeouts, ...timeouts, headers: check.timeout, firstEvent: check.timeout, idle: check.timeout }
    // A connection of its own: requests may fill all the others.
    const own = { ...connection }
    const dispatcher = upstreams.dispatcher(own, { connections: 1, connect: waits.connect })
    checks.push(new Check(name, check, { connection: own, dispatcher, timeouts: waits }, healths, upstreams))
  }
  return checks
}

/** True where calls carry a header of that name, in lower case, without anybody's doing. */
function sets({ headers, defaults = [] }: Connection, name: string): boolean {
  return [...headers, ...defaults].some((word, index) => index % 2 === 0 && word.toLowerCase() === name)
}

function telling(connection: Connection, troubles: Troubles, provider: string, about: string): Credential {
  return withToken(connection, why => {
    if (why === undefined) troubles.end(provider, about)
    else troubles.begin(provider, about, why)
  })
}

/** The entry that serves a provider's name: its own, or the one that stands in while it has no key. */
function servedBy(config: Config, name: string): ProviderConfig {
  const entry = config.providers[name]!
  if (entry.key !== '' || entry.withoutKey === undefined) return entry
  return config.providers[entry.withoutKey] ?? entry
}
