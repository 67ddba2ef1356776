// Steps, texts and detectors as small as they come. Used by the tests of the engine: window, piece, inspection, group and
// their neighbours.
import type { Detector, Finding, Scope, Segment } from '../../sdk/index.ts'
import { maskOf } from '../../core/conversation.ts'
import { InlineExecutor } from '../../core/executor/inline.ts'
import type { Step } from '../../core/step.ts'

export const SCOPE: Scope = { direction: 'response', dialect: 'd', route: 'r', model: 'm', consumer: 'c', tags: {}, remaining: 1000 }

export const PLACE = { id: 0, origin: 'assistant', trust: 'trusted', channel: 'text', choice: 0, path: '/x' } as const

export const segmentOf = (text: string, id = 0): Segment => ({ ...PLACE, id, text })

/** A step around a detector, which has every right and guards closed. */
export function stepOf(detector: Detector, more: Partial<Step> = {}): Step {
  return {
    name: 'toy', version: '1', kind: 'detector', mode: 'enforce', on: { request: true, response: true }, position: 0,
    reads: maskOf({ origins: ['assistant'], channels: ['text'] }), rights: new Set(['edit', 'block', 'annotate']), actions: {},
    when: undefined, timeout: 1000, onError: 'closed', onTimeout: 'closed', onOverload: 'closed',
    sample: 1, group: -1, beside: false, windows: undefined, remembers: false, identity: 'toy', delivery: 'complete',
    blockResponse: { status: 400, style: 'error', message: 'no' }, stream: {}, needsUsage: false,
    tellsUndecided: false, sendsTo: undefined, learns: false, forgets: false, executor: new InlineExecutor(detector), ...more,
  }
}

/** The `inspect` of a detector that finds a pattern. */
export const finds = (pattern: RegExp, more: Partial<Finding> = {}) => (segments: readonly Segment[]): Finding[] =>
  segments.flatMap(({ id, text }) => [...text.matchAll(pattern)].map(({ index, 0: found }): Finding =>
    ({ segment: id, start: index, end: index + found.length, type: 'word', action: 'replace', ...more })))

/** A text in pieces of the given sizes, which begin again when they are used up. */
export function cut(text: string, sizes: readonly number[]): string[] {
  const pieces: string[] = []
  for (let at = 0; at < text.length;) {
    const size = sizes[pieces.length % sizes.length] ?? text.length
    pieces.push(text.slice(at, at + size))
    at += size
  }
  return pieces
}
