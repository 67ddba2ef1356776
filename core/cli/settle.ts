// `gatehouse settle`: enters what a provider's own records say of attempts that were lost.
import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { dollars } from '../../sdk/usage-report.ts'
import type { Command } from '../cli.ts'
import type { Settler } from '../settlement/settler.ts'
import { configIn } from './start.ts'

const USAGE_ERROR = 2

/** The command. */
export const settle: Command = {
  summary: "Enters what a provider's records say of lost attempts.",
  usage: 'settle FILE [--dialect NAME]',
  help: `
  FILE                A record a line, {"id": "gh-4f-2.0", "usage": {...}}: the
                      id that the provider was told (\`idHeader\`), and its own
                      usage object. Other fields are passed over.
  --dialect NAME      In whose shape the usage is told, such as openai-chat.
                      Default: that in which the attempt's provider was asked.
  -c, --config FILE   The config that names the ledger; as for \`start\`.

A process that is killed takes with it what it had not read of an answer: such an
attempt stands in the ledger as \`lost\`, and its provider alone knows its usage.
What a record tells of it is priced like all usage, and its ending is \`settled\`
from then on. No other entry is ever changed, so a file may be given again. Up to
256 records are entered together, with one audit entry that has the file's hash.
Run it when the gateway has started anew: what is still in the journals of dead
processes is not in the ledger.

Exit code 0 where every line was read, 1 where some were not: they are told with
their numbers, and change nothing. 2 where the file, the ledger or the config is
unusable.`,
  options: { dialect: { type: 'string' }, config: { type: 'string', short: 'c' } },
  operands: ['FILE'],
  async run({ options, operands: [file = ''] }, print) {
    const { dialect, config } = options as Readonly<Record<string, string | undefined>>
    try {
      const { settleFile } = await import('../settlement.ts')
      const settler = await settleFile(resolve(file), {
        config: config === undefined ? configIn(process.cwd()) : resolve(config), dialect, actor: `cli:${user()}`,
      })
      print.out(told(settler))
      const { misfits: { first, count } } = settler
      for (const { line, problem } of first) print.err(`line ${line}: ${problem}`)
      if (count > first.length) print.err(`... and ${count - first.length} more`)
      return count === 0 ? 0 : 1
    } catch (error) {
      print.err(`gatehouse: ${(error as Error).message}`)
      return USAGE_ERROR
    }
  },
}

/** Who runs this: in a container it may be a number without a name. */
function user(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}

function told({ settled, tokens, cost, notLost, unknown: { first, count } }: Settler): string {
  const more = count > first.length ? `, and ${count - first.length} more` : ''
  return [
    `${settled} settled: ${tokens} tokens, ${dollars(cost)} dollars`,
    `${notLost} passed over, which were not lost`,
    `${count} not in the ledger${count === 0 ? '' : `: ${first.join(', ')}${more}`}`,
  ].join('\n')
}
