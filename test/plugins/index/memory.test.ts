import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import memory from '../../../plugins/index/memory.ts'
import type { VectorIndex } from '../../../sdk/index.ts'
import { DIMENSIONS, entryOf, findsTheNearest, keepsItsPromises, vectorOf } from './kit.ts'

const open = (options: object = {}, directory = tmpdir(), model = 'm'): Promise<VectorIndex> =>
  memory.open({ directory, options, dimensions: DIMENSIONS, model })

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-index-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

test('it keeps what an index promises', async () => keepsItsPromises(await open()))

test('it finds the nearest', async () => findsTheNearest(await open(), 100))

test('the oldest make room', async () => {
  const index = await open({ entries: 2 })
  for (const [at, id] of ['a', 'b', 'a', 'c'].entries()) await index.put([entryOf(id, at)])
  assert.deepEqual([...await index.ids('p')].toSorted(), ['a', 'c'], 'a was put again after b')
  assert.equal(await index.size(), 2)
})

test('a file holds it from one opening to the next', async t => {
  const folder = folderOf(t)
  const first = await open({ file: 'passages' }, folder)
  await first.put([entryOf('ä', 1, { tags: ['t'] }), entryOf('b', 2, { expires: Date.now() + 60_000 })])
  await first.close()
  const second = await open({ file: 'passages' }, folder)
  assert.deepEqual([...await second.ids('p')], ['ä', 'b'])
  assert.ok(Math.abs((await second.nearest('p', vectorOf(2), 1))[0]!.similarity - 1) < 1e-5)
  assert.equal(await second.forget(['t']), 1)
})

test('a file of another model, or of no index, is refused', async t => {
  const folder = folderOf(t)
  const first = await open({ file: 'passages' }, folder)
  await first.put([entryOf('a', 1)])
  await first.close()
  await assert.rejects(open({ file: 'passages' }, folder, 'other'), /expected vectors of other in .*, got those of m: delete this file/)
  writeFileSync(join(folder, 'torn'), '{"model":"m","dimensions":20,"entries":[{}]}\nabc')
  await assert.rejects(open({ file: 'torn' }, folder), /expected an index in .*: delete this file/)
})
