import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Action, Finding, Segment } from '../../sdk/index.ts'
import { checkFindings, MalformedResult, merge } from '../../core/findings.ts'

const segment: Segment = { id: 7, origin: 'user', trust: 'untrusted', channel: 'text', choice: 0, path: '', text: 'abcdefghij' }
const good = { segment: 7, start: 0, end: 3, type: 'email' }

for (const [what, result] of [
  ['no array', { length: 1 }],
  ['a finding that is null', [null]],
  ['another segment', [{ ...good, segment: 8 }]],
  ['a start before the text', [{ ...good, start: -1 }]],
  ['a fraction', [{ ...good, start: 0.5 }]],
  ['an end past the text', [{ ...good, end: 11 }]],
  ['an empty span', [{ ...good, end: 0 }]],
  ['offsets that are strings', [{ ...good, start: '0' }]],
  ['a type with blanks', [{ ...good, type: 'e mail' }]],
  ['a type that is no string', [{ ...good, type: {} }]],
  ['a long type', [{ ...good, type: 'x'.repeat(65) }]],
  ['a score out of range', [{ ...good, score: 2 }]],
  ['a score that is no number', [{ ...good, score: Number.NaN }]],
  ['an unknown action', [{ ...good, action: 'erase' }]],
  ['a replacement that is no text', [{ ...good, replacement: {} }]],
  ['more findings than any text has', Array.from({ length: 100_001 }, () => good)],
] as const) {
  test(`refuses ${what}`, () => {
    assert.throws(() => checkFindings(result, [segment]), MalformedResult)
  })
}

test('keeps what is well formed, by segment', () => {
  assert.deepEqual([...checkFindings([good, { ...good, start: 4, end: 10 }], [segment])], [[7, [good, { ...good, start: 4, end: 10 }]]])
  assert.equal(checkFindings([], [segment]).size, 0)
})

const find = (start: number, end: number, type: string, score = 1, action: Action = 'mask'): Finding => ({ segment: 7, start, end, type, score, action })
const merged = (findings: Finding[]) => merge(findings, one => one.action ?? 'annotate').map(span => [span.start, span.end, span.type, span.action])

for (const [what, findings, expected] of [
  ['apart', [find(5, 7, 'b'), find(0, 3, 'a')], [[0, 3, 'a', 'mask'], [5, 7, 'b', 'mask']]],
  ['touching, not overlapping', [find(0, 3, 'a'), find(3, 5, 'b')], [[0, 3, 'a', 'mask'], [3, 5, 'b', 'mask']]],
  ['the longer names the union', [find(0, 4, 'a'), find(3, 9, 'b')], [[0, 9, 'b', 'mask']]],
  ['then the higher score', [find(0, 4, 'a', 0.5), find(2, 6, 'b', 0.9)], [[0, 6, 'b', 'mask']]],
  ['then the earlier in the list', [find(2, 6, 'b'), find(0, 4, 'a')], [[0, 6, 'b', 'mask']]],
  ['a chain of overlaps is one span', [find(0, 4, 'a'), find(3, 6, 'b'), find(5, 10, 'c')], [[0, 10, 'c', 'mask']]],
  ['a block is never outvoted', [find(0, 9, 'a'), find(3, 4, 'b', 1, 'block')], [[0, 9, 'a', 'block']]],
  ['an edit is never outvoted by a note', [find(0, 9, 'a', 1, 'annotate'), find(3, 4, 'b')], [[0, 9, 'a', 'mask']]],
  ['what is allowed is no finding', [find(0, 9, 'a', 1, 'allow'), find(3, 4, 'b')], [[3, 4, 'b', 'mask']]],
] as const) {
  test(`merges: ${what}`, () => {
    assert.deepEqual(merged([...findings]), expected)
  })
}
