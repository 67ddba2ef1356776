import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Finding, Scope, Segment } from '../../sdk/index.ts'
import { inspect, type Found } from '../../core/inspection.ts'
import { Memory } from '../../core/memory.ts'
import { recordOf, type Step } from '../../core/step.ts'
import { finds, SCOPE, segmentOf, stepOf } from './toy-step.ts'

const LONG = `A long turn of a conversation, with a secret in it and much else. ${'And more. '.repeat(4)}`
const find = finds(/secret/g)

/** A step that finds secrets, and what it was asked so far: the texts of each call. */
function asked(more: Partial<Step> = {}): { step: Step; calls: string[][] } {
  const calls: string[][] = []
  const look = (segments: readonly Segment[]): Finding[] => {
    calls.push(segments.map(({ text }) => text))
    return find(segments)
  }
  return { step: stepOf({ inspect: look }, { remembers: true, ...more }), calls }
}

/** What is found, as one list of `[segment, start, end]`. */
async function ask(step: Step, segments: readonly Segment[], memory?: Memory, scope: Scope = SCOPE): Promise<number[][]> {
  let told: Found | undefined
  await inspect(step, recordOf(step, 'request'), segments, scope, 1000, memory, found => { told = found })
  return [...told!].flatMap(([segment, findings]) => findings.map(finding => {
    assert.equal(finding.segment, segment)
    return [segment, finding.start, finding.end]
  })).toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]!)
}

const at = LONG.indexOf('secret')

test('a text that came before is not asked about again, wherever it stands now', async () => {
  const { step, calls } = asked()
  const memory = new Memory('s', 100)
  assert.deepEqual(await ask(step, [segmentOf(LONG, 0)], memory), [[0, at, at + 6]])
  assert.deepEqual(await ask(step, [segmentOf('a new secret', 4), segmentOf(LONG, 5)], memory), [[4, 6, 12], [5, at, at + 6]])
  assert.deepEqual(await ask(step, [segmentOf(LONG, 1)], memory), [[1, at, at + 6]])
  assert.deepEqual(calls, [[LONG], ['a new secret']])
})

test('that nothing was found is remembered as well', async () => {
  const { step, calls } = asked()
  const memory = new Memory('s', 100)
  const clean = LONG.replace('secret', 'rose')
  assert.deepEqual(await ask(step, [segmentOf(clean)], memory), [])
  assert.deepEqual(await ask(step, [segmentOf(clean)], memory), [])
  assert.equal(calls.length, 1)
})

for (const [what, segment, scope] of [
  ['another consumer', segmentOf(LONG), { ...SCOPE, consumer: 'd' }],
  ['another text', segmentOf(`${LONG}!`), SCOPE],
  ['another direction', segmentOf(LONG), { ...SCOPE, direction: 'request' }],
  ['another origin', { ...segmentOf(LONG), origin: 'user' }, SCOPE],
] as const) {
  test(`${what} is asked about by itself`, async () => {
    const { step, calls } = asked()
    const memory = new Memory('s', 100)
    await ask(step, [segmentOf(LONG)], memory)
    assert.deepEqual(await ask(step, [segment], memory, scope), [[0, at, at + 6]])
    assert.equal(calls.length, 2)
  })
}

for (const [what, more, memory] of [
  ['a step that does not say it may be', { remembers: false }, new Memory('s', 100)],
  ['no memory', {}, undefined],
] as const) {
  test(`without being remembered each text is asked about each time: ${what}`, async () => {
    const { step, calls } = asked(more)
    for (let i = 0; i < 3; i++) assert.deepEqual(await ask(step, [segmentOf(LONG)], memory), [[0, at, at + 6]])
    assert.equal(calls.length, 3)
  })
}

for (const [what, result] of [
  ['a crash', () => { throw new Error('boom') }],
  ['a rejection', async () => { throw new Error('boom') }],
  ['nonsense', () => [{ segment: 99, start: 0, end: 1, type: 'x' }]],
] as const) {
  test(`${what} is never remembered as "nothing found"`, async () => {
    let fails = true
    const step = stepOf({ inspect: segments => fails ? result() : find(segments) }, { remembers: true, onError: 'open' })
    const memory = new Memory('s', 100)
    assert.deepEqual(await ask(step, [segmentOf(LONG)], memory), [])
    fails = false
    assert.deepEqual(await ask(step, [segmentOf(LONG)], memory), [[0, at, at + 6]])
  })
}

test('what is known still holds where asking for the rest fails open', async () => {
  const memory = new Memory('s', 100)
  let fails = false
  const inspectOrFail = (segments: readonly Segment[]): Finding[] => {
    if (fails) throw new Error('boom')
    return find(segments)
  }
  const step = stepOf({ inspect: inspectOrFail }, { remembers: true, onError: 'open' })
  await ask(step, [segmentOf(LONG, 0)], memory)
  fails = true
  assert.deepEqual(await ask(step, [segmentOf(LONG, 0), segmentOf('a new secret', 1)], memory), [[0, at, at + 6]])
})

for (const how of ['synchronous', 'asynchronous']) {
  test(`a step that judges windows is asked window by window, and answered for the whole: ${how}`, async () => {
    const calls: string[][] = []
    const look = (segments: readonly Segment[]): Finding[] => {
      calls.push(segments.map(({ text }) => text))
      assert.equal(new Set(segments.map(({ id }) => id)).size, segments.length)
      return find(segments)
    }
    const detector = { inspect: how === 'synchronous' ? look : async (segments: readonly Segment[]) => look(segments) }
    const step = stepOf(detector, { remembers: true, windows: { size: 40, overlap: 10 } })
    const memory = new Memory('s', 100)
    const segments = [segmentOf(LONG, 3), segmentOf('another secret', 8)]
    const expected = [[3, at, at + 6], [8, 8, 14]]
    assert.deepEqual(await ask(step, segments, memory), expected)
    assert.deepEqual(calls, [[LONG.slice(0, 40), LONG.slice(30, 70), LONG.slice(60, 100), LONG.slice(90), 'another secret']])
    assert.deepEqual(await ask(step, segments, memory), expected)
    assert.deepEqual(calls[1], ['another secret'], 'short texts are not remembered')
  })
}
