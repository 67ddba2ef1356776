import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkLimits } from '../../../core/conformance/limits.ts'
import { detector, openSubject, type Written } from './author.ts'

const cases: { name: string; written: Written; text?: string; fails?: RegExp }[] = [
  { name: 'keeps to what it says', written: { inspect: 'return find(/secret/g)', undecided: 'return Math.max(0, text.length - 6)' } },
  {
    name: 'finds more than it says', written: { inspect: 'return find(/secret/g)', stream: '{ maxMatch: 5 }' },
    fails: /^"secret" is a finding of 6 characters, stream\.maxMatch says 5$/,
  },
  {
    name: 'looks further back', written: { inspect: 'return find(/(?<=key {3})secret/g)' }, text: 'my key   secret',
    fails: /^"secret" is found in "my key {3}secret" but not with 1 characters before it and 9 after its start; raise stream\.lookbehind/,
  },
  {
    name: 'looks further ahead', written: { inspect: 'return find(/secret(?= {9}key)/g)' }, text: `secret${' '.repeat(9)}key`,
    fails: /but not with .* stream\.lookahead$/,
  },
  {
    name: 'lets go too early', written: { inspect: 'return find(/secret/g)', undecided: 'return text.length' },
    fails: /^undecided\(…"a s"\) is 3, after the start \(2\) of "secret", whose end has not come; return an earlier offset$/,
  },
  {
    name: 'tells no offset', written: { inspect: 'return find(/secret/g)', undecided: 'return text.length / 2' },
    fails: /^undecided\("a"\) is 0\.5; expected an offset from 0 to 1$/,
  },
  {
    name: 'throws where it should tell', written: { inspect: 'return []', undecided: "throw new RangeError('no')" },
    fails: /^undecided\(""\) throws RangeError$/,
  },
]
for (const { name, written, text = 'a secret!', fails } of cases) {
  test(`a detector that ${name} ${fails === undefined ? 'passes' : 'fails'}`, async t => {
    const { cases: tried, failures } = await checkLimits(await openSubject(t, detector(written)), [text])
    assert.ok(tried > 0)
    if (fails === undefined) assert.deepEqual(failures, [])
    else assert.match(failures[0] ?? 'nothing failed', fails)
  })
}
