// The index that needs nothing: every vector in this process's memory. A search looks at all entries of a partition, so what
// it finds is exact, and what is forgotten is gone at once.
import { join } from 'node:path'
import { defineIndex, Type, type Entry, type Near } from 'gatehouse/sdk'
import { readEntries, writeEntries } from './memory/file.ts'
import { Rows } from './memory/rows.ts'

const DEFAULTS = { entries: 20_000 }

/** Entries that are looked at exactly, of those that the short rows say are nearest. */
const CANDIDATES = 32

interface Held {
  readonly entry: Entry
  readonly row: number
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
    const partitions = new Map<string, Map<string, Held>>()
    /** All of them, the oldest first. */
    const all = new Set<Held>()
    let changed = false

    function add(entry: Entry): void {
      const partition = partitions.get(entry.partition) ?? new Map<string, Held>()
      partitions.set(entry.partition, partition)
      const known = partition.get(entry.id)
      if (known !== undefined) drop(known)
      const held = { entry, row: rows.add(entry.vector) }
      // It may have been the last, and the partition gone with it.
      partitions.set(entry.partition, partition.set(entry.id, held))
      all.add(held)
      if (all.size > most) drop(all.values().next().value!)
    }

    function drop(held: Held): void {
      const { entry: { partition: name, id }, row } = held
      const partition = partitions.get(name)!
      partition.delete(id)
      if (partition.size === 0) partitions.delete(name)
      all.delete(held)
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
        rows.ask(vector)
        for (const held of partitions.get(name)?.values() ?? []) {
          if (held.entry.expires <= now) drop(held)
          else best.offer(rows.likeness(held.row), held)
        }
        const near = best.all.map(({ entry: { id, payload, vector: own } }): Near => ({ id, payload, similarity: dot(own, vector) }))
        return near.toSorted((a, b) => b.similarity - a.similarity).slice(0, count)
      },
      async forget(tags, name) {
        const found = [...all].filter(({ entry }) => (name === undefined || entry.partition === name) && entry.tags.some(tag => tags.includes(tag)))
        for (const held of found) drop(held)
        changed ||= found.length > 0
        return found.length
      },
      async ids(name) { return [...partitions.get(name)?.keys() ?? []] },
      async remove(name, ids) {
        for (const id of ids) {
          const held = partitions.get(name)?.get(id)
          if (held === undefined) continue
          drop(held)
          changed = true
        }
      },
      async size() { return all.size },
      async close() {
        if (path !== undefined && changed) writeEntries(path, { model, dimensions }, [...all].map(({ entry }) => entry))
      },
    }
  },
})

/** The few that score highest of many. */
class Best {
  readonly #count: number
  /** The best first. */
  readonly #top: { readonly score: number; readonly held: Held }[] = []

  constructor(count: number) {
    this.#count = count
  }

  offer(score: number, held: Held): void {
    const top = this.#top
    if (top.length === this.#count && score <= top.at(-1)!.score) return
    let at = top.length
    while (at > 0 && top[at - 1]!.score < score) at--
    top.splice(at, 0, { score, held })
    if (top.length > this.#count) top.pop()
  }

  get all(): readonly Held[] { return this.#top.map(({ held }) => held) }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
