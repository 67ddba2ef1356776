// Google's Gemini API, as Google AI Studio gives keys for it; vertex.ts is the same models on Google Cloud. Loaded by name
// from core/registry.ts.
import { defineProvider, endpoint, type Connection } from 'gatehouse/sdk'

export default defineProvider({
  name: 'gemini',

  connect({ key, url }): Connection {
    if (!/^[!-~]+$/.test(key)) throw new Error('expected a key of printable characters, without spaces and line breaks')
    const { origin, path } = endpoint(url ?? 'https://generativelanguage.googleapis.com/v1beta')
    return {
      origin,
      path: (below, model) => path(withModel(below, model), model),
      dialects: ['gemini', 'gemini-count-tokens', 'gemini-embeddings'],
      streamUsage: false,
      headers: ['x-goog-api-key', key],
    }
  },
})

/** The model stands in the path alone, so that is where the target's takes the place of the client's. */
function withModel(path: string, model: string): string {
  return path.replace(/^\/models\/[^/:?]+(?=:)/, () => `/models/${encodeURIComponent(model.replace(/^models\//, ''))}`)
}
