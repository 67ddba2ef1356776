// Anthropic's own API. Loaded by name from core/registry.ts.
import { defineProvider, endpoint, Type, type Connection } from 'gatehouse/sdk'

export default defineProvider({
  name: 'anthropic',

  options: Type.Object({
    beta: Type.Optional(Type.Array(Type.String({ pattern: '^[\\w.-]{1,64}$' }), {
      minItems: 1, maxItems: 32, description: 'What anthropic-beta says for clients that do not say it themselves.',
    })),
  }, { additionalProperties: false }),

  connect({ key, url, options }): Connection {
    if (!/^[!-~]+$/.test(key)) throw new Error('expected a key of printable characters, without spaces and line breaks')
    const { origin, path } = endpoint(url ?? 'https://api.anthropic.com')
    if (/\/v1(?:\?|$)/.test(path('', ''))) throw new Error('expected the url without /v1: the paths of this API begin with it')
    const beta = options.beta === undefined ? [] : ['anthropic-beta', options.beta.join(',')]
    return {
      origin,
      path,
      dialects: ['anthropic-messages', 'anthropic-count-tokens'],
      streamUsage: false,
      headers: ['x-api-key', key],
      defaults: ['anthropic-version', '2023-06-01', ...beta],
    }
  },
})
