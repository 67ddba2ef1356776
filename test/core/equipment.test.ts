import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Shed } from '../../core/equipment.ts'
import type { Embedder } from '../../sdk/index.ts'

test('steps that ask for the same embedder share it, and what they were lent ends with the config', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-shed-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const shed = new Shed(join(folder, 'state'))
  const embedder = await shed.embedder({ use: 'local' })
  assert.equal(await shed.embedder({ use: 'local' }), embedder)
  const endpoint = (model: string) => shed.embedder({ use: 'endpoint', options: { url: 'http://127.0.0.1:1', model, dimensions: 2 } })
  assert.notEqual(await endpoint('a'), await endpoint('b'))

  const index = await shed.index({ use: 'memory', options: { file: 'kept' } }, embedder)
  const vector = new Float32Array(embedder.dimensions).fill(embedder.dimensions ** -0.5)
  await index.put([{ id: 'a', partition: 'p', vector, payload: '', expires: Infinity, tags: [] }])
  await shed.close()
  const again = new Shed(join(folder, 'state'))
  assert.equal(await (await again.index({ use: 'memory', options: { file: 'kept' } }, embedder)).size(), 1)
  await again.close()
})

test('an index that cannot be written is told when it ends', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-shed-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const shed = new Shed(folder)
  const embedder: Embedder = { model: 'm', dimensions: 1, embed: async () => [], close: async () => {} }
  const index = await shed.index({ use: 'memory', options: { file: 'kept' } }, embedder)
  await index.put([{ id: 'a', partition: 'p', vector: Float32Array.of(1), payload: '', expires: Infinity, tags: [] }])
  rmSync(folder, { recursive: true })
  assert.match((await shed.close()).join(), /ENOENT.*kept/)
})

test('what is not there, or not set up as it wants, is refused in words', async () => {
  const shed = new Shed(tmpdir())
  await assert.rejects(shed.embedder({ use: 'lokal' }), /expected a embedder \(endpoint, local\), as "local"/)
  await assert.rejects(shed.embedder({ use: 'endpoint', options: { url: 'ftp://x', model: 'a', dimensions: 2 } }), /at options\/url, got "ftp:/)
  await assert.rejects(shed.embedder({ use: 'local', options: { more: 1 } }), /at options\/more/)
  await shed.close()
})
