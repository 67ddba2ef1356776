import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkStreams } from '../../../core/conformance/streams.ts'
import { detector, openSubject, type Written } from './author.ts'

const GROUPS = [['a secret!'], ['no more, secrets', 'secret', '😀 secret secretsecret 😀']]

const cases: { name: string; written: Written; groups?: string[][]; fails?: RegExp }[] = [
  { name: 'declared as it is', written: { inspect: 'return find(/secret/g)' } },
  { name: 'with undecided', written: { inspect: 'return find(/secret/g)', undecided: 'return text.search(/(?:s(?:e(?:c(?:re?)?)?)?)?$/)' } },
  { name: 'that blocks', written: { inspect: 'return find(/secret/g)', rights: "['block']" } },
  { name: 'that only takes notes', written: { inspect: 'return find(/secret/g)', rights: "['annotate']" } },
  { name: 'that needs the whole', written: { inspect: "return segments.some(s => s.text.endsWith('secret')) ? find(/^/g) : find(/secret/g)", stream: '{}' } },
  {
    name: 'whose findings are longer than it says', written: { inspect: 'return find(/<[^>]*>/g)' }, groups: [['a <rather long tag> b']],
    fails: /^openai-chat, choice 0, text, "a <rather long tag> b" cut at 12: the stream gave "a <rather long tag> b", the whole answer "a \[WORD\] b"; raise stream\.maxMatch \(now 8\)/,
  },
  {
    name: 'that lets go too early', written: { inspect: 'return find(/secret/g)', undecided: 'return text.length' }, groups: [['a secret!']],
    fails: /"a secret!" cut at 3: .* or let undecided\(\) return an earlier offset$/,
  },
  {
    name: 'that looks further back than it says', written: { inspect: 'return find(/(?<=key {9})secret/g)' }, groups: [[`key${' '.repeat(9)}secret`]],
    fails: /the stream gave ".*secret", the whole answer ".*\[WORD\]"; raise .*lookbehind \(1\)/,
  },
  {
    name: 'that blocks too late', written: { inspect: 'return find(/<[^>]*>/g)', rights: "['block']" }, groups: [['a <rather long tag> b']],
    fails: /cut at \d+: the whole answer is blocked, the stream is not/,
  },
  {
    name: 'that takes notes too late', written: { inspect: 'return find(/<[^>]*>/g)', rights: "['annotate']" }, groups: [['a <rather long tag> b']],
    fails: /cut at \d+: the stream has the findings .*, the whole answer 4 word/,
  },
]
for (const { name, written, groups = GROUPS, fails } of cases) {
  test(`a detector ${name} ${fails === undefined ? 'passes' : 'fails'}`, async t => {
    const subject = await openSubject(t, detector(written))
    const { cases: tried, failures } = await checkStreams(subject, groups)
    assert.ok(tried > 0)
    if (fails === undefined) assert.deepEqual(failures, [])
    else assert.match(failures[0] ?? 'nothing failed', fails)
  })
}
