import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Alarm, Alarms } from '../../core/alarm.ts'

/** Resolves when an alarm among these has gone off after so many milliseconds. */
const passed = (alarms: Alarms, ms: number): Promise<void> =>
  new Promise(resolve => { new Alarm(alarms, undefined, () => resolve()).set(ms) })

test('an alarm goes off once, never early, and can be set again', async () => {
  const rung: number[] = []
  const alarms = new Alarms()
  const alarm = new Alarm(alarms, rung, times => times.push(performance.now()))
  const before = performance.now()
  alarm.set(30)
  await passed(alarms, 80)
  assert.equal(rung.length, 1)
  assert.ok(rung[0]! - before >= 30)
  alarm.set(1)
  await passed(alarms, 30)
  assert.equal(rung.length, 2)
})

test('setting it anew moves it, clearing it keeps it quiet', async () => {
  let rung = 0
  const alarms = new Alarms()
  const moved = new Alarm(alarms, null, () => rung++)
  const cleared = new Alarm(alarms, null, () => rung++)
  moved.set(10)
  moved.set(10_000)
  cleared.set(10)
  cleared.clear()
  cleared.clear()
  await passed(alarms, 60)
  assert.equal(rung, 0)
  moved.clear()
})

test('an alarm that goes off may set and clear others', async () => {
  const order: string[] = []
  const alarms = new Alarms()
  const never = new Alarm(alarms, 'never', name => order.push(name))
  await new Promise<void>(resolve => {
    const later = new Alarm(alarms, 'later', name => {
      order.push(name)
      resolve()
    })
    const first = new Alarm(alarms, 'first', name => {
      order.push(name)
      never.clear()
      later.set(10)
    })
    first.set(5)
    never.set(60)
  })
  await passed(alarms, 80)
  assert.deepEqual(order, ['first', 'later'])
})

test('with none set there is no timer that keeps the process', async () => {
  const alarm = new Alarm(new Alarms(), null, () => {})
  alarm.set(10_000)
  alarm.clear()
  for (let tries = 0; tries < 200; tries++) {
    if (!process.getActiveResourcesInfo().includes('Timeout')) return
    const until = performance.now() + 5
    while (performance.now() < until) await new Promise(resolve => { setImmediate(resolve) })
  }
  assert.fail('a timer is still there')
})
