// Vectors as rows of 8-bit numbers, side by side where the kernel reads them: a quarter of the memory to go through, and
// near enough to find those that are worth an exact look. Used by memory.ts.
import { openKernel } from './kernel.ts'

const PAGE = 64 * 1024
const LARGEST = 127

/** Rows of one length, by number. Row 0 is that of the question. */
export class Rows {
  readonly #kernel = openKernel()
  readonly #width: number
  /** What one step of a row's numbers is worth. */
  #scales = new Float32Array(256)
  readonly #free: number[] = []
  #count = 1

  constructor(dimensions: number) {
    this.#width = Math.ceil(dimensions / 16) * 16
  }

  /** Keeps a vector; returns the number of its row. */
  add(vector: Float32Array): number {
    const row = this.#free.pop() ?? this.#count++
    this.#write(row, vector)
    return row
  }

  /** Lets go of a row. */
  drop(row: number): void {
    this.#free.push(row)
  }

  /** What the other rows are to be compared with. */
  ask(vector: Float32Array): void {
    this.#write(0, vector)
  }

  /** About the dot product of a row with what was asked. */
  likeness(row: number): number {
    const at = row * this.#width
    return this.#kernel.dot(at, 0, at + this.#width) * this.#scales[row]! * this.#scales[0]!
  }

  #write(row: number, vector: Float32Array): void {
    const end = (row + 1) * this.#width
    const { memory } = this.#kernel
    const { byteLength } = memory.buffer
    // In steps that double: growing copies.
    if (end > byteLength) memory.grow(Math.ceil(Math.max(end - byteLength, byteLength) / PAGE))
    if (row >= this.#scales.length) {
      const scales = new Float32Array(this.#scales.length * 2)
      scales.set(this.#scales)
      this.#scales = scales
    }
    let most = 0
    for (const one of vector) most = Math.max(most, Math.abs(one))
    const scale = most / LARGEST || 1
    this.#scales[row] = scale
    const numbers = new Int8Array(memory.buffer, row * this.#width, this.#width)
    numbers.fill(0)
    for (let i = 0; i < vector.length; i++) numbers[i] = Math.round(vector[i]! / scale)
  }
}
