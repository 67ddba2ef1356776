import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { StepConfig } from '../../config/config.ts'
import { STEP } from '../../config/defaults.ts'
import { StepTimeout } from '../../core/executor.ts'
import { Executors, type Opened } from '../../core/executors.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-executors-'))
const executors = new Executors()
after(async () => {
  await executors.close()
  rmSync(folder, { recursive: true })
})

const GREEDY = join(folder, 'greedy.ts')
writeFileSync(GREEDY, `import { defineProcessor } from 'gatehouse/sdk'
export default defineProcessor({ name: 'greedy', kind: 'observer', rights: [],
  setup: () => ({ observe({ spin, megabytes }) {
    for (const end = Date.now() + spin; Date.now() < end;);
    return new Array(megabytes * 2 ** 17).fill(1.5).length
  } }) })`)

async function open(limits: StepConfig['limits']): Promise<Opened> {
  const found = await executors.openings({ threads: 1, state: tmpdir() }).find({ ...STEP, use: GREEDY, run: 'sandbox', limits })
  return found.open({})
}
const call = ({ executor }: Opened, spin: number, megabytes: number): unknown =>
  executor.call('observe', [{ spin, megabytes }], 10_000)

test('without limits a sandboxed step has those of the sandbox', async () => {
  assert.equal(await call(await open({}), 150, 20), 20 * 2 ** 17)
})

test('the limit on time is the step\'s own, also where its timeout is longer', async () => {
  await assert.rejects(async () => call(await open({ cpu: 50 }), 5000, 0), StepTimeout)
})

test('the limit on memory is the step\'s own, and whom it ends is counted', async () => {
  // Time is no matter here, on whatever machine.
  const cpu = 10_000
  assert.equal(await call(await open({ memory: 256 * 2 ** 20, cpu }), 0, 100), 100 * 2 ** 17)
  const { sandbox } = executors.openings({ threads: 1, state: tmpdir() })
  assert.deepEqual(sandbox()!.strikes, [])
  await assert.rejects(async () => call(await open({ memory: 16 * 2 ** 20, cpu }), 0, 100), /brought its host down: out of memory/)
  const { strikes, retired, quarantined, quarantines } = sandbox()!
  assert.deepEqual(strikes, [{ processor: 'greedy', reason: 'out of memory', count: 1 }])
  assert.deepEqual([retired, quarantined, quarantines], [{ 'out of memory': 1 }, [], {}])
})

test('where nothing was sandboxed there is no sandbox to tell of', () => {
  assert.equal(new Executors().openings({ threads: 1, state: tmpdir() }).sandbox(), undefined)
})
