// Which tests share a process. To load the gateway takes longer than most files' tests, so `npm test` runs many files in one
// process, and a process for each file in group/. Alone, any file runs by itself: `node --test test/core/chain.test.ts`.
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

/** By the names of the files in group/: paths below test/ without `.test.ts`. A file belongs to the first group that fits. */
export const GROUPS: Readonly<Record<string, RegExp>> = {
  shipped: /^journey\/(?:conformance|everywhere)$/,
  processes: /^journey\/(?:budget-processes|budget-restart|ledger|processes|readme|write-a-processor)$/,
  kit: /^core\/(?:conformance|cli\/processor)\//,
  laws: /^journey\/(?:exact|laws|laws-of-blocks|matrix|recorded)$/,
  journeys: /^journey\/[a-g]/,
  'later-journeys': /^journey\//,
  core: /^core\/[^/]+$/,
  families: /^core\//,
  rest: /./,
}

/** Runs the tests of a group, a file after the other. */
export async function runGroup(group: string): Promise<void> {
  const loaded = Promise.withResolvers<void>()
  // Tests begin with the first that is known. One that sets the clock would do so for modules that are being loaded.
  test(`the files of ${group} are loaded`, () => loaded.promise)
  for (const file of globSync('**/*.test.ts', { cwd: import.meta.dirname }).toSorted()) {
    const path = file.replace(/\.test\.ts$/, '')
    const [first] = Object.entries(GROUPS).find(([, pattern]) => pattern.test(path))!
    if (first === group) await import(join(import.meta.dirname, file))
  }
  loaded.resolve()
}
