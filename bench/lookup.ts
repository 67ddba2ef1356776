#!/usr/bin/env node
// `npm run bench:lookup`: what a search in the memory index costs the loop, and how fast it fills, with 10,000 and 100,000
// vectors of the local embedder's length in one partition. bench/README.md says how to read the figures.
import { tmpdir } from 'node:os'
import { Shed } from '../core/equipment.ts'
import type { Embedder } from '../sdk/index.ts'
import { markdown } from './markdown.ts'

const DIMENSIONS = 512
const SIZES = [10_000, 100_000]
const SEARCHES = 500
/** Entries that are put at once. */
const BATCH = 1000

async function measure(size: number): Promise<string[]> {
  const shed = new Shed(tmpdir())
  const embedder: Embedder = { model: 'random', dimensions: DIMENSIONS, embed: async texts => texts.map(random), close: async () => {} }
  const index = await shed.index({ use: 'memory', options: { entries: size } }, embedder)
  let putting = 0
  for (let at = 0; at < size; at += BATCH) {
    const entries = Array.from({ length: BATCH }, (_, i) => (
      { id: String(at + i), partition: 'all', vector: random(), payload: 'an answer', expires: Infinity, tags: [] }))
    const began = performance.now()
    await index.put(entries)
    putting += performance.now() - began
  }
  const times = await searches(vector => index.nearest('all', vector, 4))
  await shed.close()
  const at = (share: number): string => times[Math.floor(share * times.length)]!.toFixed(2)
  return [size.toLocaleString('en'), at(0.5), at(0.99), Math.round(size / putting * 1000).toLocaleString('en')]
}

/** Milliseconds, the shortest first; those before V8 has compiled the search are left out. */
async function searches(search: (vector: Float32Array) => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < SEARCHES + 20; i++) {
    const vector = random()
    const began = performance.now()
    await search(vector)
    times.push(performance.now() - began)
  }
  return times.slice(20).toSorted((a, b) => a - b)
}

function random(): Float32Array {
  const vector = Float32Array.from({ length: DIMENSIONS }, () => Math.random() - 0.5)
  const length = Math.sqrt(vector.reduce((sum, one) => sum + one * one, 0))
  return vector.map(one => one / length)
}

async function main(): Promise<void> {
  const rows: string[][] = []
  for (const size of SIZES) rows.push(await measure(size))
  console.log(markdown(['entries', 'p50 ms', 'p99 ms', 'entries put per second'], rows))
}

await main()
