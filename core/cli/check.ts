// `gatehouse check`: says whether a config would start, and what it would do; or what a gateway that runs has learnt.
import { resolve } from 'node:path'
import type { LoopTime } from '../../sdk/index.ts'
import type { BudgetConfig } from '../../config/config.ts'
import type { Command } from '../cli.ts'
import type { RouteDescription } from '../description.ts'

/** The command. */
export const check: Command = {
  summary: 'Validates a config and prints its compiled routes and its budgets.',
  usage: 'check FILE [--live [--admin URL]]',
  help: `
Prints, for each route: what it matches, where it goes, the steps that a request
and its answer meet, in order, and how much of a stream they hold back.
Exit code 0 where the config would start, 1 where it would not.

  --live        Asks the gateway that runs with the config instead, and prints for
                each inline step how long its calls hold the loop, and which of
                them should run elsewhere. Exit code 1 where no gateway answers.
  --admin URL   Where to ask, if not at the address of the config's \`admin\`.`,
  options: { live: { type: 'boolean' }, admin: { type: 'string' } },
  operands: ['FILE'],
  async run({ options, operands: [file = ''] }, print) {
    try {
      if (options['live'] === true) {
        const { askAdvice } = await import('../live.ts')
        print.out(advice(await askAdvice(typeof options['admin'] === 'string' ? options['admin'] : await adminOf(file))))
        return 0
      }
      const { loadConfig } = await import('../../config/loader.ts')
      const { config, warnings, problem } = await loadConfig(resolve(file))
      const { checkConfig } = await import('../config-check.ts')
      const routes = await checkConfig(config, 1, problem)
      for (const warning of warnings) print.err(`warning: ${warning}`)
      print.out([...routes.map(describe), ...config.budgets.map(describeBudget)].join('\n\n'))
      return 0
    } catch (error) {
      print.err((error as Error).message)
      return 1
    }
  },
}

async function adminOf(file: string): Promise<string> {
  const { loadConfig } = await import('../../config/loader.ts')
  const { config: { admin } } = await loadConfig(resolve(file))
  if (admin === false || admin.port === 0) throw new Error('expected a config whose `admin` names a port to ask at, or --admin URL')
  return `http://${admin.host.includes(':') ? `[${admin.host}]` : admin.host}:${admin.port}`
}

/** A route as it is printed: a name, then its parts in two columns. */
export function describe(route: RouteDescription): string {
  const { match, targets, request, response, delivery, warnings } = route
  const rows = { match: [match], targets, request, response, delivery: [delivery], warnings }
  const lines = Object.entries(rows).flatMap(([name, values]) =>
    values.map((value, index) => `  ${(index === 0 ? name : '').padEnd(10)}${value}`))
  return [`route ${route.name}`, ...lines].join('\n')
}

/** A budget as it is printed. */
export function describeBudget({ name, of, limit, window, each, mode, match }: BudgetConfig): string {
  const amount = of === 'cost' ? `${limit / 1e9} dollars` : of === 'concurrency' ? `${limit} requests at once` : `${limit} ${of}`
  const span = window.kind === 'sliding' ? ` in ${window.ms / 1000} s` : window.kind === 'calendar' ? ` a ${window.period}` : ''
  const { tags = {}, ...names } = match
  const whose = Object.entries({ ...names, ...tags }).map(([what, values]) => `${what} ${values.join(' | ')}`)
  const rows = { limit: `${amount}${span}, ${mode}`, ...each.length > 0 && { each: each.join(', ') }, ...whose.length > 0 && { counts: whose.join(', ') } }
  return [`budget ${name}`, ...Object.entries(rows).map(([row, value]) => `  ${row.padEnd(10)}${value}`)].join('\n')
}

/** What was measured of each step, the slowest first. */
export function advice(times: readonly LoopTime[]): string {
  if (times.length === 0) return 'no inline step has been called yet'
  return times.toSorted((a, b) => b.p99 - a.p99).map(({ chain, step, calls, p99, advice: remedy = 'ok' }) =>
    `chain ${chain}, step ${step}: p99 ${p99.toPrecision(2)} ms in ${calls} calls; ${remedy}`).join('\n')
}
