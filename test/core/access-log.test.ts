import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accessLog } from '../../core/access-log.ts'
import { openLogger } from '../../core/logger.ts'
import type { AccessRecord } from '../../sdk/index.ts'

const RECORD: AccessRecord = {
  id: 'gh-1', at: 0, epoch: 2, dialect: 'openai-chat', route: 'all', consumer: 'shop', provider: 'up', model: 'm', status: 200,
  streamed: false, ending: 'complete', error: '', ms: 12.345, firstByteMs: 7, usage: undefined, cost: undefined,
  attempts: [], steps: [], uncovered: 0, stream: undefined,
}

function logged(record: Partial<AccessRecord>, level: 'info' | 'warn' = 'info'): Record<string, unknown>[] {
  const lines: string[] = []
  accessLog(openLogger(level, { worker: 3 }, { write: line => { lines.push(line) } }))({ ...RECORD, ...record })
  assert.ok(lines.every(line => line.endsWith('}\n')))
  return lines.map(line => JSON.parse(line) as Record<string, unknown>)
}

test('a record is one line of JSON in the form of every other line', () => {
  const [line] = logged({})
  const { time, ...rest } = line!
  assert.equal(typeof time, 'number')
  assert.deepEqual(rest, {
    level: 'info', pid: process.pid, worker: 3, id: 'gh-1', epoch: 2, route: 'all', consumer: 'shop', dialect: 'openai-chat',
    provider: 'up', model: 'm', status: 200, ending: 'complete', ms: 12.3, firstByteMs: 7, attempts: 0, msg: 'request',
  })
})

test('what is known beyond it stands in the line as well', () => {
  const usage = { input: 3, output: 5, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' } as const
  const step = { step: 'pii', outcome: 'edit' } as AccessRecord['steps'][number]
  const [line] = logged({ error: 'deadline', usage, cost: { dollars: 1e-7, price: 'exact', version: '' }, steps: [step, step] })
  assert.deepEqual([line!['error'], line!['input'], line!['output'], line!['dollars'], line!['steps']], ['deadline', 3, 5, 1e-7, 'pii:edit pii:edit'])
})

test('names that a client chose cannot break out of the line', () => {
  const model = 'a","level":"fatal\n{"\u2028\ud800'
  const [line, ...others] = logged({ model })
  assert.deepEqual(others, [])
  assert.equal(line!['model'], model)
  assert.equal(line!['level'], 'info')
})

test('nothing is written below the level', () => {
  assert.deepEqual(logged({}, 'warn'), [])
})
