// A provider's records of what it was asked, one JSON object a line, read in portions: whatever the file holds, only a bounded
// part of it is in memory. Called by ../settlement.ts.
import { LONGEST_RAW } from '../journal.ts'

/** What a record says. `raw` is its usage as JSON; empty where that is too long to be kept. */
export interface UsageRecord {
  /** Counts from 1. */
  readonly line: number
  /** The id of the attempt, as the provider was told it. */
  readonly id: string
  readonly usage: unknown
  readonly raw: string
}

/** A line that is no such record. */
export interface Misfit {
  readonly line: number
  /** What was expected, without a word of what the line says. */
  readonly problem: string
}

/** Bytes of a line: a record has some hundreds. */
const LONGEST_LINE = 64 * 1024
/** Lines that are entered together. */
const PORTION = 256
const LF = 0x0a
/** What the ids of attempts are made of. */
const ID = /^[!-~]{1,128}$/

/** The records and misfits of a file, in its order. Empty lines are passed over. */
export async function* recordsIn(pieces: AsyncIterable<Buffer>): AsyncGenerator<readonly (UsageRecord | Misfit)[]> {
  let portion: (UsageRecord | Misfit)[] = []
  let line = 0
  for await (const text of linesIn(pieces)) {
    line++
    if (text?.trim() === '') continue
    if (portion.push(recordOf(line, text)) < PORTION) continue
    yield portion
    portion = []
  }
  if (portion.length > 0) yield portion
}

/** Lines without their ends; undefined for one that is too long, of which nothing is kept. */
async function* linesIn(pieces: AsyncIterable<Buffer>): AsyncGenerator<string | undefined> {
  let held: Buffer[] = []
  let size = 0
  const keep = (piece: Buffer): void => {
    size += piece.length
    if (size <= LONGEST_LINE) held.push(piece)
    else held = []
  }
  const take = (): string | undefined => {
    const line = size <= LONGEST_LINE ? Buffer.concat(held).toString() : undefined
    held = []
    size = 0
    return line
  }
  for await (const piece of pieces) {
    let start = 0
    for (let end = piece.indexOf(LF); end !== -1; end = piece.indexOf(LF, start)) {
      keep(piece.subarray(start, end))
      yield take()
      start = end + 1
    }
    keep(piece.subarray(start))
  }
  if (size > 0) yield take()
}

function recordOf(line: number, text: string | undefined): UsageRecord | Misfit {
  if (text === undefined) return { line, problem: `expected at most ${LONGEST_LINE} bytes` }
  let told: Readonly<Record<string, unknown>> | null
  try {
    told = JSON.parse(text) as typeof told
  } catch {
    return { line, problem: 'expected JSON' }
  }
  const { id, usage } = told ?? {}
  if (typeof id !== 'string' || !ID.test(id)) return { line, problem: 'expected the `id` of an attempt' }
  if (typeof usage !== 'object' || usage === null) return { line, problem: 'expected the `usage` that the provider counted' }
  return { line, id, usage, raw: rawOf(usage) }
}

/** Nothing of what is nested so deep that it cannot be written. */
function rawOf(usage: object): string {
  try {
    const raw = JSON.stringify(usage)
    return raw.length > LONGEST_RAW ? '' : raw
  } catch {
    return ''
  }
}
