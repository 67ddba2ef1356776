// Ollama, on this machine or another: its own API for what is translated, its OpenAI layer for clients that speak that.
// Loaded by name from core/registry.ts.
import { defineProvider, endpoint, type Connection } from 'gatehouse/sdk'

export default defineProvider({
  name: 'ollama',

  connect({ key, url }): Connection {
    if (!/^[!-~]*$/.test(key)) throw new Error('expected a key of printable characters, without spaces and line breaks')
    const { origin, path } = endpoint(url ?? 'http://127.0.0.1:11434')
    if (/\/(?:v1|api)(?:\?|$)/.test(path('', ''))) throw new Error('expected the url of the server alone, without /v1 or /api')
    return {
      origin,
      path: (below, model) => path(below.startsWith('/api/') ? below : `/v1${below}`, model),
      dialects: ['ollama-chat', 'openai-chat', 'openai-completions', 'ollama-embeddings', 'openai-raw'],
      streamUsage: true,
      headers: key === '' ? [] : ['authorization', `Bearer ${key}`],
    }
  },
})
