// How the echo provider is told to behave: standing instructions from its options, and a request's own. Called by
// answer.ts.
import { Type, type Static } from 'gatehouse/sdk'
import { Value } from 'typebox/value'

const number = (minimum: number, maximum: number, description: string) =>
  Type.Optional(Type.Integer({ minimum, maximum, description }))
const after = (description: string) => number(0, 1_000_000, `Events that go well before ${description}.`)

/** The instructions, all of them numbers; a switch is 0 or 1. A whole answer counts as two events: its two halves. */
export const Instructions = Type.Object({
  pace: number(0, 60_000, 'Milliseconds between the events of a stream.'),
  slow: number(0, 600_000, 'Milliseconds before the head of the answer.'),
  words: number(1, 100_000, 'Length of the answer: its words are cut off, or said again from the first.'),
  tools: number(0, 16, 'Answers with so many tool calls, whose arguments repeat the text.'),
  reasoning: number(0, 1, 'Thinks before it speaks: reasoning_content.'),
  usage: number(0, 1, 'With 0, tells no usage.'),
  crlf: number(0, 1, 'Ends the lines of a stream with CR and LF.'),
  fail: number(400, 599, 'Answers with this status and an error.'),
  'fail-after': number(0, 1_000_000, 'Requests told to fail that go well before the first one fails.'),
  'stall-after': after('the answer goes quiet for ever'),
  'cut-after': after('the connection closes'),
  'garbage-after': after('bytes come that are no JSON; the rest follows'),
  'error-after': after('a stream ends with an error event'),
}, { additionalProperties: false })

export type Instructions = Static<typeof Instructions>

/** The standing instructions, overridden by those of a text: `pace=20,words=50`. Throws a plain sentence. */
export function instruct(standing: Instructions, text: string): Instructions {
  const pairs = text.split(',').map(item => item.split('='))
  const own = Object.fromEntries(pairs.map(([name = '', value]) => [name.trim(), Number(value)]))
  if (Value.Check(Instructions, own)) return { ...standing, ...own }
  const names = Object.keys(Instructions.properties)
  const wrong = Value.Errors(Instructions, own).find(({ instancePath }) => names.includes(instancePath.slice(1)))
  if (wrong !== undefined) throw new Error(`The echo instruction ${wrong.instancePath.slice(1)} ${wrong.message}.`)
  throw new Error(`Expected echo instructions as in "pace=20,words=50", out of ${names.join(', ')}.`)
}
