import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Part } from '../../core/part.ts'
import memory from '../../plugins/counter/memory.ts'
import type { Ask } from '../../sdk/index.ts'

const ask = (more: Partial<Ask>): Ask => ({ key: 'k', limit: 5, window: { kind: 'held' }, want: 0, back: 0, mark: 0, over: 0, floor: 0, ...more })

test('a process that ends gives back what ran in it, and nothing else', async () => {
  const counter = await memory.open({ directory: '', options: {} })
  const one = new Part(counter)
  const other = new Part(counter)
  const total = { key: 'total', window: { kind: 'total' } } as const
  await one.take([ask({ want: 4 }), ask({ ...total, want: 4 })])
  await one.take([ask({ back: 1 })])
  assert.equal((await other.take([ask({ want: 5 })]))[0]!.granted, 2)
  await one.close()
  const [held, used] = await other.take([ask({ want: 5 }), ask({ ...total, want: 5 })])
  assert.deepEqual([held!.granted, used!.granted], [3, 1])
})

test('what is given to a process that has ended meanwhile comes back', async () => {
  const counter = await memory.open({ directory: '', options: {} })
  const gone = new Part(counter)
  const asking = gone.take([ask({ want: 4 })])
  await gone.close()
  await asking
  assert.equal((await counter.take([ask({ want: 5 })]))[0]!.granted, 5)
})
