import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import type { Finding, Segment, StepRecord } from '../../sdk/index.ts'
import { inspect } from '../../core/inspection.ts'
import { Piece } from '../../core/piece.ts'
import { Blocked, recordOf, type Step } from '../../core/step.ts'
import { Vault } from '../../core/vault.ts'
import { judge } from '../../core/verdict.ts'
import { WindowStage, windowsOf, type Windows } from '../../core/window.ts'
import { cut, finds, PLACE, SCOPE, stepOf } from './toy-step.ts'

const SIZES: readonly Windows[] = [{ size: 20, overlap: 5 }, { size: 7, overlap: 6 }, { size: 4, overlap: 0 }, { size: 1, overlap: 0 }]
const vault = (): Vault => new Vault('secret', 'c')

test('windows cover a text, and neighbours overlap as said', () => {
  const shape = fc.integer({ min: 1, max: 30 }).chain(size => fc.record({ size: fc.constant(size), overlap: fc.nat(size - 1) }))
  fc.assert(fc.property(fc.nat(300), shape, (length, shaped) => {
    const windows = windowsOf('x'.repeat(length), shaped)
    assert.equal(windows[0]!.start, 0)
    assert.equal(windows.at(-1)!.end, length)
    for (const [index, { start, end }] of windows.entries()) {
      const next = windows[index + 1]
      assert.ok(end - start <= shaped.size)
      if (next === undefined) continue
      assert.equal(end - start, shaped.size)
      assert.equal(end - next.start, shaped.overlap)
      assert.ok(next.end > end, 'every window shows something new')
    }
  }))
})

for (const [length, windows] of [
  [0, [[0, 0]]], [20, [[0, 20]]], [21, [[0, 20], [15, 21]]], [35, [[0, 20], [15, 35]]], [36, [[0, 20], [15, 35], [30, 36]]],
] as const) {
  test(`a text of ${length} has ${windows.length} windows of 20 with 5 in common`, () => {
    assert.deepEqual(windowsOf('x'.repeat(length), { size: 20, overlap: 5 }).map(({ start, end }) => [start, end]), windows)
  })
}

const stageOf = (step: Step, record: StepRecord): WindowStage => new WindowStage(step, step.windows!, record, PLACE, vault(), () => SCOPE)

async function streamed(step: Step, pieces: readonly string[]): Promise<{ out: string; record: StepRecord }> {
  const record = recordOf(step, 'response')
  const stage = stageOf(step, record)
  let out = ''
  for (const piece of pieces) out += await stage.push(piece, false)
  return { out: out + await stage.push('', true), record }
}

async function whole(step: Step, text: string): Promise<{ out: string; record: StepRecord }> {
  const record = recordOf(step, 'response')
  const piece = new Piece(PLACE, text)
  await inspect(step, record, [piece.segment], SCOPE, step.timeout, undefined,
    found => judge(step, record, piece, found.get(0) ?? [], vault(), 'response'))
  return { out: piece.text, record }
}

/** Patterns of all lengths, up to the whole window; some look at what stands around them. */
const PATTERNS = [/ab+/g, /[ab]+/g, /(?<=x)a/g, /b(?! )/g, /[^]+/g, /a[^]*b/g, /^./gs, /.$/gs] as const
const words = fc.array(fc.constantFrom('a', 'b', 'ab', 'abbb', ' ', 'x', 'xa', '\n', 'é'), { maxLength: 60 }).map(list => list.join(''))
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 })

for (const windows of SIZES) {
  for (const how of ['synchronous', 'asynchronous']) {
    test(`a stream equals the whole text, however it is cut: windows of ${windows.size}/${windows.overlap}, ${how}`, async () => {
      await fc.assert(fc.asyncProperty(words, sizes, fc.constantFrom(...PATTERNS), async (text, places, pattern) => {
        const find = finds(pattern)
        const step = stepOf({ inspect: how === 'synchronous' ? find : async segments => find(segments) }, { delivery: 'window', windows })
        const stream = await streamed(step, cut(text, places))
        const body = await whole(step, text)
        assert.equal(stream.out, body.out)
        assert.deepEqual(stream.record.findings, body.record.findings)
        assert.equal(stream.record.outcome, body.record.outcome)
      }))
    })
  }
}

test('what lies before the next window leaves, and no more', () => {
  const seen: string[] = []
  const step = stepOf({ inspect: segments => { seen.push(...segments.map(({ text }) => text)); return [] } },
    { delivery: 'window', windows: { size: 10, overlap: 4 } })
  const stage = stageOf(step, recordOf(step, 'response'))
  assert.equal(stage.push('012345678', false), '')
  assert.equal(stage.held, 9)
  assert.equal(stage.push('9', false), '', 'what comes next may be the other half of a pair')
  assert.equal(stage.push('abcdef', false), '012345')
  assert.equal(stage.held, 10)
  assert.equal(stage.push('', true), '6789abcdef', 'the last window has seen it')
  assert.deepEqual(seen, ['0123456789', '6789abcdef'])
})

test('a finding that the next window may make longer waits for it', async () => {
  const step = stepOf({ inspect: finds(/a+/g) }, { delivery: 'window', windows: { size: 6, overlap: 2 } })
  assert.equal((await streamed(step, ['..aaaaaa..'])).out, '..[WORD]..')
})

test('a block ends the stream before anything of the finding has left', () => {
  fc.assert(fc.property(words, words, sizes, (before, after, places) => {
    const clean = before.replaceAll('x', '')
    const step = stepOf({ inspect: finds(/x/g, { action: 'block' }) }, { delivery: 'window', windows: { size: 8, overlap: 3 } })
    const stage = stageOf(step, recordOf(step, 'response'))
    let out = ''
    assert.throws(() => {
      for (const piece of cut(`${clean}x${after}`, places)) out += String(stage.push(piece, false))
      out += String(stage.push('', true))
    }, Blocked)
    assert.ok(clean.startsWith(out))
  }))
})

test('a detector that fails stops the stream where it guards closed, and lets the window pass where it guards open', async () => {
  const inspectBadly = (segments: readonly Segment[]): Finding[] => {
    if (segments[0]!.text.includes('!')) throw new Error('boom')
    return finds(/ab/g)(segments)
  }
  const windows = { size: 6, overlap: 0 }
  await assert.rejects(streamed(stepOf({ inspect: inspectBadly }, { windows }), ['ab..!.']), /"toy"/)
  const { out, record } = await streamed(stepOf({ inspect: inspectBadly }, { windows, onError: 'open' }), ['ab..!.', '..ab..'])
  assert.equal(out, 'ab..!...[WORD]..')
  assert.equal(record.outcome, 'error')
})

test('no window and no piece of a stream cuts a surrogate pair', async () => {
  assert.deepEqual(windowsOf('ab😀cd', { size: 3, overlap: 0 }), [{ start: 0, end: 2 }, { start: 2, end: 6 }])
  const step = stepOf({ inspect: finds(/nothing/g) }, { delivery: 'window', windows: { size: 4, overlap: 1 } })
  const stage = stageOf(step, recordOf(step, 'response'))
  const pieces = [...'ab😀cd😀😀e'].flatMap(character => character.split('').map(half => stage.push(half, false)))
  pieces.push(stage.push('', true))
  assert.equal(pieces.join(''), 'ab😀cd😀😀e')
  for (const piece of pieces) assert.ok((piece as string).isWellFormed())
})
