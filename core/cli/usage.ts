// `gatehouse usage`: what was used and what it cost, from the ledger of a config.
import { resolve } from 'node:path'
import { usageQueryOf, usageReport } from '../../sdk/usage-report.ts'
import type { Command } from '../cli.ts'
import { configIn } from './start.ts'

const USAGE_ERROR = 2

/** The command. */
export const usage: Command = {
  summary: 'Sums up what was used and what it cost.',
  usage: 'usage [--by COLUMNS] [--since TIME]',
  help: `
  --by COLUMNS          What to sum up by, with commas between: consumer (the
                        default), key, route, provider, model, asked (the model
                        as the client named it), dialect, ending, day (UTC),
                        tags.NAME.
  --since TIME          How long ago (90m, 24h, 7d, 4w), or when: 2026-11-21 (UTC)
                        or 2026-11-21T09:00Z. Default: 7d.
  --until TIME          Up to and without. Default: now.
  --where COLUMN=VALUE  Only what has this value; as often as needed.
  --format FORMAT       table (the default), csv (RFC 4180) or json.
  -c, --config FILE     The config that names the ledger; as for \`start\`.

Asks the ledger itself, whether or not a gateway runs. \`requests\` counts what
clients asked, \`attempts\` what providers were asked: \`lost\` are those whose usage
nobody knows, \`estimated\` those that the gateway counted itself, \`unpriced\` those
without a known price, which costUsd leaves out. Input includes what caches read
and wrote, output includes reasoning. Exit code 0 where the ledger answered, 2
where it, the config or the question is unusable.`,
  options: {
    by: { type: 'string' }, since: { type: 'string' }, until: { type: 'string' }, where: { type: 'string', multiple: true },
    format: { type: 'string' }, config: { type: 'string', short: 'c' },
  },
  operands: [],
  async run({ options }, print) {
    const { by, since, until, format = 'table', config } = options as Readonly<Record<string, string | undefined>>
    try {
      const { formatted, isFormat } = await import('../table.ts')
      if (!isFormat(format)) throw new Error('expected --format to be table, csv or json')
      const query = usageQueryOf({ by, since, until, where: options['where'] as readonly string[] | undefined }, Date.now())
      const { withLedger } = await import('../with-ledger.ts')
      const file = config === undefined ? configIn(process.cwd()) : resolve(config)
      const sums = await withLedger(file, ledger => ledger.usage(query))
      print.out(formatted(usageReport(query, sums), format))
      return 0
    } catch (error) {
      print.err(`gatehouse: ${(error as Error).message}`)
      return USAGE_ERROR
    }
  },
}
