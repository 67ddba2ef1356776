// Opens the ledger of a config, whether or not a gateway runs with it. Called by `gatehouse usage` and `gatehouse audit`, and by
// settlement.ts.
import { loadConfig, type Loaded } from '../config/loader.ts'
import type { Ledger } from '../sdk/index.ts'
import { openLedger } from './bookkeeper.ts'

/** Does something with a ledger. Rejects with the problems of the config, or with the ledger's own sentence. */
export async function withLedger<T>(file: string, work: (ledger: Ledger, loaded: Loaded) => Promise<T>): Promise<T> {
  const loaded = await loadConfig(file)
  const { state, ledger: wanted } = loaded.config
  if (wanted === false) throw new Error(`expected a config with a \`ledger\`; ${file} has none`)
  const ledger = await openLedger(state, wanted)
  try {
    return await work(ledger, loaded)
  } finally {
    await ledger.close()
  }
}
