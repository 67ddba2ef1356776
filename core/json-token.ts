// Where the smallest pieces of a JSON text end: strings, escapes, numbers, literals (RFC 8259 sections 3, 6 and 7).
// Called by json-tape.ts while it scans.
import { refuse, type Source } from './json-error.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const LOWER_U = 0x75

// Four bytes of a kind, to look at four in one step.
const QUOTES = 0x22222222
const BACKSLASHES = 0x5c5c5c5c
const SPACES = 0x20202020
const ONES = 0x01010101
const HIGH_BITS = 0x80808080

/** 1 for the bytes that a string cannot hold as they are. */
const SPECIAL = new Uint8Array(256).fill(1, 0, 0x20)
SPECIAL[QUOTE] = SPECIAL[BACKSLASH] = 1

/** 1 for the characters that may follow a backslash. */
const ESCAPE = new Uint8Array(256)
for (const letter of '"\\/bfnrtu') ESCAPE[letter.charCodeAt(0)] = 1

/**
 * The end of a run of bytes that stand for themselves in a string: the offset of the next quote, backslash or control
 * character, or `end`. With `words`, a view of the same bytes, eight are looked at in one step: half the time on prompts.
 */
export function plainEnd(bytes: Buffer, words: DataView | undefined, at: number, end: number): number {
  if (words !== undefined) {
    for (; at + 8 <= end; at += 8) {
      const a = words.getInt32(at, true)
      const b = words.getInt32(at + 4, true)
      // XOR makes a quote or a backslash 0, and a subtraction borrows into the high bit of a byte that is too small.
      const special = ((a ^ QUOTES) - ONES | (a ^ BACKSLASHES) - ONES | a - SPACES) & ~a
        | ((b ^ QUOTES) - ONES | (b ^ BACKSLASHES) - ONES | b - SPACES) & ~b
      if ((special & HIGH_BITS) !== 0) break
    }
  }
  while (at < end && SPECIAL[bytes[at]!] === 0) at++
  return at
}

/**
 * The end of the escape whose backslash stands at `at`, a surrogate pair being one. Throws `invalid_json` for an unknown
 * escape, and for half a pair where the source allows none: RFC 8259 section 8.2 leaves that open, but no UTF-8 carries it.
 */
export function escapeEnd(source: Source, at: number): number {
  const { bytes, end } = source
  if (at + 1 === end || ESCAPE[bytes[at + 1]!] === 0) refuse(source, at + 1, String.raw`one of "\/bfnrtu after a backslash`)
  if (bytes[at + 1] !== LOWER_U) return at + 2
  const unit = hexUnit(source, at + 2)
  if (unit < 0xd800 || unit > 0xdfff) return at + 6
  const followed = unit < 0xdc00 && at + 8 <= end && bytes[at + 6] === BACKSLASH && bytes[at + 7] === LOWER_U
  const low = followed ? hexUnit(source, at + 8) : 0
  if (low >= 0xdc00 && low <= 0xdfff) return at + 12
  if (!source.halves) refuse(source, at, 'both halves of a surrogate pair', 'one alone')
  return at + 6
}

function hexUnit(source: Source, at: number): number {
  let unit = 0
  for (let digit = at; digit < at + 4; digit++) {
    const value = digit < source.end ? hexDigit(source.bytes[digit]!) : -1
    if (value < 0) refuse(source, digit, 'a hexadecimal digit')
    unit = unit * 16 + value
  }
  return unit
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** The end of the number that begins at `at`. Throws `invalid_json` where a digit is missing. */
export function numberEnd(source: Source, at: number): number {
  const { bytes, end } = source
  if (bytes[at] === 0x2d) at++
  at = at < end && bytes[at] === 0x30 ? at + 1 : digitsEnd(source, bytes, at, end)
  if (at < end && bytes[at] === 0x2e) at = digitsEnd(source, bytes, at + 1, end)
  if (at < end && (bytes[at]! | 0x20) === 0x65) {
    at++
    if (at < end && (bytes[at] === 0x2b || bytes[at] === 0x2d)) at++
    at = digitsEnd(source, bytes, at, end)
  }
  return at
}

function digitsEnd(source: Source, bytes: Buffer, first: number, end: number): number {
  let at = first
  while (at < end && (bytes[at]! ^ 0x30) < 10) at++
  if (at === first) refuse(source, at, 'a digit')
  return at
}

/** The end of `true`, `false` or `null`, whose first letter stands at `at`. Throws `invalid_json` for another word. */
export function literalEnd(source: Source, at: number): number {
  const { bytes, end } = source
  const literal = bytes[at] === 0x74 ? 'true' : bytes[at] === 0x66 ? 'false' : 'null'
  for (let index = 0; index < literal.length; index++, at++) {
    if (at === end || bytes[at] !== literal.charCodeAt(index)) refuse(source, at, `the word ${literal}`)
  }
  return at
}
