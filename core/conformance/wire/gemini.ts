// Gemini's generateContent: candidates of parts, and frames of the same shape. Listed in ../wires.ts.
import { argumentsWith, type Line, type Piece, type Wire } from '../wire.ts'

/** Contents that hold a text in each of the places that a conversation has. */
function contentsWith(text: string): object[] {
  const args = JSON.parse(argumentsWith(text, 0)) as unknown
  return [
    { role: 'user', parts: [{ text }] },
    { role: 'model', parts: [{ text, thought: true }, { text }, { functionCall: { name: 'note', args } }] },
    { role: 'user', parts: [{ functionResponse: { name: 'note', response: { output: text } } }] },
  ]
}

function partOf({ channel, text }: Line): object {
  if (channel === 'tool_args') return { functionCall: { name: 'note', args: JSON.parse(text) as unknown } }
  return channel === 'reasoning' ? { text, thought: true } : { text }
}

const answer = (candidates: readonly object[]): object => ({ candidates, modelVersion: 'm', responseId: 'r-1' })

const candidate = (index: number, lines: readonly Line[], more: object = {}): object =>
  ({ content: { parts: lines.map(partOf), role: 'model' }, ...more, index })

/** What is read of an answer or a frame. */
interface Payload {
  readonly candidates?: readonly {
    readonly index?: number
    readonly finishReason?: string
    readonly content?: { readonly parts?: readonly Part[] }
  }[]
}
interface Part {
  readonly text?: string
  readonly thought?: boolean
  readonly functionCall?: { readonly args?: unknown }
}

function hear({ candidates = [] }: Payload): Piece[] {
  return candidates.flatMap(({ index: choice = 0, finishReason, content: { parts = [] } = {} }) => {
    const said = parts.map(({ text, thought, functionCall }): Line => functionCall === undefined
      ? { choice, channel: thought === true ? 'reasoning' : 'text', text: text ?? '' }
      : { choice, channel: 'tool_args', text: JSON.stringify(functionCall.args) })
    return finishReason === 'SAFETY' ? [...said, 'filtered'] : said
  })
}

/** This dialect. A call comes whole, so its pieces are put together, behind all others. */
export const GEMINI: Wire = {
  dialect: 'gemini', path: '/v1beta/models/m:generateContent', streamPath: '/v1beta/models/m:streamGenerateContent?alt=sse',
  speaks: ['text', 'reasoning', 'tool_args'],
  ask: texts => ({ systemInstruction: { parts: texts.map(text => ({ text })) }, contents: texts.flatMap(contentsWith) }),
  whole: lines => answer([...Map.groupBy(lines, line => line.choice)].map(([index, said]) => candidate(index, said, { finishReason: 'STOP' }))),
  frames(pieces) {
    const calls = Map.groupBy(pieces.filter(({ channel }) => channel === 'tool_args'), ({ choice }) => choice)
    const choices = [...new Set(pieces.map(({ choice }) => choice))]
    return [
      ...pieces.filter(({ channel }) => channel !== 'tool_args').map(piece => answer([candidate(piece.choice, [piece])])),
      ...[...calls].map(([choice, said]) => answer([candidate(choice, [{ choice, channel: 'tool_args', text: said.map(({ text }) => text).join('') }])])),
      ...choices.map(choice => answer([candidate(choice, [], { finishReason: 'STOP' })])),
    ]
  },
  hear,
}

/** The same without server-sent events. */
export const GEMINI_ARRAY: Wire = { ...GEMINI, streamPath: '/v1beta/models/m:streamGenerateContent', array: true }
