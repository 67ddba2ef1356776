// The law of streams, spelled out once for the detectors of this folder: for every way of cutting a text, the stream says
// what the whole would have said.
import assert from 'node:assert/strict'
import type { Detector, Finding, Scope, Segment, StreamNeeds } from 'gatehouse/sdk'

/** A finding as something to compare. */
export type Told = readonly [start: number, end: number, type: string]

export const SCOPE: Scope = {
  direction: 'request', dialect: 'openai-chat', route: 'r', model: 'm', consumer: 'c', tags: {}, remaining: 1000,
}

export function segment(text: string, id = 0): Segment {
  return { id, origin: 'user', trust: 'untrusted', channel: 'text', choice: 0, path: '/messages/0/content', text }
}

/** The findings of a synchronous detector in one text. */
export function inspect(detector: Detector, text: string): readonly Finding[] {
  const findings = detector.inspect([segment(text)], SCOPE)
  assert.ok(!(findings instanceof Promise))
  return findings
}

/** The texts of the findings. */
export function values(detector: Detector, text: string): string[] {
  return inspect(detector, text).map(({ start, end }) => text.slice(start, end))
}

/** What the whole text says. */
export function whole(detector: Detector, text: string): Told[] {
  return sorted(inspect(detector, text).map(({ start, end, type }) => [start, end, type]))
}

/**
 * What the pieces say, with offsets in the whole text. `blind` leaves `undecided` unasked, so that only the declared
 * bounds tell what may leave.
 */
export function streamed(detector: Detector, needs: StreamNeeds, pieces: readonly string[], blind: boolean): Told[] {
  const { maxMatch = 0, lookbehind = 1, lookahead = 1 } = needs
  const told: Told[] = []
  let held = ''
  let context = ''
  let gone = 0
  for (const [index, piece] of pieces.entries()) {
    held += piece
    const text = context + held
    const known = context.length
    const findings = inspect(detector, text).filter(({ start }) => start >= known)
    let safe = text.length
    if (index < pieces.length - 1) safe = blind ? text.length - maxMatch - lookahead : detector.undecided!(text)
    safe = Math.max(known, Math.min(text.length, safe))
    for (let crossed = findings.find(crosses); crossed !== undefined; crossed = findings.find(crosses)) safe = crossed.start
    for (const { start, end, type } of findings) {
      if (end <= safe) told.push([gone + start - known, gone + end - known, type])
    }
    gone += safe - known
    context = text.slice(Math.max(0, safe - lookbehind), safe)
    held = text.slice(safe)

    function crosses({ start, end }: Finding): boolean { return start < safe && safe < end }
  }
  return sorted(told)
}

/** A text cut at the given places, each a share of the text from 0 to 1. */
export function cut(text: string, places: readonly number[]): string[] {
  const offsets = [0, ...places.map(place => Math.floor(place * text.length)).toSorted((a, b) => a - b), text.length]
  return offsets.slice(1).map((end, i) => text.slice(offsets[i], end))
}

/** Processor milliseconds that a piece of work takes: the same on a busy machine. */
export function cost(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

function sorted(told: readonly Told[]): Told[] {
  return told.toSorted((a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : 1))
}
