import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordsIn, type Misfit, type UsageRecord } from '../../../core/settlement/record.ts'
import { fc } from '../../law.ts'

async function read(text: string, pieces = 1): Promise<(UsageRecord | Misfit)[]> {
  async function* cut(): AsyncGenerator<Buffer> {
    const bytes = Buffer.from(text)
    const size = Math.ceil(bytes.length / pieces)
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  return (await Array.fromAsync(recordsIn(cut()))).flat()
}

const usage = { prompt_tokens: 1 }
const raw = JSON.stringify(usage)
const line = JSON.stringify({ id: 'gh-1.0', model: 'm', usage, more: [1] })
const ID = 'expected the `id` of an attempt'
const USAGE = 'expected the `usage` that the provider counted'
const long = { id: 'gh-1.0', usage: { note: 'x'.repeat(2000) } }
const deep = `${'['.repeat(9000)}${']'.repeat(9000)}`

const cases: { name: string; text: string; told: (UsageRecord | Misfit)[] }[] = [
  { name: 'nothing', text: '', told: [] },
  { name: 'a record, whatever else it says', text: `${line}\n`, told: [{ line: 1, id: 'gh-1.0', usage, raw }] },
  { name: 'the last line without an end, after empty ones and others of Windows', text: `\n \r\n${line}\r\n${line}`, told: [
    { line: 3, id: 'gh-1.0', usage, raw }, { line: 4, id: 'gh-1.0', usage, raw },
  ] },
  { name: 'a usage too long to be kept', text: JSON.stringify(long), told: [{ line: 1, ...long, raw: '' }] },
  { name: 'lines that are no JSON', text: `{"id":\n${line}\nhunter2`, told: [
    { line: 1, problem: 'expected JSON' }, { line: 2, id: 'gh-1.0', usage, raw }, { line: 3, problem: 'expected JSON' },
  ] },
  { name: 'JSON that is no record', text: 'null\n5\n[]\n"a"\n{}', told: [1, 2, 3, 4, 5].map(at => ({ line: at, problem: ID })) },
  {
    name: 'ids that no attempt has',
    text: ['', 'a b', 'é', 'a\u0000', 'x'.repeat(129), 7, null].map(id => JSON.stringify({ id, usage })).join('\n'),
    told: [1, 2, 3, 4, 5, 6, 7].map(at => ({ line: at, problem: ID })),
  },
  {
    name: 'no usage', text: [undefined, null, 5, 'a'].map(one => JSON.stringify({ id: 'gh-1.0', usage: one })).join('\n'),
    told: [1, 2, 3, 4].map(at => ({ line: at, problem: USAGE })),
  },
  { name: 'a line without end, and the one behind it', text: `${'x'.repeat(200_000)}\n${line}`, told: [
    { line: 1, problem: 'expected at most 65536 bytes' }, { line: 2, id: 'gh-1.0', usage, raw },
  ] },
]
for (const { name, text, told } of cases) {
  test(`${name}: the same in one piece and in many`, async () => {
    assert.deepEqual(await read(text), told)
    assert.deepEqual(await read(text, 7), told)
  })
}

test('what is nested without end is read, or told, and never thrown', async () => {
  const [record, after] = await read(`{"id":"gh-1.0","usage":${deep}}\n${line}`)
  assert.deepEqual([record!.line, after], [1, { line: 2, id: 'gh-1.0', usage, raw }])
})

test('every line is told once and in its order, whatever it holds, and however it is cut', async () => {
  const some = fc.oneof(fc.constant(line), fc.constant('{}'), fc.string(), fc.constant('x'.repeat(70_000)))
  await fc.assert(fc.asyncProperty(fc.array(some, { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), async (lines, pieces) => {
    const text = lines.join('\n')
    const expected = text.split('\n').flatMap((one, at) => one.trim() === '' ? [] : at + 1)
    assert.deepEqual((await read(text, pieces)).map(one => one.line), expected)
  }), { numRuns: 50 })
})

test('portions are bounded', async () => {
  async function* pieces(): AsyncGenerator<Buffer> { yield Buffer.from(`${line}\n`.repeat(600)) }
  assert.deepEqual((await Array.fromAsync(recordsIn(pieces()))).map(({ length }) => length), [256, 256, 88])
})
