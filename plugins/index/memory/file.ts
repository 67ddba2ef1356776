// An index as a file: one line of JSON with everything but the vectors, then these as 32-bit numbers, little end first. Used
// by memory.ts, which reads it once and writes it when it closes.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Entry } from 'gatehouse/sdk'

const LF = 0x0a

const ANEW = 'delete this file, and if it held documents, run gatehouse index again'

interface Head {
  readonly model: string
  readonly dimensions: number
  /** `expires` is null for never. */
  readonly entries: readonly (Omit<Entry, 'vector' | 'expires'> & { readonly expires: number | null })[]
}

/** The entries of a file; none where it is not there. Throws a sentence where it holds something else, or vectors of another model. */
export function readEntries(path: string, { model, dimensions }: Pick<Head, 'model' | 'dimensions'>): Entry[] {
  if (!existsSync(path)) return []
  const bytes = readFileSync(path)
  const head = headOf(bytes, path)
  if (head.model !== model || head.dimensions !== dimensions) {
    throw new Error(`expected vectors of ${model} in ${path}, got those of ${head.model}: ${ANEW}`)
  }
  // Copied, since 32-bit numbers want an offset of their own.
  const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset + bytes.indexOf(LF) + 1, bytes.byteOffset + bytes.length))
  return head.entries.map(({ expires, ...entry }, at) => (
    { ...entry, expires: expires ?? Infinity, vector: numbers.slice(at * dimensions, (at + 1) * dimensions) }))
}

function headOf(bytes: Buffer, path: string): Head {
  try {
    const head = JSON.parse(bytes.toString('utf8', 0, bytes.indexOf(LF))) as Head
    const { entries, dimensions } = head
    if (bytes.length - bytes.indexOf(LF) - 1 === entries.length * dimensions * Float32Array.BYTES_PER_ELEMENT) return head
  } catch {
    // Said below.
  }
  throw new Error(`expected an index in ${path}: ${ANEW}`)
}

/** Writes a file, all of it or nothing. */
export function writeEntries(path: string, { model, dimensions }: Pick<Head, 'model' | 'dimensions'>, entries: readonly Entry[]): void {
  const plain = entries.map(({ vector: _vector, ...entry }) => ({ ...entry, expires: Number.isFinite(entry.expires) ? entry.expires : null }))
  const vectors = entries.map(({ vector }) => Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength))
  const fresh = `${path}.${process.pid}`
  writeFileSync(fresh, Buffer.concat([Buffer.from(`${JSON.stringify({ model, dimensions, entries: plain } satisfies Head)}\n`), ...vectors]), { mode: 0o600 })
  renameSync(fresh, path)
}
