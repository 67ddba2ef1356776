import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../../../law.ts'
import { PartialArgs } from '../../../../core/translation/gemini/partial-args.ts'

const key = fc.constantFrom('a', 'city', 'with space', '__proto__', 'ünï')
const leaf = fc.oneof(fc.string({ maxLength: 9 }), fc.integer(), fc.boolean(), fc.constant(null))
const { value } = fc.letrec<{ value: unknown; object: Record<string, unknown> }>(tie => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, tie('object'), fc.array(tie('value'), { minLength: 1, maxLength: 3 })),
  object: fc.dictionary(key, tie('value'), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
}))

/** The pieces in which a value would come, texts in two. */
function piecesOf(path: string, told: unknown): Record<string, unknown>[] {
  if (Array.isArray(told)) return told.flatMap((one, at) => piecesOf(`${path}[${at}]`, one))
  if (typeof told === 'object' && told !== null) return Object.entries(told).flatMap(([name, one]) => piecesOf(
    `${path}["${name}"]`, one,
  ))
  if (typeof told === 'number') return [{ jsonPath: path, numberValue: told }]
  if (typeof told === 'boolean') return [{ jsonPath: path, boolValue: told }]
  if (told === null) return [{ jsonPath: path, nullValue: 'NULL_VALUE' }]
  const half = String(told).length >> 1
  return [{ jsonPath: path, stringValue: String(told).slice(0, half), willContinue: true }, {
    jsonPath: path, stringValue: String(told).slice(half),
  }]
}

test('pieces add up to what they were cut from', () => {
  fc.assert(fc.property(fc.dictionary(key, value, { minKeys: 1, maxKeys: 3 }), told => {
    const args = new PartialArgs()
    for (const piece of piecesOf('$', told)) args.add(piece)
    assert.deepEqual(JSON.parse(args.json()), JSON.parse(JSON.stringify(told)))
  }))
})

test('without a piece there is nothing', () => {
  const args = new PartialArgs()
  args.add({ jsonPath: '$.a' })
  assert.equal(args.json(), '')
})

for (const paths of [
  [''], ['$'], ['$.'], ['$..a'], ['$.a['], ['$[*]'], ['$.a[1]'], ['$.a[999999999]'], ['$.a[0]', '$.a.b'], ['$.a', '$.a.b'],
  [`$${'.a'.repeat(66)}`],
]) {
  test(`${paths.join(' ').slice(0, 40)} leads nowhere`, () => {
    const args = new PartialArgs()
    assert.throws(() => { for (const jsonPath of paths) args.add({ jsonPath, stringValue: 'x' }) }, /A piece of arguments/)
  })
}
