// How many tokens a request can have, without a tokenizer: a bound that holds for every model, and a guess. Used by
// reservation.ts.
import type { ByteEdit, Tape } from '../sdk/index.ts'

/** What vendors put in front of a request that declares tools: some hundred tokens. */
const TOOLS = 1024
/** Bytes of text in a token, about. */
const BYTES = 4
/** A longer text without a single space is a picture or a file. */
const LONGEST_WORD = 2000
/** Tokens of a picture or a page, about. */
const MEDIA = 1500

/**
 * No fewer than the tokens of a body's text: each stands for a byte of it or more, and what a model is told between messages
 * is shorter than the JSON that says so. Media are no text: few bytes of a picture, or its URL, are many tokens
 * (prompt-media.ts).
 */
export function mostTokens(tape: Tape, edits: readonly ByteEdit[]): number {
  let bytes = tape.bytes.length
  for (const { start, end, text } of edits) bytes += Math.max(0, Buffer.byteLength(text) - (end - start))
  return bytes + (tape.find(0, 'tools') === -1 ? 0 : TOOLS)
}

/** About so many as it has. */
export function likelyTokens(tape: Tape): number {
  return Math.ceil(sum(tape, 0))
}

function sum(tape: Tape, node: number): number {
  const kind = tape.kind(node)
  if (kind === 'string') {
    const start = tape.start(node)
    const length = tape.end(node) - start
    const space = length > LONGEST_WORD ? tape.bytes.indexOf(SPACE, start) : start
    return space === -1 || space > start + length ? MEDIA : length / BYTES
  }
  let tokens = 0
  if (kind === 'object' || kind === 'array') for (let child = tape.first(node); child !== -1; child = tape.next(child)) tokens += sum(tape, child)
  return tokens
}

const SPACE = ' '.charCodeAt(0)
