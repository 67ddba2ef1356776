// A detector whose judgement is made elsewhere: by a service that answers with findings (its wire format is in
// remote/wire.ts), or by a Presidio analyzer. Where it goes is the operator's word alone; nothing of a request chooses a host.
import { defineProcessor, Type } from 'gatehouse/sdk'
import { analyzer } from './remote/presidio.ts'
import { Service } from './remote/service.ts'
import { judge } from './remote/wire.ts'

const ACTIONS = ['mask', 'replace', 'hash', 'tokenize', 'annotate', 'block'] as const
const DEFAULTS = { key: '', action: 'tokenize', window: 1000, connections: 32 } as const
const ANALYSIS = { language: 'en' } as const
/** Milliseconds past its time after which a call is given up: the gateway has said so before, this frees the connection. */
const GRACE = 100
/** The longest that timers take. */
const LONGEST = 2 ** 31 - 1

export default defineProcessor({
  name: 'remote',
  kind: 'detector',
  rights: ['annotate', 'edit', 'block'],
  reads: {
    origins: ['system', 'developer', 'user', 'assistant', 'tool_result', 'file'],
    channels: ['text', 'refusal', 'reasoning', 'transcript', 'tool_args', 'tool_name'],
  },
  streamFor({ window = DEFAULTS.window }) {
    if (window === 'whole') return { delivery: 'complete' }
    return { delivery: 'window', window: { size: window, overlap: Math.floor(window / 5) } }
  },
  onError: 'closed',
  remembers: true,
  options: Type.Object({
    url: Type.String({
      pattern: '^https?://[^\\s/?#@]+(?:/[^\\s?#@]*)?$',
      title: 'a URL that begins with http:// or https:// and has no user name, password, query or fragment',
      description: 'Where the service is asked; of an analyzer, its base URL.',
    }),
    key: Type.Optional(Type.String({
      pattern: '^[!-~]*$', title: 'a token of printable ASCII without blanks', default: DEFAULTS.key, description: 'Sent as a bearer token.',
    })),
    presidio: Type.Optional(Type.Object({
      language: Type.Optional(Type.String({ minLength: 1, default: ANALYSIS.language })),
      threshold: Type.Optional(Type.Number({ minimum: 0, maximum: 1, description: 'The least score.' })),
      entities: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'As it names them.' })),
    }, { additionalProperties: false, description: 'The service is a Presidio analyzer. What is left out is as it has it.' })),
    action: Type.Optional(Type.Enum(ACTIONS, { default: DEFAULTS.action, description: 'Of findings that come without one.' })),
    window: Type.Optional(Type.Union([Type.Literal('whole'), Type.Integer({ minimum: 100, maximum: 100_000 })], {
      default: DEFAULTS.window, title: 'whole, or a number of characters from 100 to 100000',
      description: 'How much of a text is judged at once; a fifth of it is seen again with what follows.',
    })),
    connections: Type.Optional(Type.Integer({
      minimum: 1, maximum: 1024, default: DEFAULTS.connections, description: 'Most open connections per worker.',
    })),
  }, { additionalProperties: false }),
  sendsTo: ({ url }) => new URL(url).host,
  setup(options) {
    const { url, key, presidio, action, connections } = { ...DEFAULTS, ...options }
    if (!URL.canParse(url)) throw new Error('expected a url with a host, and perhaps a port up to 65535')
    const at = (place: string): Service => new Service({ url: place, key, connections })
    const ask = presidio === undefined
      ? judge(at(url), action)
      : analyzer(at(`${url.replace(/\/+$/, '')}/analyze`), { ...ANALYSIS, ...presidio }, action)
    return {
      inspect(segments, { direction, remaining }) {
        const worth = segments.filter(({ text }) => text !== '')
        return worth.length === 0 ? [] : ask(worth, direction, AbortSignal.timeout(Math.min(Math.ceil(remaining) + GRACE, LONGEST)))
      },
    }
  },
})
