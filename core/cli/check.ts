// `gatehouse check`: says whether a config would start, and what it would do.
import { resolve } from 'node:path'
import { loadConfig } from '../../config/loader.ts'
import type { Command } from '../cli.ts'
import { checkConfig } from '../config-check.ts'
import type { RouteDescription } from '../description.ts'

/** The command. */
export const check: Command = {
  summary: 'Validates a config and prints its compiled routes.',
  usage: 'check FILE',
  help: `
Prints, for each route: what it matches, where it goes, the steps that a request
and its answer meet, in order, and how much of a stream they hold back.
Exit code 0 where the config would start, 1 where it would not.`,
  options: {},
  operands: ['FILE'],
  async run({ operands }, print) {
    try {
      const { config, warnings, problem } = await loadConfig(resolve(operands[0]!))
      const routes = await checkConfig(config, 1, problem)
      for (const warning of warnings) print.err(`warning: ${warning}`)
      print.out(routes.map(describe).join('\n\n'))
      return 0
    } catch (error) {
      print.err((error as Error).message)
      return 1
    }
  },
}

/** A route as it is printed: a name, then its parts in two columns. */
export function describe(route: RouteDescription): string {
  const { match, targets, request, response, delivery, warnings } = route
  const rows = { match: [match], targets, request, response, delivery: [delivery], warnings }
  const lines = Object.entries(rows).flatMap(([name, values]) =>
    values.map((value, index) => `  ${(index === 0 ? name : '').padEnd(10)}${value}`))
  return [`route ${route.name}`, ...lines].join('\n')
}
