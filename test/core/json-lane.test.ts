import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import type { StepRecord } from '../../sdk/index.ts'
import { JsonLane } from '../../core/json-lane.ts'
import { Scanner } from '../../core/json-tape.ts'
import { Blocked, recordOf, type Step } from '../../core/step.ts'
import { Vault } from '../../core/vault.ts'
import { cut, finds, PLACE, SCOPE, stepOf } from './toy-step.ts'

const place = { ...PLACE, channel: 'tool_args' } as const

function laneOf(
  steps: readonly Step[], { vault = new Vault('secret', 'c'), restores = false, fits = (): boolean => true } = {},
): { lane: JsonLane; records: StepRecord[] } {
  const guards = steps.map(step => [step, recordOf(step, 'response')] as const)
  const lane = new JsonLane({ place, steps: guards, vault, scanner: new Scanner(), scope: () => SCOPE, fits, restores, raw: false })
  return { lane, records: guards.map(([, record]) => record) }
}

async function through(lane: JsonLane, pieces: readonly string[]): Promise<string> {
  for (const piece of pieces) {
    assert.equal(lane.push(piece, false), '', 'nothing leaves before the end')
  }
  return lane.push('', true)
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })
const word = fc.constantFrom('jane', 'a "jane"', '\\jane\n', '😀jane😀', 'nobody', '')
const args = fc.record({ to: word, list: fc.array(word, { maxLength: 3 }), n: fc.integer() })
  .map(value => ({ value, json: JSON.stringify(value, null, 1) }))

for (const how of ['synchronous', 'asynchronous']) {
  test(`arguments are held whole, however they are cut, and edited as JSON: ${how}`, async () => {
    const find = finds(/jane/g, { replacement: '"J"' })
    const step = stepOf({ inspect: how === 'synchronous' ? find : async segments => find(segments) })
    await fc.assert(fc.asyncProperty(args, sizes, async ({ value, json }, places) => {
      const { lane, records } = laneOf([step])
      const out = await through(lane, cut(json, places))
      const edited = (_: string, one: unknown): unknown => typeof one === 'string' ? one.replaceAll('jane', '"J"') : one
      assert.deepEqual(JSON.parse(out), JSON.parse(JSON.stringify(value), edited))
      if (!json.includes('jane')) assert.equal(out, json)
      assert.equal(records[0]!.findings.word ?? 0, json.split('jane').length - 1)
      assert.equal(lane.held, 0)
    }))
  })
}

test('what waits is counted', () => {
  const { lane } = laneOf([stepOf({ inspect: () => [] })])
  lane.push('{"a":', false)
  lane.push('1', false)
  assert.equal(lane.held, 6)
  assert.equal(lane.push('}', true), '{"a":1}')
  assert.equal(lane.held, 0)
})

test('a key is the context of its value', async () => {
  const { lane } = laneOf([stepOf({ inspect: finds(/(?<=^ssn: )[\d-]+/gm) })])
  assert.equal(await through(lane, ['{"ssn":"536-22', '-1234","ref":"536-22-1234"}']), '{"ssn":"[WORD]","ref":"536-22-1234"}')
})

test('steps see what the step before left, in their order, though one takes its time', async () => {
  const { lane, records } = laneOf([
    stepOf({ inspect: async segments => finds(/one/g, { replacement: 'two' })(segments) }),
    stepOf({ inspect: finds(/two/g, { replacement: 'three' }) }),
  ])
  assert.equal(await through(lane, ['["one",', '"two"]']), '["three","three"]')
  assert.deepEqual(records.map(({ findings }) => findings.word), [1, 2])
})

for (const [what, json] of [['a number', '{"card":4111}'], ['a key', '{"4111":"card"}'], ['two values', '["4","111"]']] as const) {
  test(`what is found in ${what} blocks: no edit could leave the JSON what it is`, async () => {
    const { lane, records } = laneOf([stepOf({ inspect: finds(/4\n?111/g) })])
    await assert.rejects(async () => through(lane, [json]), Blocked)
    assert.equal(records[0]!.outcome, 'block')
  })

  test(`in shadow it is noted, and ${what} passes`, async () => {
    const { lane, records } = laneOf([stepOf({ inspect: finds(/4\n?111/g) }, { mode: 'shadow' })])
    assert.equal(await through(lane, [json]), json)
    assert.equal(records[0]!.findings.word, 1)
  })
}

test('arguments that break off are read as they stand', async () => {
  const { lane } = laneOf([stepOf({ inspect: finds(/jane/g) })])
  assert.equal(await through(lane, ['{"to":"ja', 'ne']), '{"to":"[WORD]')
})

test('an edit that does not fit what the request declares blocks, and one of a step in shadow does not', async () => {
  const inspect = finds(/jane/g)
  const { lane, records } = laneOf([stepOf({ inspect })], { fits: () => false })
  await assert.rejects(async () => through(lane, ['{"to":"jane"}']), Blocked)
  assert.deepEqual([records[0]!.outcome, records[0]!.reason], ['block', 'its edit does not fit what the request declares'])
  const shadow = laneOf([stepOf({ inspect }, { mode: 'shadow' })], { fits: () => false }).lane
  assert.equal(await through(shadow, ['{"to":"jane"}']), '{"to":"jane"}')
})

test('what is restored needs not fit: it is what the client itself has sent', async () => {
  const vault = new Vault('secret', 'c')
  const json = JSON.stringify({ to: vault.token('name', 'Jane') })
  assert.equal(await through(laneOf([], { vault, restores: true, fits: () => false }).lane, [json]), '{"to":"Jane"}')
})

test('placeholders become values in JSON where the route restores them there, and nowhere else', async () => {
  const vault = new Vault('secret', 'c')
  const token = vault.token('name', 'Jane "J" \\ Roe\n')
  const json = JSON.stringify({ to: `for ${token}` })
  assert.equal(await through(laneOf([], { vault }).lane, [json]), json)
  const restored = await through(laneOf([], { vault, restores: true }).lane, cut(json, [3]))
  assert.deepEqual(JSON.parse(restored), { to: 'for Jane "J" \\ Roe\n' })
})

test('a step that fails stops the stream where it guards closed', async () => {
  const broken = { inspect() { throw new Error('boom') } }
  await assert.rejects(async () => through(laneOf([stepOf(broken)]).lane, ['{}']), { code: 'step_failed' })
  assert.equal(await through(laneOf([stepOf(broken, { onError: 'open' })]).lane, ['{}']), '{}')
})

test('an empty text asks nobody', async () => {
  const { lane, records } = laneOf([stepOf({ inspect() { throw new Error('boom') } })])
  assert.equal(await through(lane, ['']), '')
  assert.equal(records[0]!.outcome, 'pass')
})
