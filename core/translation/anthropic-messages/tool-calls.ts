// Calls of tools: their arguments as the object that this format wants, and ids in its alphabet. Used by the blocks of this
// format and of bedrock-converse/.
import { createHash } from 'node:crypto'

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

// Of ECMAScript's "JSON.parse source text access", which the compiler's library does not know yet.
const json = JSON as unknown as {
  parse(text: string, reviver: Reviver): unknown
  rawJSON(text: string): unknown
}

/** What the arguments of a call are as an object, and whether they were one. */
export interface Input {
  readonly input: unknown
  readonly sound: boolean
}

/**
 * The arguments of a call as an object that JSON.stringify writes with every digit of its numbers: `12345678901234567890`
 * and `1.0` stay. What is no object, such as the half of one that a limit left, comes as `{ "unparsed": text }`, so that
 * nobody takes it for a call without arguments.
 */
export function inputOf(args: string): Input {
  const text = args.trim()
  if (text === '') return { input: {}, sound: true }
  try {
    if (text.startsWith('{')) return { input: json.parse(text, exactly), sound: true }
  } catch {
    // No JSON, or nested too deeply.
  }
  return { input: { unparsed: args }, sound: false }
}

const exactly: Reviver = (_key, value, { source }) => (
  typeof value === 'number' && source !== undefined ? json.rawJSON(source) : value)

/** The arguments of a call as text. */
export function argsOf(input: unknown): string {
  return typeof input === 'object' && input !== null ? JSON.stringify(input) : '{}'
}

/**
 * The id of a call in the alphabet that Claude's APIs take: as it is where it is legal, else a hash of it, the same for the
 * call and its result.
 */
export function legalId(id: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) return id
  return `call_${createHash('sha256').update(id).digest('hex').slice(0, 32)}`
}
