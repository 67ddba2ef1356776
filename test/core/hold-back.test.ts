import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import type { Detector, Finding, Scope, Segment, StepRecord, StreamNeeds } from '../../sdk/index.ts'
import { maskOf } from '../../core/conversation.ts'
import { InlineExecutor } from '../../core/executor/inline.ts'
import { HoldBack } from '../../core/hold-back.ts'
import { Blocked, recordOf, type Step } from '../../core/step.ts'
import { Vault } from '../../core/vault.ts'

const scope: Scope = { direction: 'response', dialect: 'd', route: 'r', model: 'm', consumer: 'c', tags: {}, remaining: 1000 }
const place = { id: 0, origin: 'assistant', trust: 'trusted', channel: 'text', choice: 0, path: '/x' } as const

function stepOf(detector: Detector, stream: StreamNeeds, more: Partial<Step> = {}): Step {
  return {
    name: 'toy', version: '1', kind: 'detector', mode: 'enforce', on: { request: true, response: true }, position: 0,
    reads: maskOf({ origins: ['assistant'], channels: ['text'] }), rights: new Set(['edit', 'block', 'annotate']), actions: {},
    when: undefined, timeout: 1000, onError: 'closed', onTimeout: 'closed', onOverload: 'closed',
    sample: 1, group: -1, beside: false, windows: undefined, remembers: false, identity: 'toy',
    delivery: stream.delivery ?? (stream.maxMatch === undefined && detector.undecided === undefined ? 'complete' : 'holdback'),
    blockResponse: { status: 400, style: 'error', message: 'no' }, stream, needsUsage: false,
    learns: false, forgets: false, tellsUndecided: detector.undecided !== undefined, sendsTo: undefined, executor: new InlineExecutor(detector), ...more,
  }
}

/** Finds `b` between one and three `a`s on each side: a finding that depends on what stands around it. */
const abba = (segments: readonly Segment[]): Finding[] => segments.flatMap(({ id, text }) =>
  [...text.matchAll(/(?<![a-z])a{1,3}b+?a{1,3}(?![a-z])/g)].filter(match => match[0].length <= 8)
    .map(match => ({ segment: id, start: match.index, end: match.index + match[0].length, type: 'abba', action: 'replace' as const })))

async function streamed(step: Step, pieces: readonly string[]): Promise<{ out: string; record: StepRecord; held: number }> {
  const record = recordOf(step, 'response')
  const stage = new HoldBack(step, record, place, new Vault('s', 't'), () => scope)
  let out = ''
  let held = 0
  for (const piece of pieces) {
    out += await stage.push(piece, false)
    held = Math.max(held, stage.held)
  }
  return { out: out + await stage.push('', true), record, held }
}

const cut = (text: string, sizes: readonly number[]): string[] => {
  const pieces: string[] = []
  for (let at = 0, i = 0; at < text.length; i++) {
    const size = sizes.length === 0 ? text.length : sizes[i % sizes.length]! + 1
    pieces.push(text.slice(at, at + size))
    at += size
  }
  return pieces
}

const words = fc.array(fc.constantFrom('aba', 'aabbaa', 'ab', 'a', 'b', ' ', 'x', 'aaabbaaa', '😀'), { maxLength: 15 }).map(list => list.join(''))

for (const [how, detector, needs] of [
  ['by its longest finding', { inspect: abba }, { maxMatch: 8 }],
  ['by what it calls undecided', { inspect: abba, undecided: text => /[a-z]*$/.exec(text)!.index }, { maxMatch: 8 }],
  ['as a whole, where nothing else will do', { inspect: abba }, {}],
  ['asynchronously', { inspect: async (segments: readonly Segment[]) => abba(segments) }, { maxMatch: 8 }],
] as const satisfies readonly (readonly [string, Detector, StreamNeeds])[]) {
  test(`a stream held back ${how} equals the whole text, for every way of cutting it`, async () => {
    const step = stepOf(detector, needs)
    await fc.assert(fc.asyncProperty(words, fc.array(fc.nat(6), { maxLength: 6 }), async (text, sizes) => {
      const whole = await streamed(step, [text])
      const cutUp = await streamed(step, cut(text, sizes))
      assert.equal(cutUp.out, whole.out)
      assert.deepEqual(cutUp.record.findings, whole.record.findings)
    }), { numRuns: 300 })
  })
}

test('what is decided is not held', async () => {
  const step = stepOf({ inspect: abba, undecided: text => /[a-z]*$/.exec(text)!.index }, { maxMatch: 8 })
  const stage = new HoldBack(step, recordOf(step, 'response'), place, new Vault('s', 't'), () => scope)
  assert.equal(stage.push('Hello ', false), 'Hello ')
  assert.equal(stage.push('abb', false), '')
  assert.equal(stage.push('a!', false), '[ABBA]!')
  assert.equal(stage.push(`${'a'.repeat(100)}`, false), 'a'.repeat(91), 'a run longer than any finding is let go')
})

test('a step in shadow notes and changes nothing', async () => {
  const step = stepOf({ inspect: abba }, { maxMatch: 8 }, { mode: 'shadow' })
  const { out, record } = await streamed(step, ['x ab', 'a y'])
  assert.equal(out, 'x aba y')
  assert.deepEqual([record.outcome, record.findings], ['edit', { abba: 1 }])
})

test('a block ends the stream before anything of the finding has left', async () => {
  const step = stepOf({ inspect: abba }, { maxMatch: 8 }, { actions: { abba: 'block' } })
  const stage = new HoldBack(step, recordOf(step, 'response'), place, new Vault('s', 't'), () => scope)
  const left = `${await stage.push('before aba', false)}`
  assert.ok(!left.includes('aba'))
  assert.throws(() => stage.push(' and more text after it', false), Blocked)
})

test('on an answer a placeholder would have nobody to turn it back, so the type stands in', async () => {
  const step = stepOf({ inspect: abba }, { maxMatch: 8 }, { actions: { '*': 'tokenize' } })
  assert.equal((await streamed(step, ['x aba y'])).out, 'x [ABBA] y')
})

for (const [what, detector] of [
  ['throws', { inspect() { throw new Error('boom') } }],
  ['rejects', { async inspect() { throw new Error('boom') } }],
  ['returns nonsense', { inspect: () => [{ segment: 0, start: 0, end: 99, type: 'x' }] }],
  ['never answers', { inspect: () => new Promise<Finding[]>(() => {}) }],
] as const satisfies readonly (readonly [string, Detector])[]) {
  test(`a detector that ${what} stops the stream where it guards closed, and lets it pass where it guards open`, async () => {
    const closed = stepOf(detector, { maxMatch: 8 }, { timeout: 20 })
    await assert.rejects(() => streamed(closed, ['some text that is longer than a finding']), /"toy"/)
    const open = stepOf(detector, { maxMatch: 8 }, { timeout: 20, onError: 'open', onTimeout: 'open' })
    const { out, record } = await streamed(open, ['some text'])
    assert.equal(out, 'some text')
    assert.equal(record.outcome, 'error', 'and it is never taken for passed')
  })
}
