// Every vendor and server that speaks OpenAI's API: known ones by name, any other by its URL. Loaded by name from
// core/registry.ts.
import { defineProvider, endpoint, Type, type Connection } from 'gatehouse/sdk'

/** What is known of a vendor. */
interface Vendor {
  readonly url: string
  /** False where a stream may not be asked for its usage. */
  readonly streamUsage: boolean
}

const vendor = (url: string, streamUsage = true): Vendor => ({ url, streamUsage })

/** Servers for one's own machine stand at their default ports. */
const VENDORS: Readonly<Record<string, Vendor>> = {
  cerebras: vendor('https://api.cerebras.ai/v1'),
  deepinfra: vendor('https://api.deepinfra.com/v1/openai'),
  deepseek: vendor('https://api.deepseek.com/v1'),
  fireworks: vendor('https://api.fireworks.ai/inference/v1'),
  groq: vendor('https://api.groq.com/openai/v1'),
  'lm-studio': vendor('http://127.0.0.1:1234/v1'),
  // Answers `stream_options` with 422 extra_forbidden; its last chunk tells the usage all the same.
  mistral: vendor('https://api.mistral.ai/v1', false),
  // Some of its models refuse fields that they do not know, and some never answer when sent this one.
  nvidia: vendor('https://integrate.api.nvidia.com/v1', false),
  ollama: vendor('http://127.0.0.1:11434/v1'),
  openrouter: vendor('https://openrouter.ai/api/v1'),
  // Every chunk tells the usage, asked or not.
  perplexity: vendor('https://api.perplexity.ai', false),
  // As its container is commonly published; started by hand it listens on 3000.
  tgi: vendor('http://127.0.0.1:8080/v1'),
  together: vendor('https://api.together.xyz/v1'),
  vllm: vendor('http://127.0.0.1:8000/v1'),
  xai: vendor('https://api.x.ai/v1'),
}

export default defineProvider({
  name: 'openai-compatible',

  options: Type.Object({
    vendor: Type.Optional(Type.Enum(Object.keys(VENDORS), { description: 'A known vendor: its URL and its ways.' })),
    streamUsage: Type.Optional(Type.Boolean({ description: 'Whether a stream may be asked for its usage (stream_options).' })),
  }, { additionalProperties: false }),

  connect({ key, url, options }): Connection {
    const known = options.vendor === undefined ? undefined : VENDORS[options.vendor]
    const base = url ?? known?.url
    if (base === undefined) throw new Error(`expected a url, or a vendor in the options (${Object.keys(VENDORS).join(', ')})`)
    if (!/^[!-~]*$/.test(key)) throw new Error('expected a key of printable characters, without spaces and line breaks')
    return {
      ...endpoint(base),
      ...(options.vendor !== undefined && { vendor: options.vendor }),
      dialects: ['openai-chat', 'openai-completions', 'openai-embeddings', 'openai-moderations', 'openai-raw'],
      // OpenAI alone has given it another name, which others pass over in silence.
      lengthField: 'max_tokens',
      streamUsage: options.streamUsage ?? known?.streamUsage ?? true,
      headers: key === '' ? [] : ['authorization', `Bearer ${key}`],
    }
  },
})
