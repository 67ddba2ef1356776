// `gatehouse audit`: who changed what, and what was blocked and given back, from the ledger of a config.
import { resolve } from 'node:path'
import type { AuditReport } from '../../sdk/index.ts'
import { auditReport, spanOf } from '../../sdk/usage-report.ts'
import type { Command } from '../cli.ts'
import { configIn } from './start.ts'

const USAGE_ERROR = 2
const MOST = 10_000

/** The command. */
export const audit: Command = {
  summary: 'Lists audit entries, or verifies their chain.',
  usage: 'audit [--verify]',
  help: `
  --since TIME        As for \`usage\`. Default: 7d.
  --until TIME        Up to and without. Default: now.
  --limit COUNT       So many, the newest. Default: 100; at most ${MOST}.
  --format FORMAT     table (the default), csv (RFC 4180) or json.
  --verify            Walks the whole chain of entries instead.
  -c, --config FILE   The config that names the ledger; as for \`start\`.

Each entry carries a hash over itself and the one before, and the last is sealed
with the ledger's key: what is missing, altered, swapped or cut off shows. A chain
that was taken back to an earlier state, seal and all, looks whole: note the head
that --verify prints somewhere else, and compare. Exit code 0 where the ledger
answered and nothing is wrong, 1 where the chain is broken, 2 where the ledger,
the config or the question is unusable.`,
  options: {
    since: { type: 'string' }, until: { type: 'string' }, limit: { type: 'string' }, format: { type: 'string' },
    verify: { type: 'boolean' }, config: { type: 'string', short: 'c' },
  },
  operands: [],
  async run({ options }, print) {
    const { since, until, limit = '100', format = 'table', config } = options as Readonly<Record<string, string | undefined>>
    try {
      const { formatted, isFormat } = await import('../table.ts')
      if (!isFormat(format)) throw new Error('expected --format to be table, csv or json')
      const isCount = /^[1-9]\d{0,4}$/.test(limit) && Number(limit) <= MOST
      if (!isCount) throw new Error(`expected --limit to be a number from 1 to ${MOST}`)
      const span = spanOf({ since, until }, Date.now())
      const { withLedger } = await import('../with-ledger.ts')
      const file = config === undefined ? configIn(process.cwd()) : resolve(config)
      if (options['verify'] !== true) {
        const entries = await withLedger(file, ledger => ledger.audit({ ...span, limit: Number(limit) }))
        print.out(formatted(auditReport(entries), format))
        return 0
      }
      const report = await withLedger(file, ledger => ledger.verify())
      print.out(verdict(report))
      return report.faults.length === 0 ? 0 : 1
    } catch (error) {
      print.err(`gatehouse: ${(error as Error).message}`)
      return USAGE_ERROR
    }
  },
}

const FAULTS: Readonly<Record<AuditReport['faults'][number]['what'], string>> = {
  missing: 'is missing, and perhaps more behind it',
  altered: 'is not as it was written',
  unsealed: 'may have been cut off with all behind it: the head does not bear the seal',
}

/** What came of a walk, in a line or, where something is wrong, one for each fault. */
export function verdict({ entries, faults, head }: AuditReport): string {
  const count = `${entries} ${entries === 1 ? 'entry' : 'entries'}`
  const broken = faults.map(({ sequence, what }) => `\n  entry ${sequence} ${FAULTS[what]}`)
  if (broken.length > 0) return `${count}; the chain is broken:${broken.join('')}`
  return `${count}, none missing or altered; the head is ${head!.sequence} ${head!.hash}`
}
