import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Health } from '../../core/health.ts'
import { Queue, Waiter } from '../../core/queue.ts'
import { fc } from '../law.ts'

const waiter = (consumer: string, queues: readonly Queue<string>[] = []): Waiter<string> => {
  const made = new Waiter<string>(consumer, () => {})
  for (const queue of queues) queue.enter(made)
  return made
}

test('consumers take turns, and each serves its own in order', () => {
  const queue = new Queue<string>({ size: 10, wait: 1 })
  const waiters = ['a', 'a', 'a', 'b', 'c', 'b'].map(consumer => waiter(consumer, [queue]))
  for (let place = 0; place < 6; place++) assert.equal(queue.grant(String(place)), true)
  assert.equal(queue.grant('more'), false)
  assert.deepEqual(waiters.map(({ granted }) => granted), ['0', '3', '5', '1', '2', '4'])
})

test('a full queue sends away the latest of whoever has most, and only for one with fewer', () => {
  const queue = new Queue<string>({ size: 3, wait: 1 })
  const [first, second, third] = ['a', 'a', 'a'].map(consumer => waiter(consumer, [queue]))
  assert.equal(queue.enter(waiter('a')), false)
  assert.equal(queue.enter(waiter('b')), true)
  assert.deepEqual([first, second, third].map(one => one!.queues.size), [1, 1, 0])
  assert.equal(queue.enter(waiter('b')), false, 'two and one: to change places would be no fairer')
  assert.equal(queue.enter(waiter('c')), true)
  assert.equal(queue.enter(waiter('d')), false)
  assert.equal(queue.length, 3)
})

test('who waits in several queues takes one place, and is out of the others', () => {
  const [one, two] = [new Queue<string>({ size: 5, wait: 1 }), new Queue<string>({ size: 5, wait: 1 })]
  const both = waiter('a', [one, two])
  const next = waiter('b', [two])
  assert.equal(one.grant('place'), true)
  assert.deepEqual([both.granted, one.length, two.length], ['place', 0, 1])
  two.grant('other')
  assert.equal(next.granted, 'other')
})

test('who is dismissed from one queue still waits in the other, and is woken once it is in none', () => {
  const [one, two] = [new Queue<string>({ size: 5, wait: 1 }), new Queue<string>({ size: 5, wait: 1 })]
  let woken = 0
  const both = new Waiter<string>('a', () => { woken++ })
  one.enter(both)
  two.enter(both)
  one.dismiss()
  assert.deepEqual([woken, both.queues.size], [0, 1])
  two.dismiss()
  assert.deepEqual([woken, both.granted], [1, undefined])
})

interface Request {
  readonly waiter: Waiter<Health>
  readonly consumer: string
  /** Places that the three other consumers were given since it was the next of its own. */
  passedBy: number
}

test('law: never more at once than may be, none is lost, and nobody waits longer than a turn of everybody else', () => {
  const consumer = fc.constantFrom('a', 'b', 'c', 'd')
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('come' as const), consumer }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('finish' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('give up' as const), which: fc.nat() }) },
  )
  fc.assert(fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 6 }), (steps, concurrency, size) => {
    const health = new Health({ failures: 1000, pause: 1, concurrency, queue: { size, wait: 1 } })
    const waiting = new Set<Request>()
    let running = 0
    let [came, served, left, refused] = [0, 0, 0, 0]
    /** Those who were woken in the last step: with a place, or because others needed their room. */
    const collect = (): void => {
      for (const request of waiting) {
        if (request.waiter.granted === undefined && request.waiter.queues.size > 0) continue
        waiting.delete(request)
        if (request.waiter.granted === undefined) refused++
        else {
          running++
          assert.ok(request.passedBy <= 3, `passed by ${request.passedBy} times`)
          const heads = new Map<string, Request>()
          for (const one of waiting) if (!heads.has(one.consumer)) heads.set(one.consumer, one)
          for (const [name, head] of heads) if (name !== request.consumer) head.passedBy++
        }
      }
    }
    const come = (name: string): void => {
      came++
      if (health.restAt(0) === 0) {
        assert.equal(health.queue!.length, 0, 'nobody overtakes those who wait')
        health.enter()
        running++
        return
      }
      const request = { waiter: new Waiter<Health>(name, () => {}), consumer: name, passedBy: 0 }
      if (health.queue!.enter(request.waiter)) waiting.add(request)
      else refused++
    }
    const finish = (): void => {
      if (running === 0) return
      running--
      served++
      health.leave()
    }
    const giveUp = (which: number): void => {
      const request = [...waiting][which % Math.max(1, waiting.size)]
      if (request === undefined) return
      request.waiter.leave()
      waiting.delete(request)
      left++
    }
    const check = (): void => {
      collect()
      assert.equal(health.busy, running)
      assert.ok(running <= concurrency)
      assert.equal(health.queue!.length, waiting.size)
      assert.ok(waiting.size <= size)
      assert.equal(waiting.size > 0 && running < concurrency, false, 'no place is empty while somebody waits')
    }
    for (const one of steps) {
      if (one.kind === 'come') come(one.consumer)
      else if (one.kind === 'finish') finish()
      else giveUp(one.which)
      check()
    }
    for (let over = 0; over < came; over++) {
      finish()
      check()
    }
    assert.equal(running + waiting.size, 0)
    assert.equal(served + left + refused, came)
  }))
})
