import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StepOverload, StepTimeout } from '../../../core/executor.ts'
import { Pool } from '../../../core/pool/pool.ts'
import { openActor, Stage, writeActor } from './actor.ts'

const TEXT = 'my card is 4111111111111111'

test('every thread is warm before the first call', async t => {
  const { methods, stage, say } = await openActor(t, { threads: 2 })
  assert.deepEqual(methods, ['inspect'])
  assert.equal(stage.setups, 2)
  assert.equal(stage.calls, 0)
  assert.equal(await say('hello'), 'hello')
  assert.equal(await say('later'), 'later')
  assert.equal(stage.setups, 2)
})

test('a thread that hangs is replaced while the calls of others go on', async t => {
  const { pool, stage, say } = await openActor(t, { threads: 2 })
  const hung = assert.rejects(say('loop', 60), StepTimeout)
  let answered = 0
  while (pool.state().ended === 0) answered += Number(await say('hello') === 'hello')
  await hung
  assert.ok(answered > 0)
  await stage.until('setups', 3)
  // Both threads stand at the gate: the new one serves without being registered again.
  const calls = stage.calls
  const both = [say('gate'), say('gate')]
  await stage.until('calls', calls + 2)
  stage.open()
  assert.deepEqual(await Promise.all(both), ['gate', 'gate'])
  const { processors, ended } = pool.state()
  assert.equal(ended, 1)
  assert.equal(processors['actor']!.timeouts, 1)
  assert.equal(processors['actor']!.calls, answered + 3)
})

test('a call that waits behind a hung one is not lost', async t => {
  const { pool, stage, say } = await openActor(t, { threads: 1 })
  const hung = assert.rejects(say('loop', 60), StepTimeout)
  assert.equal(await say('hello'), 'hello')
  await hung
  assert.equal(stage.setups, 2)
  assert.ok(pool.state().processors['actor']!.queueMs >= 40)
})

test('a thread that ends by itself loses its own call only', async t => {
  const { pool, say } = await openActor(t, { threads: 1 })
  const lost = assert.rejects(say('exit'), { message: 'the processor lost its thread' })
  assert.equal(await say('hello'), 'hello')
  await lost
  assert.equal(pool.state().processors['actor']!.timeouts, 0)
})

test('a call whose time passes while it waits is dropped', async t => {
  const { pool, stage, say } = await openActor(t, { threads: 1 })
  const gate = say('gate')
  await stage.until('calls', 1)
  await assert.rejects(say('hello', 20), StepTimeout)
  assert.equal(pool.state().waiting, 0)
  assert.equal(pool.state().waitingBytes, 0)
  stage.open()
  assert.equal(await gate, 'gate')
  assert.equal(stage.calls, 1)
  assert.equal(pool.state().ended, 0)
})

test('an answer that is there is taken, however late this loop looks', async t => {
  const { pool, say } = await openActor(t, { threads: 1 })
  const answer = say('sleep 10', 40)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250)
  assert.equal(await answer, 'sleep 10')
  assert.equal(pool.state().ended, 0)
})

test('a call that could not be done in its time is refused at once, and only then', async t => {
  const { pool, stage, say } = await openActor(t, { threads: 1 })
  await say('sleep 100')
  // Nobody is ahead, so it may try, whatever is expected of it.
  assert.equal(await say('hello', 95), 'hello')
  const calls = stage.calls
  const gate = say('gate')
  await stage.until('calls', calls + 1)
  const waits = say('hello')
  assert.throws(() => say('hello', 90), StepOverload)
  const later = say('hello', 3000)
  stage.open()
  assert.deepEqual(await Promise.all([gate, waits, later]), ['gate', 'hello', 'hello'])
  const { calls: all, refused, timeouts } = pool.state().processors['actor']!
  assert.deepEqual({ all, refused, timeouts }, { all: 6, refused: 1, timeouts: 0 })
})

test('the text that waits is bounded', async t => {
  const { pool, stage, say } = await openActor(t, { threads: 1, queueBytes: 19_000 })
  const gate = say('gate')
  await stage.until('calls', 1)
  const waits = say('a'.repeat(8000))
  assert.equal(pool.state().waitingBytes, 17_024)
  assert.throws(() => say('b'.repeat(1000)), StepOverload)
  const small = say('c')
  assert.throws(() => say(''), StepOverload, 'a call without text takes room as well')
  assert.equal(pool.state().waiting, 2)
  stage.open()
  await Promise.all([gate, waits, small])
  assert.equal((await say('b'.repeat(30_000)) as string).length, 30_000, 'what need not wait is not weighed')
  assert.equal(pool.state().waitingBytes, 0)
})

test('an error says what happened and nothing of the text', async t => {
  const { pool, say } = await openActor(t, { threads: 1 })
  const cases = [
    ['type', 'threw TypeError'], ['name', 'threw an Error'], ['word', 'threw something that is no Error'], ['reject', 'threw RangeError'],
    ['function', 'gave a result that is not plain data'], ['getter', 'gave a result that is not plain data'],
  ]
  for (const [word, message] of cases) {
    await assert.rejects(say(`${word} ${TEXT}`), (error: Error) => {
      assert.equal(error.message, `the processor ${message}`)
      assert.ok(!`${error.stack}${JSON.stringify(error)}`.includes(TEXT))
      return error.cause === undefined
    })
  }
  await assert.rejects(pool.call('actor', 'transform', [], 1000), { message: 'the processor has no method transform' })
  assert.equal(pool.state().ended, 0)
})

test('what cannot be set up is refused with a sentence', async t => {
  const pool = new Pool({ threads: 1 })
  t.after(() => pool.close())
  const use = await writeActor(t)
  await assert.rejects(pool.register({ id: 'a', use: 'ppi', options: {} }), { message: /^expected a processor \(.*\), as "pii"$/ })
  await assert.rejects(pool.register({ id: 'b', use, options: { fails: true } }), { message: 'expected words, got none' })
  assert.throws(() => pool.call('b', 'inspect', [], 100), /expected a processor of an open pool/)
  const stage = new Stage()
  await pool.register({ id: 'a', use, options: { memory: stage.memory } })
  await assert.rejects(pool.register({ id: 'a', use, options: { memory: stage.memory } }), /expected an id that is not registered/)
  assert.equal(await pool.call('a', 'inspect', [[{ text: 'hello' }]], 1000), 'hello')
})

test('a setup that hangs ends its thread, not the pool', async t => {
  const pool = new Pool({ threads: 1, setupTimeout: 300 })
  t.after(() => pool.close())
  const processor = { id: 'a', use: await writeActor(t), options: { hangs: true } }
  await assert.rejects(pool.register(processor), { message: 'expected a processor that is set up within 300 ms' })
  const { threads, ended, processors } = pool.state()
  assert.deepEqual({ threads, ended, processors }, { threads: 1, ended: 1, processors: {} })
})

test('a pool that closes while a processor is set up leaves no thread', async t => {
  const pool = new Pool({ threads: 2 })
  const registered = assert.rejects(pool.register({ id: 'a', use: await writeActor(t), options: { hangs: true } }), /its thread ended/)
  await pool.close()
  await registered
  assert.equal(pool.state().threads, 0)
})

test('a processor that is released is forgotten in every thread', async t => {
  const { pool, stage, use } = await openActor(t, { threads: 2 })
  pool.release('actor')
  assert.deepEqual(pool.state().processors, {})
  await pool.register({ id: 'actor', use, options: { memory: stage.memory } })
  assert.equal(stage.setups, 4)
})

test('closing waits for what runs and for what was accepted', async t => {
  const { pool, stage, say } = await openActor(t, { threads: 1 })
  const answers = Promise.all([say('gate'), say('hello')])
  await stage.until('calls', 1)
  const closed = pool.close()
  assert.throws(() => say('hello'), /open pool/)
  stage.open()
  assert.deepEqual(await answers, ['gate', 'hello'])
  await closed
  assert.equal(pool.state().threads, 0)
})
