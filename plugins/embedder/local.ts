// The embedder that needs nothing: a small English sentence encoder whose weights come with the package, in a thread of its
// own that starts with the first text. Good enough to begin with; see bench/README.md for what it can tell apart.
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { defineEmbedder } from 'gatehouse/sdk'

/** Texts that may wait for the thread; each takes some 13 ms. */
const MOST_WAITING = 1000
/** Of the encoder. */
const DIMENSIONS = 512

export default defineEmbedder({
  name: 'local',
  open() {
    const filename = fileURLToPath(new URL(`./local/thread${extname(import.meta.url)}`, import.meta.url))
    const threads = new Piscina<readonly string[], readonly Float32Array[]>({
      filename, minThreads: 0, maxThreads: 1, maxQueue: MOST_WAITING, idleTimeout: Infinity, niceIncrement: 10, recordTiming: false,
    })
    return {
      model: 'universal-sentence-encoder-lite-en@0.2.0',
      dimensions: DIMENSIONS,
      embed: texts => threads.run(texts),
      close: () => threads.destroy(),
    }
  },
})
