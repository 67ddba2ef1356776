// Equipment as small as it comes. Used by the tests of processors that look things up.
import memory from '../../plugins/index/memory.ts'
import type { Embedder, Equipment } from '../../sdk/index.ts'

/** An embedder for which texts are as near as they share letters. */
export const LETTERS: Embedder = {
  model: 'letters',
  dimensions: 26,
  async embed(texts) {
    return texts.map(text => {
      const counts = Float32Array.from({ length: 26 }, (_, letter) => text.toLowerCase().split(String.fromCharCode(97 + letter)).length - 1)
      const length = Math.hypot(...counts) || 1
      return counts.map(count => count / length)
    })
  },
  async close() {},
}

/** What a gateway would lend, with an empty index for each who asks. */
export const equipped = (embedder = LETTERS): Equipment => ({
  embedder: async () => embedder,
  index: async (_member, { dimensions, model }) => memory.open({ directory: '', options: {}, dimensions, model }),
})
