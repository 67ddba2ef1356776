// CPU time of process trees: the figure that every ratio of the bench is made of.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { cpuTime, readStat, treeTime, type Stat } from '../../bench/cpu.ts'

const stat = (pid: number, parent: number, time: number): Stat => ({ pid, parent, time })
const NAMES = ['node', 'a name', 'odd) 1 (name', '']

for (const name of NAMES) {
  test(`a process called "${name}"`, () => {
    const line = `4711 (${name}) S 42 4711 4711 0 -1 4194304 2500 30 1 0 120 30 7 3 20 0 11 0 90000 1000000 2000`
    assert.deepEqual(readStat(line), { pid: 4711, parent: 42, time: 1_600_000 })
  })
}

test('a tree is a process with all that descends from it, and nothing else', () => {
  const stats = [stat(1, 0, 1000), stat(10, 1, 1), stat(11, 10, 2), stat(12, 11, 4), stat(13, 10, 8), stat(20, 1, 500)]
  assert.equal(treeTime(10, stats), 15)
  assert.equal(treeTime(99, stats), 0)
})

test('the time of this process grows with its work and with that of children that ended', () => {
  const before = cpuTime(process.pid)
  spawnSync(process.execPath, ['-e', 'const end = Date.now() + 150; while (Date.now() < end);'])
  assert.ok(cpuTime(process.pid) - before >= 50_000)
})
