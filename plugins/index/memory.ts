// The index that needs nothing: every vector in this process's memory. A search looks at all entries of a partition, so what
// it finds is exact, and what is forgotten is gone at once.
import { join } from 'node:path'
import { defineIndex, Type, type Entry, type Near } from 'gatehouse/sdk'
import { readEntries, writeEntries } from './memory/file.ts'
import { Rows } from './memory/rows.ts'

const DEFAULTS = { entries: 20_000 }

/** Entries that are looked at exactly, of those that the short rows say are nearest. */
const CANDIDATES = 32

/** The rows of a partition, side by side for a search to go through, and where in them each id stands. */
interface Partition {
  readonly rows: number[]
  readonly places: Map<string, number>
}

export default defineIndex({
  name: 'memory',
  options: Type.Object({
    entries: Type.Optional(Type.Integer({
      minimum: 1, maximum: 1_000_000, default: DEFAULTS.entries, description: 'Entries kept at most; the oldest go first. One takes five bytes a dimension and its payload.',
    })),
    file: Type.Optional(Type.String({
      pattern: '^[\\w-][\\w.-]{0,99}$', description: 'A file in the state folder: read when it opens, written when it closes, by one process only.',
    })),
  }, { additionalProperties: false }),

  async open({ directory, options, dimensions, model }) {
    const { entries: most, file } = { ...DEFAULTS, ...options }
    const path = file === undefined ? undefined : join(directory, file)
    const rows = new Rows(dimensions)
    const partitions = new Map<string, Partition>()
    /** By row. */
    const kept: (Entry | undefined)[] = []
    const expiries: number[] = []
    /** Rows in use, that of the oldest entry first. */
    const ages = new Set<number>()
    let changed = false

    function add(entry: Entry): void {
      const before = partitions.get(entry.partition)?.places.get(entry.id)
      if (before !== undefined) drop(partitions.get(entry.partition)!.rows[before]!)
      const row = rows.add(entry.vector)
      kept[row] = entry
      expiries[row] = entry.expires
      ages.add(row)
      const partition = partitions.get(entry.partition) ?? { rows: [], places: new Map<string, number>() }
      partition.places.set(entry.id, partition.rows.push(row) - 1)
      partitions.set(entry.partition, partition)
      if (ages.size > most) drop(ages.values().next().value!)
    }

    function drop(row: number): void {
      const { partition: name, id } = kept[row]!
      const partition = partitions.get(name)!
      // The last takes its place.
      const last = partition.rows.pop()!
      const place = partition.places.get(id)!
      partition.places.delete(id)
      if (last !== row) {
        partition.rows[place] = last
        partition.places.set(kept[last]!.id, place)
      }
      if (partition.rows.length === 0) partitions.delete(name)
      kept[row] = undefined
      ages.delete(row)
      rows.drop(row)
    }

    if (path !== undefined) for (const entry of readEntries(path, { model, dimensions })) add(entry)

    return {
      async put(entries) {
        changed = true
        for (const entry of entries) add(entry)
      },
      async nearest(name, vector, count) {
        const now = Date.now()
        const best = new Best(Math.max(count, CANDIDATES))
        const late: number[] = []
        rows.ask(vector)
        for (const row of partitions.get(name)?.rows ?? []) {
          if (expiries[row]! > now) best.offer(rows.likeness(row), row)
          else late.push(row)
        }
        for (const row of late) drop(row)
        const near = best.all.map((row): Near => {
          const { id, payload, vector: own } = kept[row]!
          return { id, payload, similarity: dot(own, vector) }
        })
        return near.toSorted((a, b) => b.similarity - a.similarity).slice(0, count)
      },
      async forget(tags, name) {
        const found = [...ages].filter(row => (name === undefined || kept[row]!.partition === name) && kept[row]!.tags.some(tag => tags.includes(tag)))
        for (const row of found) drop(row)
        changed ||= found.length > 0
        return found.length
      },
      async ids(name) { return [...partitions.get(name)?.places.keys() ?? []] },
      async remove(name, ids) {
        for (const id of ids) {
          const partition = partitions.get(name)
          const place = partition?.places.get(id)
          if (place === undefined) continue
          drop(partition!.rows[place]!)
          changed = true
        }
      },
      async size() { return ages.size },
      async close() {
        if (path !== undefined && changed) writeEntries(path, { model, dimensions }, [...ages].map(row => kept[row]!))
      },
    }
  },
})

/** The few rows that score highest of many. */
class Best {
  readonly #count: number
  /** The best first. */
  readonly #top: { readonly score: number; readonly row: number }[] = []
  /** What a row has to pass to be among them. */
  #least = -Infinity

  constructor(count: number) {
    this.#count = count
  }

  offer(score: number, row: number): void {
    if (score <= this.#least) return
    const top = this.#top
    let at = top.length
    while (at > 0 && top[at - 1]!.score < score) at--
    top.splice(at, 0, { score, row })
    if (top.length > this.#count) top.pop()
    if (top.length === this.#count) this.#least = top.at(-1)!.score
  }

  get all(): readonly number[] { return this.#top.map(({ row }) => row) }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
