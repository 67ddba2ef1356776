import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkStreams } from '../../../core/conformance/streams.ts'
import { detector, openSubject } from './author.ts'

const cases: { name: string; inspect: string; text?: string; fails: RegExp }[] = [
  {
    name: 'crashes on half a surrogate pair', inspect: 'segments.map(s => encodeURIComponent(s.text)); return []', text: 'so 😀',
    fails: /^openai-chat, "so 😀": crash \(response\)$/,
  },
  { name: 'crashes on a letter', inspect: "if (segments[0].text.includes('x')) throw new TypeError('no x'); return []", fails: /^"a box": TypeError: no x$/ },
  { name: 'rejects', inspect: "return Promise.reject(new Error('later'))", fails: /^"a box": Error: later$/ },
  { name: 'returns nothing', inspect: 'return undefined', fails: /^"a box": .*expected an array of findings$/ },
  {
    name: 'finds beyond the end', inspect: "return segments.map(s => ({ segment: s.id, start: 0, end: 99, type: 'x' }))",
    fails: /^"a box": .*expected 0 <= start < end <= text\.length$/,
  },
  {
    name: 'finds in a segment of its own', inspect: "return [{ segment: 77, start: 0, end: 1, type: 'x' }]",
    fails: /^"a box": .*expected a finding in one of the given segments$/,
  },
]
for (const { name, inspect, text = 'a box', fails } of cases) {
  test(`a detector that ${name} fails, whichever check called it`, async t => {
    const subject = await openSubject(t, detector({ inspect }))
    const streams = await checkStreams(subject, [[text]])
    assert.deepEqual(streams.failures, [])
    const { cases: tried, failures } = subject.results.row()
    assert.ok(tried > 0)
    assert.match(failures[0] ?? 'nothing failed', fails)
  })
}

test('half a surrogate pair is refused in a whole answer, and that is nobody\'s failure', async t => {
  const subject = await openSubject(t, detector({ inspect: 'return []' }))
  await checkStreams(subject, [['\ud800']])
  assert.deepEqual(subject.results.row().failures, [])
})
