// `gatehouse start`: runs the gateway until it is told to stop.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from '../cli.ts'
import type { Serving } from '../supervisor.ts'

const OWN = ['gatehouse.yaml', 'gatehouse.json']
const QUICKSTART = join(import.meta.dirname, '../../config/examples/quickstart.yaml')

/** The command. */
export const start: Command = {
  summary: 'Runs the gateway.',
  usage: 'start [--config FILE]',
  help: `
  -c, --config FILE   The config, YAML or JSON. Without it: ${OWN.join(' or ')} in the
                      current folder, else an example that needs no key.

The file is watched, and read again on SIGHUP. SIGTERM and SIGINT let running
requests finish (at most the config's \`drain\`); a second one ends at once.`,
  options: { config: { type: 'string', short: 'c' } },
  operands: [],
  async run({ options }, print) {
    const file = typeof options['config'] === 'string' ? resolve(options['config']) : configIn(process.cwd())
    print.out(`gatehouse: the config is ${file}`)
    try {
      const { supervise } = await import('../supervisor.ts')
      await supervise(file, serving => print.out(greeting(serving, file === QUICKSTART)))
      return 0
    } catch (error) {
      print.err(`gatehouse: cannot start\n${(error as Error).message}`)
      return 1
    }
  },
}

/** The config of a folder, or the example that comes with the package. */
export function configIn(folder: string): string {
  return OWN.map(name => join(folder, name)).find(file => existsSync(file)) ?? QUICKSTART
}

/** What a newcomer reads when everything listens. */
export function greeting({ listen, admin }: Serving, quickstart: boolean): string {
  const lines = [`gatehouse: listening on ${listen}${admin === undefined ? '' : `, with the control plane on ${admin}`}`]
  if (quickstart) {
    const body = '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Write to jane.roe@example.com"}]}'
    const curl = `curl ${listen}/v1/chat/completions -H 'content-type: application/json' -d '${body}'`
    lines.push('', 'Try this in another terminal:', '', `  ${curl}`, '')
  }
  return lines.join('\n')
}
