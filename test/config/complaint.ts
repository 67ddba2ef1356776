// What the loader says of a config: for every test of this folder that is about one thing wrong with it.
import assert from 'node:assert/strict'
import { parseConfig } from '../../config/loader.ts'
import { ConfigError } from '../../config/problem.ts'

/** A hash that fits the schema. */
export const HASH = 'c0ffee'.padEnd(64, '0')

const REST: Readonly<Record<string, string>> = {
  providers: 'providers: { echo: { use: echo } }',
  chains: 'chains: { guarded: [pii], open: [] }',
  routes: 'routes: [{ name: all, chain: guarded, targets: [{ provider: echo }] }]',
}

/** A config of the given lines, and then whatever they leave out, so that nothing else can be wrong. */
export function completed(lines: string): string {
  const missing = Object.keys(REST).filter(key => !new RegExp(`^${key}:`, 'm').test(lines))
  return [lines, ...missing.map(key => REST[key])].join('\n')
}

/** The problems of a config, as they are printed, without the file's name. */
export async function complaint(lines: string, env: Record<string, string> = {}): Promise<string[]> {
  try {
    await parseConfig(completed(lines), { file: 'g.yaml', env })
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error.message.split('\n').map(line => line.replace(/^g\.yaml:/, ''))
  }
  return assert.fail('the config was accepted')
}
