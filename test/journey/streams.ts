// Answers as a model may give them, whole or in pieces, and what a client makes of either. Used by laws.test.ts and
// refusal-mid-stream.test.ts.
import type { ServerResponse } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { fc } from '../law.ts'

/** What one choice says. `args` is JSON, or the beginning of it where the model was cut off. */
export interface Said {
  readonly content: string
  readonly refusal: string
  readonly reasoning: string
  readonly calls: readonly { readonly name: string; readonly args: string }[]
}

export const DIALECTS = { 'openai-chat': '/v1/chat/completions', 'openai-completions': '/v1/completions' } as const
export type DialectName = keyof typeof DIALECTS

/** Values that every detector of personal data knows. */
export const VALUES = [
  'jane.roe@example.com', 'a@b.co', 'o.neill+tag@sub.example.co.uk',
  '4539 1488 0343 6467', '4539148803436467', '378282246310005', 'DE89 3704 0044 0532 0130 00', 'GB82WEST12345698765432',
  '+1 415 555 2671', '(415) 555-2671', '+44 20 7946 0958', '536-22-1234',
] as const

/** A secret, in pieces: no scanner of code has to take this house for one that leaks. */
const KEY_ID = ['AK', 'IAQ3EGRP2X7WLM5NT4'].join('')

/** What stands between them in the wild, and what comes close to a value without being one. */
const GLUE = [
  ' ', ' ', ' ', ', ', '.', '@', '-', '+', '(', ')', '_', '/', '"', '\\', '\\n', '\n', '\t', '\u2028', '\u200b', '\u00ad',
  'é', 'e\u0301', '漢', '😀', '👩‍👧', 'x', 'jane', 'at',
  'DE', '00', '4539', '1488 0343', '1.2.3', '2024-01-02', 'ssn: ',
  '7'.repeat(60), '4111 '.repeat(20), 'a'.repeat(70), 'EMAIL_1_', '{"a":', '}', '***', '[EMAIL]',
  'I will kill you', 'kys', 'PROJECT  bluebird', 'pro', 'ject blue',
  KEY_ID, KEY_ID.slice(0, 9), KEY_ID.slice(9), 'api_key = "', 'k3Jx9QpVt7Lm2Rw8', 'postgres://me:', '-----BEGIN ', 'PRIVATE KEY-----\n',
] as const

/** Texts in which nothing stands where it should. */
export const nasty = fc.array(fc.oneof(fc.constantFrom(...VALUES), fc.constantFrom(...GLUE)), { maxLength: 9 })
  .map(list => list.join(''))

const json = fc.record({
  to: nasty, list: fc.array(nasty, { maxLength: 2 }), nothing: fc.constant(null),
  count: fc.constantFrom(0, -1.5, 2024, 1e21),
  deep: fc.dictionary(fc.constantFrom('plain', 'ssn', '"', 'a/b', 'jane'), nasty, { maxKeys: 2 }),
}, { requiredKeys: [] })
const written = fc.tuple(json, fc.constantFrom(0, 1)).map(([value, indent]) => JSON.stringify(value, null, indent))
const begun = written.map(text => [...text].slice(0, text.length * 0.6).join(''))
/** In these no string holds the value. */
const unmendable = fc.constantFrom('{"card":4539148803436467}', '{"jane.roe@example.com":1}')
const passed = fc.oneof(
  { weight: 16, arbitrary: written }, { weight: 3, arbitrary: begun }, { weight: 1, arbitrary: unmendable },
)

/** One choice. */
export const said: fc.Arbitrary<Said> = fc.record({
  content: nasty, refusal: nasty, reasoning: nasty,
  calls: fc.array(fc.record({ name: fc.constantFrom('send_mail', 'f', 'to_a@b.co'), args: passed }), { maxLength: 3 }),
})

/** Decides on sizes and turns: numbers that begin again when they are used up. */
export const rhythm = fc.array(fc.nat(23), { minLength: 1, maxLength: 31 })

/** The next number below a limit. */
export type Roll = (limit: number) => number

export function rollBy(numbers: readonly number[]): Roll {
  let at = 0
  return limit => numbers[at++ % numbers.length]! % limit
}

/** A text in pieces: code units one by one, a few at a time, or a lot of them. */
export function cut(text: string, roll: Roll): string[] {
  const pieces: string[] = []
  for (let at = 0; at < text.length;) {
    const size = 1 + roll(24)
    pieces.push(text.slice(at, at + size))
    at += size
  }
  return pieces
}

/** What a frame says of one choice, and on which line of its text; a piece with the line '' ends the choice. */
interface Piece {
  readonly choice: number
  readonly lane: string
  readonly delta: Delta
}

interface Delta {
  readonly content?: string
  readonly refusal?: string
  readonly reasoning_content?: string
  readonly tool_calls?: readonly object[]
}

/** Every line of text of a choice as its pieces, in order. */
function lanesOf({ content, refusal, reasoning, calls }: Said, choice: number, dialect: DialectName, roll: Roll): Piece[][] {
  const line = (lane: string, text: string, deltaOf: (piece: string) => Delta): Piece[] =>
    cut(text, roll).map(piece => ({ choice, lane, delta: deltaOf(piece) }))
  const answer = line('content', content, piece => ({ content: piece }))
  if (dialect === 'openai-completions') return [answer]
  return [
    answer,
    line('refusal', refusal, piece => ({ refusal: piece })),
    line('reasoning', reasoning, piece => ({ reasoning_content: piece })),
    ...calls.map(({ name, args }, index): Piece[] => [
      { choice, lane: `call ${index}`, delta: { tool_calls: [{ index, ...callOf(name, '', choice, index) }] } },
      ...line(`call ${index}`, args, piece => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
    ]),
  ]
}

const callOf = (name: string, args: string, choice: number, index: number): object =>
  ({ id: `call-${choice}-${index}`, type: 'function', function: { name, arguments: args } })

/** The payloads of a stream: lines of all choices interleaved, now and then several of them in one frame. */
export function streamed(choices: readonly Said[], dialect: DialectName, roll: Roll): string[] {
  const open = choices.map((one, choice) => lanesOf(one, choice, dialect, roll))
  const frames: Piece[][] = choices.map((_, choice) => [{ choice, lane: 'role', delta: {} }])
  const live = new Set(open.keys())
  while (live.size > 0) {
    const choice = [...live][roll(live.size)]!
    const lanes = open[choice]!.filter(lane => lane.length > 0)
    const piece = lanes[roll(Math.max(1, lanes.length))]?.shift() ?? { choice, lane: '', delta: {} }
    if (piece.lane === '') live.delete(choice)
    const last = frames.at(-1)!
    if (roll(3) === 0 && last.every(other => other.choice !== choice || other.lane !== piece.lane)) last.push(piece)
    else frames.push([piece])
  }
  return [...frames.map(frame => JSON.stringify(frameOf(frame, dialect))), '[DONE]']
}

function frameOf(pieces: readonly Piece[], dialect: DialectName): object {
  const choices = [...Map.groupBy(pieces, piece => piece.choice)].map(([index, mine]) => {
    const finish_reason = mine.some(piece => piece.lane === '') ? 'stop' : null
    const text = mine.map(piece => piece.delta.content ?? '').join('')
    if (dialect === 'openai-completions') return { index, text, finish_reason }
    const delta: Delta = Object.assign({}, ...mine.map(piece => piece.delta))
    const calls = mine.flatMap(piece => piece.delta.tool_calls ?? [])
    const role = mine.some(piece => piece.lane === 'role') ? { role: 'assistant', content: '' } : {}
    return { index, delta: { ...role, ...delta, ...(calls.length > 0 ? { tool_calls: calls } : {}) }, finish_reason }
  })
  return dialect === 'openai-completions'
    ? { id: 'c', object: 'text_completion', created: 1, model: 'm', choices }
    : { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices }
}

/** The same as one body. */
export function whole(choices: readonly Said[], dialect: DialectName): string {
  if (dialect === 'openai-completions') {
    const told = choices.map(({ content }, index) => ({ index, text: content, finish_reason: 'stop' }))
    return JSON.stringify({ id: 'c', object: 'text_completion', created: 1, model: 'm', choices: told })
  }
  const told = choices.map(({ content, refusal, reasoning, calls }, index) => ({
    index,
    message: {
      role: 'assistant', content, refusal, reasoning_content: reasoning,
      tool_calls: calls.map(({ name, args }, call) => callOf(name, args, index, call)),
    },
    finish_reason: 'stop',
  }))
  return JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: told })
}

/** Sends payloads as events, cut into writes at any byte, into some dozens of them at most. */
export async function sendStream(reply: ServerResponse, payloads: readonly string[], roll: Roll): Promise<void> {
  const bytes = Buffer.from(payloads.map(payload => `data: ${payload}\n\n`).join(''))
  reply.writeHead(200, { 'content-type': 'text/event-stream' })
  const least = 1 + bytes.length / 48
  for (let at = 0; at < bytes.length;) {
    const size = Math.floor(least + roll(24) ** 2)
    reply.write(bytes.subarray(at, at + size))
    at += size
    await turn()
  }
  reply.end()
}

interface Heard {
  readonly content?: string | null
  readonly refusal?: string | null
  readonly reasoning_content?: string | null
  readonly tool_calls?: readonly { index?: number; id?: string; function?: { name?: string; arguments?: string } }[]
}

interface Payload {
  readonly choices: readonly { index: number; text?: string; message?: Heard; delta?: Heard; finish_reason: string | null }[]
}

/** What payloads add up to: each text by its choice and channel. One payload that holds it all is a whole answer. */
export function hear(payloads: readonly string[]): Record<string, string> {
  const heard: Record<string, string> = {}
  const add = (place: string, piece: string | null | undefined): void => {
    if (piece) heard[place] = (heard[place] ?? '') + piece
  }
  for (const payload of payloads) {
    for (const { index, text, message, delta, finish_reason } of (JSON.parse(payload) as Payload).choices) {
      const { content, refusal, reasoning_content: reasoning, tool_calls: calls = [] } = message ?? delta ?? {}
      add(`${index} content`, content ?? text)
      add(`${index} refusal`, refusal)
      add(`${index} reasoning`, reasoning)
      for (const [position, call] of calls.entries()) {
        const place = `${index} call ${call.index ?? position}`
        add(`${place} id`, call.id)
        add(`${place} name`, call.function?.name)
        add(`${place} arguments`, call.function?.arguments)
      }
      add(`${index} finish`, finish_reason)
    }
  }
  return heard
}

/** The payloads of the events that have come in full, without the one that ends the stream. */
export function payloadsOf(stream: string): string[] {
  return stream.slice(0, stream.lastIndexOf('\n\n') + 1).split('\n')
    .flatMap(line => line.startsWith('data: ') && line !== 'data: [DONE]' ? [line.slice('data: '.length)] : [])
}

/** The same with arguments as the values that they spell, as far as they are JSON. */
export function spelled(heard: Readonly<Record<string, string>>): Record<string, unknown> {
  const texts = Object.entries(heard)
  return Object.fromEntries(texts.map(([place, text]) => [place, place.endsWith('arguments') ? valueOf(text) : text]))
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { unfinished: text }
  }
}
