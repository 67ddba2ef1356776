// A config with a ledger that has something to tell, for the tests of the commands that ask it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openLedger } from '../../../core/bookkeeper.ts'
import { runCli } from '../../../core/cli.ts'
import type { LedgerEntry } from '../../../sdk/index.ts'

/** Writes the config and fills its ledger; resolves with the config's file and the ledger's. */
export async function configWith(t: TestContext, entries: readonly LedgerEntry[]): Promise<{ file: string; database: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-books-'))
  t.after(() => rm(folder, { recursive: true }))
  const state = join(folder, 'state')
  const file = join(folder, 'house.json')
  await writeFile(file, JSON.stringify({
    state: './state', ledger: { use: 'sqlite' },
    providers: { echo: { use: 'echo' } }, routes: [{ name: 'all', match: {}, targets: [{ provider: 'echo' }] }],
  }))
  const ledger = await openLedger(state, { use: 'sqlite', options: {} })
  await ledger.append(entries)
  await ledger.close()
  return { file, database: join(state, 'ledger.db') }
}

/** Runs a command; what it printed is as a terminal would get it. */
export async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const code = await runCli(args, { out(text) { said.out += `${text}\n` }, err(text) { said.err += `${text}\n` } })
  return { code, ...said }
}
