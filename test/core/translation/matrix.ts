// Every client's dialect against every provider's, for everything that a request and its answer may hold: what comes
// through, what is told as lost, what is refused by name. Used by matrix.test.ts, which keeps the table of
// core/translation/README.md.
import type {
  Block, CanonicalAnswer, CanonicalRequest, Media, ProviderError, Stop, TextBlock, Tool, Translation, Warning,
} from '../../../sdk/index.ts'
import { GatehouseError } from '../../../sdk/index.ts'
import { fold, unfold } from '../../../core/fold.ts'
import { readStream, REQUEST, SETTINGS, writeStream } from './law.ts'
import { text, user } from './turn.ts'

/** What one cell of the matrix is about. */
export interface Feature {
  readonly name: string
  /** Of the request, and what in it must arrive. */
  readonly request: Partial<CanonicalRequest>
  readonly asks: (request: CanonicalRequest) => unknown
  /** Of the answer, and what in it must arrive. */
  readonly answer: { readonly blocks: readonly Block[]; readonly stop: Stop }
  readonly says: (answer: CanonicalAnswer) => unknown
  /** True for what not every format has: where one of the two has none, there is nothing to carry. */
  readonly rare?: true
}

const PNG: Media = { at: 'data', base64: 'iVBORw0KGgo=', mediaType: 'image/png' }
const WAV: Media = { at: 'data', base64: 'UklGRg==', mediaType: 'audio/wav' }
const PDF: Media = { at: 'data', base64: 'JVBERi0xLjcK', mediaType: 'application/pdf' }
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false }
const WEATHER: Tool = { name: 'get_weather', description: 'The weather of a city', schema: SCHEMA }

const called = (id: string, city: string): Block => ({ kind: 'tool_call', id, name: 'get_weather', args: JSON.stringify({ city }) })
const HELLO = [user(text('Hello'))]
const HI = { blocks: [text('Hi')], stop: 'end' } as const

const blocksOf = ({ turns }: CanonicalRequest): Block[] => turns.flatMap(({ blocks }) => [...blocks])
const wordsOf = (request: CanonicalRequest): unknown =>
  request.turns.map(({ role, blocks }) => [role === 'developer' ? 'system' : role, blocks.flatMap(one => one.kind === 'text' ? [one.text] : [])])
const callsIn = (blocks: readonly Block[]): unknown => blocks.flatMap(one => one.kind === 'tool_call' ? [[one.name, JSON.parse(one.args || '{}')]] : [])
const saidBy = ({ choices }: CanonicalAnswer): string =>
  choices.flatMap(({ blocks }) => blocks).flatMap(one => one.kind === 'text' || one.kind === 'refusal' ? [one.text] : []).join('')
const textsOf = ({ choices }: CanonicalAnswer): TextBlock[] => choices.flatMap(({ blocks }) => blocks.filter(one => one.kind === 'text'))
const mediaIn = (blocks: readonly Block[]): unknown => blocks.flatMap(one => 'media' in one ? [one.media.at === 'data' ? one.media.base64 : one.media] : [])
const answered = (answer: CanonicalAnswer): unknown => [saidBy(answer), answer.choices[0]?.finish.stop]

/** Everything, in the order of the table. */
export const FEATURES: readonly Feature[] = [
  { name: 'text', request: { turns: [{ role: 'system', blocks: [text('Be brief.')] }, ...HELLO] }, asks: wordsOf, answer: HI, says: answered },
  {
    name: 'tools', request: { turns: HELLO, tools: [WEATHER], toolChoice: { mode: 'required' } },
    asks: ({ tools, toolChoice }) => [tools.map(({ name, description, schema }) => [name, description, schema]), toolChoice?.mode],
    answer: { blocks: [called('call_abcdef1', 'Rome')], stop: 'tool' },
    says: ({ choices }) => [callsIn(choices[0]?.blocks ?? []), choices[0]?.finish.stop],
  },
  {
    name: 'parallel tools',
    request: {
      tools: [WEATHER],
      turns: [...HELLO, { role: 'assistant', blocks: [called('call_abcdef1', 'Rome'), called('call_abcdef2', 'Oslo')] }, user(
        { kind: 'tool_result', id: 'call_abcdef1', name: 'get_weather', blocks: [{ kind: 'text', text: 'sunny' }], failed: false },
        { kind: 'tool_result', id: 'call_abcdef2', name: 'get_weather', blocks: [{ kind: 'text', text: 'snow' }], failed: false },
      )],
    },
    asks: request => [
      callsIn(blocksOf(request)),
      blocksOf(request).flatMap(one => one.kind === 'tool_result' ? [one.blocks.flatMap(part => part.kind === 'text' ? [part.text] : [])] : []),
    ],
    answer: { blocks: [called('call_abcdef1', 'Rome'), called('call_abcdef2', 'Oslo')], stop: 'tool' },
    says: ({ choices }) => callsIn(choices[0]?.blocks ?? []),
  },
  {
    name: 'tool results with images',
    request: {
      tools: [WEATHER],
      turns: [...HELLO, { role: 'assistant', blocks: [called('call_abcdef1', 'Rome')] }, user(
        { kind: 'tool_result', id: 'call_abcdef1', name: 'get_weather', blocks: [{ kind: 'text', text: 'see' }, { kind: 'image', media: PNG }], failed: false },
      )],
    },
    asks: request => mediaIn(blocksOf(request).flatMap(one => one.kind === 'tool_result' ? [...one.blocks] : [one])),
    answer: HI, says: answered,
  },
  {
    name: 'structured output', request: { turns: HELLO, format: { type: 'schema', name: 'place', schema: SCHEMA, strict: true } },
    asks: ({ format }) => [format?.type, format?.schema],
    answer: { blocks: [text('{"city":"Rome"}')], stop: 'end' }, says: answered,
  },
  {
    name: 'reasoning with signatures',
    request: {
      turns: [...HELLO, { role: 'assistant', blocks: [{ kind: 'reasoning', text: 'Greet.', signature: { dialect: 'provider', value: 'c2lnbmVk' } }, text('Hi')] }, ...HELLO],
      thinking: { effort: 'high', shown: true },
    },
    asks: request => blocksOf(request).flatMap(one => one.kind === 'reasoning' ? [one.text] : []),
    answer: { blocks: [{ kind: 'reasoning', text: 'Greet.' }, text('Hi')], stop: 'end' },
    says: ({ choices }) => choices[0]?.blocks.flatMap(one => one.kind === 'reasoning' ? [one.text] : []),
  },
  { name: 'images', request: { turns: [user(text('What is it?'), { kind: 'image', media: PNG })] }, asks: request => mediaIn(blocksOf(request)), answer: HI, says: answered },
  { name: 'files', request: { turns: [user(text('Sum up.'), { kind: 'file', media: PDF, name: 'report.pdf' })] }, asks: request => mediaIn(blocksOf(request)), answer: HI, says: answered },
  {
    name: 'sounds', request: { turns: [user(text('What is said?'), { kind: 'audio', media: WAV })] }, asks: request => mediaIn(blocksOf(request)),
    answer: HI, says: answered, rare: true,
  },
  {
    name: 'citations', request: { turns: HELLO }, asks: wordsOf, rare: true,
    answer: { blocks: [{ ...text('Rome is old.'), citations: [{ start: 0, end: 12, url: 'https://example.com/rome', title: 'Rome' }] }], stop: 'end' },
    says: answer => [saidBy(answer), textsOf(answer).flatMap(({ citations = [] }) => citations.map(({ url, title }) => [url, title]))],
  },
  {
    name: 'logprobs', request: { turns: HELLO, logprobs: 1 }, asks: ({ logprobs }) => logprobs, rare: true,
    answer: { blocks: [{ ...text('Hi'), logprobs: [{ token: 'Hi', logprob: -0.5, top: [{ token: 'Hey', logprob: -1.5 }] }] }], stop: 'end' },
    says: answer => [saidBy(answer), textsOf(answer).flatMap(({ logprobs = [] }) => logprobs)],
  },
  { name: 'refusal', request: { turns: HELLO }, asks: wordsOf, answer: { blocks: [{ kind: 'refusal', text: 'I will not.' }], stop: 'refusal' }, says: saidBy },
  { name: 'length stop', request: { turns: HELLO, maxOutput: 7 }, asks: ({ maxOutput }) => maxOutput, answer: { blocks: [text('Once up')], stop: 'length' }, says: answered },
  {
    name: 'stop sequence', request: { turns: HELLO, stop: ['END'] }, asks: ({ stop }) => stop,
    answer: { blocks: [text('Once')], stop: 'stop_sequence' },
    // Few formats tell the one from the other.
    says: answer => [saidBy(answer), ['end', 'stop_sequence'].includes(answer.choices[0]?.finish.stop ?? '')],
  },
]

/** How a cell came out: everything arrived, all but what `warnings` name, or it is refused with a field's name. */
export type Cell =
  | { readonly result: 'through' }
  /** One of the two has no such thing. */
  | { readonly result: 'none' }
  | { readonly result: 'warned'; readonly warnings: readonly Warning[] }
  | { readonly result: 'refused'; readonly field: string }
  | { readonly result: 'lost'; readonly what: string }

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
const lost = (where: string, from: unknown, to: unknown): Cell => ({ result: 'lost', what: `${where}: ${JSON.stringify(from)} became ${JSON.stringify(to)}` })

/** One cell. A client's request is what its own writer makes of the canonical one. */
export function cellOf(client: Translation, provider: Translation, feature: Feature, streamed: boolean): Cell {
  const wanted: CanonicalRequest = { ...REQUEST, stream: streamed, ...feature.request }
  const asked = { model: 'm', stream: streamed }
  let fromClient: CanonicalRequest
  try {
    fromClient = client.readRequest(JSON.parse(client.writeRequest(wanted, {}).body), asked)
  } catch (error) {
    if (error instanceof GatehouseError) return { result: 'refused', field: error.param ?? error.message }
    throw error
  }
  try {
    const { body, warnings } = provider.writeRequest(fromClient, {})
    const arrived = provider.readRequest(JSON.parse(body), asked)
    const wanting = { ...SETTINGS, request: fromClient }
    const answer = answerThrough(client, provider, feature, wanting, streamed)
    const expected = feature.says(answerOf(feature))
    const has = (one: Translation): boolean => same(feature.says(answerThrough(one, one, feature, wanting, streamed)), expected)
    const missing = feature.rare === true && !(has(client) && has(provider))
    if (!missing && !same(feature.says(answer), expected)) return lost('answer', expected, feature.says(answer))
    // What a client's own dialect cannot say is not lost on the way.
    const unasked = feature.rare === true && !same(feature.asks(fromClient), feature.asks(wanted))
    if (same(feature.asks(arrived), feature.asks(fromClient))) return { result: missing || unasked ? 'none' : 'through' }
    return warnings.length > 0 ? { result: 'warned', warnings } : lost('request', feature.asks(fromClient), feature.asks(arrived))
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'untranslatable') return { result: 'refused', field: error.param ?? error.message }
    throw error
  }
}

function answerOf({ answer: { blocks, stop } }: Feature): CanonicalAnswer {
  return { id: 'a', model: 'm', created: 1_700_000_000, choices: [{ index: 0, blocks, finish: { stop, raw: '' } }] }
}

function answerThrough(client: Translation, provider: Translation, feature: Feature, settings: typeof SETTINGS, streamed: boolean): CanonicalAnswer {
  const answer = answerOf(feature)
  if (!streamed) {
    const read = provider.readAnswer(JSON.parse(provider.writeAnswer(answer, settings)))
    return client.readAnswer(JSON.parse(client.writeAnswer(read, settings)))
  }
  const events = readStream(provider, writeStream(provider, unfold(answer), settings))
  return fold(readStream(client, writeStream(client, events, settings))).answer
}

/** The kinds of failures that a client has to be told apart. */
export const FAILURES: readonly ProviderError['failure'][] = [
  'bad_request', 'auth', 'permission', 'not_found', 'too_large', 'rate_limit', 'quota', 'overloaded', 'timeout', 'upstream',
]

/** What a provider's error is to a client: its status, and the sentence. */
export function errorThrough(client: Translation, provider: Translation, failure: ProviderError['failure']): { status: number; failure: string; message: string } {
  const from = provider.writeError({ failure, message: 'It went wrong.' })
  const { status, body } = client.writeError(provider.readError(from.status, JSON.parse(from.body)))
  const read = client.readError(status, JSON.parse(body))
  return { status, failure: read.failure, message: read.message }
}

/** The matrix as it stands in a README: one table a client, a row for each feature, a column for each provider. */
export function tables(clients: readonly Translation[], providers: readonly Translation[]): string {
  return clients.map(client => {
    const notes: string[] = []
    const note = (sentence: string): string => {
      const known = notes.indexOf(sentence)
      return ` [${known === -1 ? notes.push(sentence) : known + 1}]`
    }
    const rows = FEATURES.map(feature => {
      const cells = providers.map(provider => {
        if (provider.name === client.name) return 'bytes'
        const cell = cellOf(client, provider, feature, false)
        switch (cell.result) {
          case 'through': return 'yes'
          case 'none': return '–'
          case 'warned': return `warns${note(cell.warnings.map(({ field, action, why }) => `\`${field}\` ${action}: ${why}`).join('; '))}`
          case 'refused': return `refused${note(`\`${cell.field}\` is refused`)}`
          case 'lost': return `lost${note(cell.what)}`
        }
      })
      return `| ${[feature.name, ...cells].join(' | ')} |`
    })
    const head = ['from `' + client.name + '` to', ...providers.map(({ name }) => name)]
    return [
      `| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...rows,
      ...(notes.length === 0 ? [] : ['', ...notes.map((sentence, index) => `${index + 1}. ${sentence}`)]),
    ].join('\n')
  }).join('\n\n')
}
