import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { Alarm, Alarms } from '../../core/alarm.ts'

test('an alarm goes off once, never early, and can be set again', async () => {
  const rung: number[] = []
  const alarm = new Alarm(new Alarms(), rung, times => times.push(performance.now()))
  const before = performance.now()
  alarm.set(30)
  await wait(120)
  assert.equal(rung.length, 1)
  assert.ok(rung[0]! - before >= 30)
  alarm.set(1)
  await wait(60)
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
  await wait(80)
  assert.equal(rung, 0)
  moved.clear()
})

test('an alarm that goes off may set and clear others', async () => {
  const order: string[] = []
  const alarms = new Alarms()
  const later = new Alarm(alarms, 'later', name => order.push(name))
  const never = new Alarm(alarms, 'never', name => order.push(name))
  const first = new Alarm(alarms, 'first', name => {
    order.push(name)
    never.clear()
    later.set(10)
  })
  first.set(5)
  never.set(60)
  await wait(150)
  assert.deepEqual(order, ['first', 'later'])
})

test('with none set there is no timer that keeps the process', async () => {
  const alarm = new Alarm(new Alarms(), null, () => {})
  alarm.set(10_000)
  alarm.clear()
  await wait(50)
  assert.ok(!process.getActiveResourcesInfo().includes('Timeout'))
})
