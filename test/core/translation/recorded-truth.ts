// What an answer says, read from its raw JSON without any code of the house: the yardstick for its translations. A few
// lines a wire format, for whole bodies and for the frames of a stream. Used by recorded.test.ts.

/** Wire formats that can be read here. */
export type Shape = keyof typeof TRUTHS

/** What has to come through. */
export interface Truth {
  readonly usage: Counts
  /** In the words of the canonical form, as far as every format has one for it. */
  readonly stop: string
  readonly said: string
  /** Names and arguments of the calls that wait for the client. */
  readonly calls: readonly (readonly [name: string, args: unknown])[]
}

/** Totals include their parts. Zeros where nobody counted. */
export interface Counts {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly reasoning: number
}

type Json = string | number | boolean | null | undefined | readonly Json[] | { readonly [name: string]: Json }
type Call = readonly [name: string, args: unknown]

/** The truth of a body, or of the frames of a stream. */
export function truthOf(shape: Shape, streamed: boolean, told: readonly unknown[]): Truth {
  return TRUTHS[shape](streamed, told as readonly Json[])
}

/** A stop without what only some formats tell apart: an end with calls is one for the sake of them. */
export function plain(stop: string, calls: number): string {
  const told = { context: 'length', stop_sequence: 'end', pause: 'end', refusal: 'filter' }[stop] ?? stop
  return told === 'end' && calls > 0 ? 'tool' : told
}

/** Every word for the end of an answer in the recordings and in what is written of them. */
const STOPS: Readonly<Record<string, string>> = {
  stop: 'end', end_turn: 'end', completed: 'end', STOP: 'end', COMPLETE: 'end', pause_turn: 'end',
  length: 'length', max_tokens: 'length', max_output_tokens: 'length', MAX_TOKENS: 'length',
  tool_calls: 'tool', tool_use: 'tool', TOOL_CALL: 'tool',
  refusal: 'filter', content_filter: 'filter', content_filtered: 'filter', SAFETY: 'filter',
}

function truth(word: Json, said: string, calls: readonly Call[], counts: Partial<Counts>): Truth {
  const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, ...counts }
  return { usage, stop: plain(STOPS[String(word)] ?? `"${String(word)}"`, calls.length), said, calls }
}

function at(value: Json, ...path: readonly (string | number)[]): Json {
  return path.reduce<Json>((one, step) => (one as Readonly<Record<string | number, Json>> | null | undefined)?.[step], value)
}
const list = (value: Json): readonly Json[] => Array.isArray(value) ? value as readonly Json[] : []
const text = (value: Json): string => typeof value === 'string' ? value : ''
const sum = (...values: readonly Json[]): number =>
  values.reduce<number>((total, value) => total + (typeof value === 'number' ? value : 0), 0)
const parsed = (args: string): unknown => JSON.parse(args || '{}') as unknown

/** Calls that come in pieces, in the order in which they began. */
class Calls {
  readonly #calls = new Map<Json, { readonly name: string; args: string }>()

  begin(place: Json, name: string): void {
    this.#calls.set(place, { name, args: '' })
  }

  grow(place: Json, piece: Json): void {
    const call = this.#calls.get(place)
    if (call !== undefined) call.args += text(piece)
  }

  get all(): Call[] {
    return [...this.#calls.values()].map(({ name, args }) => [name, parsed(args)])
  }
}

function chat(_: boolean, told: readonly Json[]): Truth {
  const choices = told.map(one => at(one, 'choices', 0))
  const calls = new Calls()
  let said = ''
  for (const message of choices.map(choice => at(choice, 'delta') ?? at(choice, 'message'))) {
    const content = at(message, 'content')
    said += text(content) + list(content).map(part => text(at(part, 'text'))).join('') + text(at(message, 'refusal'))
    for (const [position, call] of list(at(message, 'tool_calls')).entries()) {
      const place = at(call, 'index') ?? position
      if (text(at(call, 'function', 'name')) !== '') calls.begin(place, text(at(call, 'function', 'name')))
      calls.grow(place, at(call, 'function', 'arguments'))
    }
  }
  const usage = told.map(one => at(one, 'usage')).findLast(one => one !== null && one !== undefined)
  const [prompt, completion] = [sum(at(usage, 'prompt_tokens')), sum(at(usage, 'completion_tokens'))]
  const reasoning = sum(at(usage, 'completion_tokens_details', 'reasoning_tokens'))
  return truth(choices.map(choice => at(choice, 'finish_reason')).findLast(word => typeof word === 'string'), said, calls.all, {
    input: prompt,
    // xAI does not count thoughts as completion, but in the total.
    output: at(usage, 'total_tokens') === prompt + completion + reasoning ? completion + reasoning : completion,
    cacheRead: sum(at(usage, 'prompt_tokens_details', 'cached_tokens') ?? at(usage, 'cached_tokens')),
    cacheWrite: sum(at(usage, 'prompt_tokens_details', 'cache_write_tokens')), reasoning,
  })
}

function responses(streamed: boolean, told: readonly Json[]): Truth {
  const response = streamed ? at(told.at(-1), 'response') : told[0]
  const items = streamed
    ? told.filter(one => at(one, 'type') === 'response.output_item.done').map(one => at(one, 'item'))
    : list(at(response, 'output'))
  const parts = items.filter(item => at(item, 'type') === 'message').flatMap(item => list(at(item, 'content')))
  const calls = items.filter(item => at(item, 'type') === 'function_call')
  const usage = at(response, 'usage')
  return truth(
    at(response, 'incomplete_details', 'reason') ?? at(response, 'status'),
    parts.map(part => text(at(part, 'text')) + text(at(part, 'refusal'))).join(''),
    calls.map(call => [text(at(call, 'name')), parsed(text(at(call, 'arguments')))]),
    {
      input: sum(at(usage, 'input_tokens')), output: sum(at(usage, 'output_tokens')),
      cacheRead: sum(at(usage, 'input_tokens_details', 'cached_tokens')),
      cacheWrite: sum(at(usage, 'input_tokens_details', 'cache_write_tokens')),
      reasoning: sum(at(usage, 'output_tokens_details', 'reasoning_tokens')),
    },
  )
}

function anthropic(streamed: boolean, told: readonly Json[]): Truth {
  const deltas = told.filter(one => at(one, 'type') === 'message_delta')
  const message = streamed ? at(told[0], 'message') : told[0]
  const word = at(deltas.at(-1), 'delta', 'stop_reason') ?? at(message, 'stop_reason')
  const calls = new Calls()
  let said = ''
  const begin = (place: Json, block: Json): void => {
    said += text(at(block, 'text'))
    // Code that the provider runs calls tools as well; where it went on, it was told what it asked for.
    const waits = (at(block, 'caller', 'type') ?? 'direct') === 'direct' || word === 'tool_use'
    if (at(block, 'type') !== 'tool_use' || !waits) return
    calls.begin(place, text(at(block, 'name')))
    const input = JSON.stringify(at(block, 'input'))
    if (input !== '{}') calls.grow(place, input)
  }
  for (const [place, block] of list(at(message, 'content')).entries()) begin(place, block)
  for (const frame of streamed ? told : []) {
    if (at(frame, 'type') === 'content_block_start') begin(at(frame, 'index'), at(frame, 'content_block'))
    said += text(at(frame, 'delta', 'text'))
    calls.grow(at(frame, 'index'), at(frame, 'delta', 'partial_json'))
  }
  const usage = [at(message, 'usage'), ...deltas.map(one => at(one, 'usage'))]
  const latest = (name: string): number => sum(usage.map(one => at(one, name)).findLast(value => typeof value === 'number'))
  const [cacheRead, cacheWrite] = [latest('cache_read_input_tokens'), latest('cache_creation_input_tokens')]
  const thought = usage.map(one => at(one, 'output_tokens_details', 'thinking_tokens')).findLast(one => typeof one === 'number')
  return truth(word, said, calls.all, {
    input: latest('input_tokens') + cacheRead + cacheWrite, output: latest('output_tokens'),
    cacheRead, cacheWrite, reasoning: sum(thought),
  })
}

function bedrock(streamed: boolean, told: readonly Json[]): Truth {
  const calls = new Calls()
  let said = ''
  for (const [place, block] of list(at(told[0], 'output', 'message', 'content')).entries()) {
    said += text(at(block, 'text'))
    if (at(block, 'toolUse') === undefined) continue
    calls.begin(place, text(at(block, 'toolUse', 'name')))
    calls.grow(place, JSON.stringify(at(block, 'toolUse', 'input')))
  }
  for (const frame of streamed ? told : []) {
    const name = at(frame, 'contentBlockStart', 'start', 'toolUse', 'name')
    if (name !== undefined) calls.begin(at(frame, 'contentBlockStart', 'contentBlockIndex'), text(name))
    said += text(at(frame, 'contentBlockDelta', 'delta', 'text'))
    calls.grow(at(frame, 'contentBlockDelta', 'contentBlockIndex'), at(frame, 'contentBlockDelta', 'delta', 'toolUse', 'input'))
  }
  const usage = told.map(one => at(one, 'metadata', 'usage') ?? at(one, 'usage')).find(one => one !== undefined)
  const [cacheRead, cacheWrite] = [sum(at(usage, 'cacheReadInputTokens')), sum(at(usage, 'cacheWriteInputTokens'))]
  const word = told.map(one => at(one, 'messageStop', 'stopReason') ?? at(one, 'stopReason')).find(one => one !== undefined)
  return truth(word, said, calls.all, {
    input: sum(at(usage, 'inputTokens')) + cacheRead + cacheWrite, output: sum(at(usage, 'outputTokens')), cacheRead, cacheWrite,
  })
}

function cohere(streamed: boolean, told: readonly Json[]): Truth {
  const calls = new Calls()
  // A plan to call tools is what other formats say in front of the calls.
  let said = text(at(told[0], 'message', 'tool_plan'))
  said += list(at(told[0], 'message', 'content')).map(part => text(at(part, 'text'))).join('')
  for (const [place, call] of list(at(told[0], 'message', 'tool_calls')).entries()) {
    calls.begin(place, text(at(call, 'function', 'name')))
    calls.grow(place, at(call, 'function', 'arguments'))
  }
  for (const frame of streamed ? told : []) {
    const call = at(frame, 'delta', 'message', 'tool_calls', 'function')
    if (at(frame, 'type') === 'tool-call-start') calls.begin(at(frame, 'index'), text(at(call, 'name')))
    calls.grow(at(frame, 'index'), at(call, 'arguments'))
    said += text(at(frame, 'delta', 'message', 'content', 'text')) + text(at(frame, 'delta', 'message', 'tool_plan'))
  }
  const end = streamed ? at(told.at(-1), 'delta') : told[0]
  const usage = at(end, 'usage')
  return truth(at(end, 'finish_reason'), said, calls.all, {
    input: sum(at(usage, 'tokens', 'input_tokens')), output: sum(at(usage, 'tokens', 'output_tokens')),
    cacheRead: sum(at(usage, 'cached_tokens')),
  })
}

function gemini(_: boolean, told: readonly Json[]): Truth {
  const parts = told.flatMap(one => list(at(one, 'candidates', 0, 'content', 'parts')))
  const calls: [string, unknown][] = []
  for (const call of parts.map(part => at(part, 'functionCall'))) {
    // A call that comes in pieces is named in the first of them only.
    if (text(at(call, 'name')) !== '') calls.push([text(at(call, 'name')), at(call, 'args') ?? {}])
    const args = calls.at(-1)?.[1]
    for (const piece of list(at(call, 'partialArgs'))) put(args as Holder, piece)
  }
  const usage = told.map(one => at(one, 'usageMetadata')).findLast(one => at(one, 'promptTokenCount') !== undefined)
  const reasoning = sum(at(usage, 'thoughtsTokenCount'))
  return truth(
    told.map(one => at(one, 'candidates', 0, 'finishReason')).findLast(word => word !== undefined),
    parts.map(part => at(part, 'thought') === true ? '' : text(at(part, 'text'))).join(''),
    calls,
    {
      input: sum(at(usage, 'promptTokenCount'), at(usage, 'toolUsePromptTokenCount')),
      output: sum(at(usage, 'candidatesTokenCount')) + reasoning, cacheRead: sum(at(usage, 'cachedContentTokenCount')), reasoning,
    },
  )
}

type Holder = Record<string, unknown>

/** Puts a piece of arguments into its place: `$.a[0].b` is `a`, `0`, `b`. */
function put(args: Holder, piece: Json): void {
  const steps = text(at(piece, 'jsonPath')).slice(1).split(/[.[\]]+/).filter(step => step !== '')
  const last = steps.pop()!
  let holder = args
  for (const [index, step] of steps.entries()) {
    holder[step] ??= /^\d/.test(steps[index + 1] ?? last) ? [] : {}
    holder = holder[step] as Holder
  }
  const value = at(piece, 'stringValue') ?? at(piece, 'numberValue') ?? at(piece, 'boolValue')
  holder[last] = typeof value === 'string' ? text(holder[last] as Json) + value : value
}

const TRUTHS = {
  'openai-chat': chat,
  'mistral-chat': chat,
  'openai-responses': responses,
  'anthropic-messages': anthropic,
  'bedrock-converse': bedrock,
  'cohere-chat': cohere,
  gemini,
} as const
