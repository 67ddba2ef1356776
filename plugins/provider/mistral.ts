// Mistral's own API. It refuses fields that it does not know, so requests of other dialects are translated and never
// passed by; openai-compatible.ts has it too, for clients that send what Mistral takes. Loaded by name from core/registry.ts.
import { defineProvider, endpoint, type Connection } from 'gatehouse/sdk'

export default defineProvider({
  name: 'mistral',

  connect({ key, url }): Connection {
    if (!/^[!-~]+$/.test(key)) throw new Error('expected a key of printable characters, without spaces and line breaks')
    return {
      ...endpoint(url ?? 'https://api.mistral.ai/v1'),
      dialects: ['mistral-chat', 'mistral-embeddings'],
      streamUsage: false,
      headers: ['authorization', `Bearer ${key}`],
    }
  },
})
