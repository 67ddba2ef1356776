// What the bench compares with the bare proxy: a peer (bench/peer.ts) or Gatehouse in a scenario (bench/scenario.ts).
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Load } from './server.ts'
import type { Scenario } from './scenario.ts'

/** One row of the table. */
export interface Candidate {
  readonly name: string
  readonly about: string
  readonly load: Load
  /** Why it cannot be measured here and what would help; undefined where it can. */
  readonly missing?: string
  /** The command line that serves `port` in front of `upstream`, an origin. May write files into `folder`. */
  command(upstream: string, port: number, folder: string): readonly string[]
}

/** Gatehouse in a scenario, started as an operator starts it. `admin` is the port of its control plane. */
export function gatehouse(scenario: Scenario, admin: number): Candidate {
  return {
    ...scenario,
    command(upstream, port, folder) {
      const file = join(folder, `${scenario.name}.json`)
      const listening = { listen: { host: '127.0.0.1', port }, admin: { host: '127.0.0.1', port: admin } }
      writeFileSync(file, JSON.stringify({ ...listening, ...scenario.config(upstream) }, null, 2))
      return [process.execPath, join(import.meta.dirname, '../core/main.ts'), 'start', '--config', file]
    },
  }
}
