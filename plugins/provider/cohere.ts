// Cohere's own API, version 2. Loaded by name from core/registry.ts.
import { defineProvider, endpoint, type Connection } from 'gatehouse/sdk'

export default defineProvider({
  name: 'cohere',

  connect({ key, url }): Connection {
    if (!/^[!-~]+$/.test(key)) throw new Error('expected a key of printable characters, without spaces and line breaks')
    return {
      ...endpoint(url ?? 'https://api.cohere.com/v2'),
      dialects: ['cohere-chat', 'cohere-embeddings'],
      streamUsage: false,
      headers: ['authorization', `Bearer ${key}`],
    }
  },
})
