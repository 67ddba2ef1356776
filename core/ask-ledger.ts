// Asks the ledger of a config, whether or not a gateway runs with it. Called by `gatehouse usage` and `gatehouse audit`.
import { loadConfig } from '../config/loader.ts'
import type { LedgerReader } from '../sdk/index.ts'
import { openLedger } from './bookkeeper.ts'

/** What a ledger answers. Rejects with the problems of the config, or with the ledger's own sentence. */
export async function askLedger<T>(file: string, ask: (ledger: LedgerReader) => Promise<T>): Promise<T> {
  const { config: { state, ledger: wanted } } = await loadConfig(file)
  if (wanted === false) throw new Error(`expected a config with a \`ledger\`; ${file} has none`)
  const ledger = await openLedger(state, wanted)
  try {
    return await ask(ledger)
  } finally {
    await ledger.close()
  }
}
