// Parts of Gemini's contents, of requests, answers and stream frames: where their text stands. Used by the maps of
// ../gemini.ts.
import { anywhere, each, fields, text, wholeText, word } from '../../../sdk/index.ts'
import type { ByteEdit, Leaf, Origin, Place, Tape } from '../../../sdk/index.ts'

/** Members by their names in JSON, which Google's servers take as the .proto files spell them too: `inline_data`. */
export function proto(members: Readonly<Record<string, Place>>, more: Omit<Place, 'fields'> = {}): Place {
  const spelt = Object.entries(members).map(([name, place]) => [inSnakeCase(name), place] as const)
  return fields({ ...Object.fromEntries(spelt), ...members }, more)
}

/** A member under either spelling, else -1. */
export function member(tape: Tape, node: number, name: string): number {
  if (node === -1) return -1
  const found = tape.find(node, name)
  return found === -1 ? tape.find(node, inSnakeCase(name)) : found
}

const inSnakeCase = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)

/** True for the literal `true`. */
export function isTrue(tape: Tape, node: number): boolean {
  return node !== -1 && tape.kind(node) === 'literal' && tape.bytes[tape.start(node)] === TRUE
}

const TRUE = 't'.charCodeAt(0)

/** True for an object, which may not be there at all. */
export function isObject(tape: Tape, node: number): boolean {
  return node !== -1 && tape.kind(node) === 'object'
}

/** The bytes that name another model wherever one of the objects names one: there it is a resource, `models/NAME`. */
export function renamed(tape: Tape, nodes: readonly number[], model: string): ByteEdit[] {
  const named = nodes.map(node => node === -1 ? -1 : tape.find(node, 'model')).filter(node => node !== -1)
  const name = JSON.stringify(model.startsWith('models/') ? model : `models/${model}`)
  return named.map(node => ({ start: tape.start(node), end: tape.end(node), text: name }))
}

/** A thought says so in a flag beside its text. */
function kindOf(tape: Tape, part: number): string {
  if (tape.find(part, 'text') === -1) return 'other'
  return isTrue(tape, tape.find(part, 'thought')) ? 'thought' : 'said'
}

/**
 * A part. Without an origin the role of its content gives it. In a frame (`pieces`) all texts of one kind are pieces of
 * one: a frame's parts are counted from the first again.
 */
export function partOf(origin?: Origin, pieces = false): Place {
  const found = wholeText('text', 'tool_result')
  const fileName = wholeText('text', 'file')
  const args: Leaf = { channel: 'tool_args', json: true, whole: true, ...(origin !== undefined && { origin }) }
  const media = {
    inlineData: proto({ mimeType: word, data: word, displayName: fileName }),
    fileData: proto({ mimeType: word, fileUri: word, displayName: fileName }),
  }
  const members: Readonly<Record<string, Place>> = {
    ...media,
    thoughtSignature: word,
    functionCall: proto({ id: word, name: wholeText('tool_name', origin), args: { leaf: args } }),
    functionResponse: proto({
      id: word, name: text('tool_name', 'tool_def'), response: anywhere({ channel: 'text', origin: 'tool_result', whole: true }),
      scheduling: word, parts: each(proto(media)),
    }),
    // Code of the model's that Google runs, and what came of it.
    executableCode: proto({ id: word, language: word, code: wholeText('text', origin) }),
    codeExecutionResult: proto({ id: word, outcome: word, output: found }),
    toolCall: proto({ id: word, toolType: word, args: anywhere(args) }),
    toolResponse: proto({ id: word, toolType: word, response: anywhere({ channel: 'text', origin: 'tool_result', whole: true }) }),
    videoMetadata: anywhere('structural'),
    mediaResolution: { ...word, ...fields({ level: word }) },
    partMetadata: anywhere({ channel: 'text', origin: 'user', whole: true }),
  }
  const first = (_tape: Tape, _node: number, above: string): string => `${above}0`
  const textual = (channel: 'text' | 'reasoning', name: string): Place =>
    proto({ ...members, text: text(channel, origin) }, pieces ? { names: { text: name }, at: first } : {})
  return proto(members, { kind: kindOf, byType: { said: textual('text', 'text'), thought: textual('reasoning', 'thought') } })
}
