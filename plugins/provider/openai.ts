// OpenAI's own API. Loaded by name from core/registry.ts.
import { defineProvider, endpoint, Type, type Connection } from 'gatehouse/sdk'

const id = (description: string) => Type.Optional(Type.String({ pattern: '^[!-~]{1,128}$', description }))

export default defineProvider({
  name: 'openai',

  options: Type.Object({
    organization: id('Whose account is billed, where the key belongs to several: org-...'),
    project: id('Which project of the account: proj_...'),
  }, { additionalProperties: false }),

  connect({ key, url, options }): Connection {
    if (!/^[!-~]+$/.test(key)) throw new Error('expected a key of printable characters, without spaces and line breaks')
    const headers = ['authorization', `Bearer ${key}`]
    if (options.organization !== undefined) headers.push('openai-organization', options.organization)
    if (options.project !== undefined) headers.push('openai-project', options.project)
    return {
      ...endpoint(url ?? 'https://api.openai.com/v1'),
      dialects: [
        'openai-chat', 'openai-responses', 'openai-completions', 'openai-embeddings', 'openai-moderations', 'openai-raw',
      ],
      streamUsage: true,
      headers,
    }
  },
})
