// Whether a config would start, and what it would do: everything that a start loads and compiles, without the sockets.
// Called by the supervisor at start, by every reload, and by `gatehouse check`.
import type { Config } from '../config/config.ts'
import type { Loaded } from '../config/loader.ts'
import { ConfigError, type Problem } from '../config/problem.ts'
import { validator } from '../config/validator.ts'
import { sentence } from './chain-compiler.ts'
import type { RouteDescription } from './description.ts'
import { Executors } from './executors.ts'
import { compileGateway } from './gateway.ts'
import { loadPlugin } from './registry.ts'

/** Compiles a config as a worker would, lets go of it, and tells its routes. Throws a ConfigError with every problem. */
export async function checkConfig(config: Config, epoch: number, problem: Loaded['problem']): Promise<RouteDescription[]> {
  const problems = await checkPlugins(config, problem)
  const executors = new Executors()
  try {
    const gateway = await compileGateway(config, epoch, problem, executors.openings(config, true))
    const routes = gateway.describe()
    await gateway.close()
    if (problems.length === 0) return routes
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    problems.push(...error.problems)
  } finally {
    await executors.close()
  }
  throw new ConfigError(problems)
}

async function checkPlugins({ auth, apis, plugins, ledger, counter }: Config, problem: Loaded['problem']): Promise<Problem[]> {
  const wanted = [
    { at: '/auth', use: auth, family: 'auth', options: {} },
    ...apis.map((use, index) => ({ at: `/apis/${index}`, use, family: 'api', options: {} })),
    ...ledger === false ? [] : [{ at: '/ledger', use: ledger.use, family: 'ledger', options: ledger.options }],
    { at: '/counter', use: counter.use, family: 'counter', options: counter.options },
    ...plugins.map(({ use, options }, index) => ({ at: `/plugins/${index}`, use, family: '', options })),
  ]
  const found = await Promise.all(wanted.map(async ({ at, use, family, options }) => {
    try {
      const definition = await loadPlugin(use, family)
      if (definition.options !== undefined) {
        const faults = validator(definition.options)(options)
        return faults.map(({ pointer, expected, got, message }) => problem(`${at}/options${pointer}`, expected, got, message))
      }
      const given = Object.keys(options)
      return given.length === 0 ? [] : [problem(`${at}/options`, `no options, since ${use} has none`, given.join(', '))]
    } catch (error) {
      return [problem(at, sentence(error), JSON.stringify(use))]
    }
  }))
  return found.flat()
}
