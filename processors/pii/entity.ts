// What an entity is to ../pii.ts: something that finds its values in a text and knows which end of a text is still open.
// Everything here is strictly local, so that a scan begun anywhere in a stream agrees with the scan of the whole.
import { isDigit } from './characters.ts'

/** A value in a text. Offsets are UTF-16 code units of the view that was read; `score` is a confidence from 0 to 1. */
export interface Match {
  readonly start: number
  readonly end: number
  readonly score: number
}

/** The `end` of a match that the text ended inside of: more text may complete, extend or refute it. */
export const OPEN = Infinity

/** One kind of personal data. `digits` are the offsets where runs of digits begin, in rising order. */
export interface Entity {
  readonly type: string
  /** Every value: leftmost, without overlap. */
  find(text: string, digits: readonly number[]): Match[]
  /** The offset from which the end of the text may still become part of a value; `text.length` where nothing is open. */
  open(text: string, digits: readonly number[]): number
}

/** How an entity that has digits reads one candidate. */
export interface Reader {
  readonly type: string
  /**
   * Reads the candidate around the run of digits that begins at `at`. With `final`, the end of the text is a boundary
   * like any other; without, a candidate that reaches it comes back with the end `OPEN`.
   */
  read(text: string, at: number, final: boolean): Match | undefined
  /** The offset of a start without digits at the very end of the text (`+`, `DE`), else `text.length`. */
  begins?(text: string): number
}

/** The longest value of any reader, in code units of the view. */
export const LONGEST = 48

/** Overlapping candidates are sorted out up to this far from the first of them; a longer chain is no row of numbers. */
const CHAIN = 64

/** An entity from a reader of candidates. */
export function fromReader(reader: Reader): Entity {
  return {
    type: reader.type,
    find(text, digits) {
      const candidates: Match[] = []
      for (const at of digits) {
        const match = reader.read(text, at, true)
        if (match !== undefined) candidates.push(match)
      }
      return candidates.length < 2 ? candidates : leftmost(candidates)
    },
    open(text, digits) {
      for (const at of digits) {
        const match = reader.read(text, at, false)
        if (match?.end === OPEN) return match.start
      }
      return reader.begins?.(text) ?? text.length
    },
  }
}

/**
 * The leftmost candidates without overlap. Candidates are weighed within a chain of overlapping ones only, and only near
 * its beginning: so the choice depends on a bounded stretch of text, wherever the scan began.
 */
export function leftmost(candidates: readonly Match[]): Match[] {
  const taken: Match[] = []
  let chainStart = 0
  let chainEnd = 0
  let free = 0
  for (const candidate of candidates) {
    if (candidate.start >= chainEnd) chainStart = candidate.start
    chainEnd = Math.max(chainEnd, candidate.end)
    if (candidate.start < free || candidate.start - chainStart > CHAIN) continue
    taken.push(candidate)
    free = candidate.end
  }
  return taken
}

/** Where runs of digits begin, from the offset `from` on. */
export function digitRuns(text: string, from: number): number[] {
  const runs: number[] = []
  // Twenty times as fast as a loop over the characters.
  const run = /\d+/g
  run.lastIndex = from
  for (let found = run.exec(text); found !== null; found = run.exec(text)) {
    const within = found.index === from && isDigit(text.charCodeAt(from - 1))
    if (!within) runs.push(found.index)
  }
  return runs
}
