// Vectors as they stand in JSON: lists of numbers, or the base64 of 32-bit floats. Used by the formats of embeddings.

const BYTES = 4

/** Reads a vector in either form. Throws an Error for anything else. */
export function vectorOf(value: unknown): readonly number[] {
  if (typeof value === 'string') return fromBase64(value)
  if (!Array.isArray(value) || value.length === 0) throw new Error('Expected a vector')
  for (const number of value as unknown[]) if (typeof number !== 'number') throw new Error('Expected a vector of numbers')
  return value as number[]
}

/** Reads a list of vectors. Throws an Error for anything else. */
export function vectorsOf(value: unknown): (readonly number[])[] {
  if (!Array.isArray(value)) throw new Error('Expected a list of vectors')
  return value.map(vectorOf)
}

/** The lowest byte of each float comes first, as on every machine that a vendor has. */
export function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(vector.length * BYTES)
  for (const [index, number] of vector.entries()) bytes.writeFloatLE(number, index * BYTES)
  return bytes.toString('base64')
}

function fromBase64(text: string): number[] {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length === 0 || bytes.length % BYTES !== 0) throw new Error('Expected the base64 of 32-bit floats')
  return Array.from({ length: bytes.length / BYTES }, (_, index) => bytes.readFloatLE(index * BYTES))
}
