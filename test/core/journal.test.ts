import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Context } from '../../core/context.ts'
import { Journal, type JournalLine } from '../../core/journal.ts'
import { SpoolReader } from '../../core/spool.ts'

/** Bytes that all journals may have: less than a segment. */
const LIMIT = 1024 * 1024
/** More than a segment may have. */
const TOO_MUCH = { text: 'x'.repeat(5 * 1024 * 1024) }

const contextOf = (id: string): Context => ({
  id, at: 1, model: 'm', status: 200, ending: 'complete', restored: 0, streamed: false, rawUsage: '',
  consumer: { name: 'c', tags: {} }, dialect: { name: 'openai-chat' },
  attempts: [{ provider: 'up', model: 'm', status: 200, error: '', ms: 1 }],
} as unknown as Context)

function openJournal(t: TestContext): { journal: Journal; told(): Promise<string[]> } {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-journal-'))
  const journal = new Journal(folder, LIMIT)
  t.after(() => {
    journal.close()
    rmSync(folder, { recursive: true })
  })
  const reader = new SpoolReader(folder)
  return {
    journal,
    /** What stands there since the last time. */
    async told() {
      journal.flush()
      await turn()
      const told: string[] = []
      for await (const { lines, done } of reader.portions()) {
        told.push(...lines.map(text => nameOf(JSON.parse(text) as JournalLine)))
        done()
      }
      return told
    },
  }
}

function nameOf(line: JournalLine): string {
  if (line.line === 'heard') return `heard ${line.id}`
  if (line.line === 'dropped') return `dropped ${line.ids.join()}`
  return `${line.line} ${line.entry.kind === 'audit' ? line.entry.action : line.entry.id}`
}

test('an attempt whose entry found no room is told as soon as something does', async t => {
  const { journal, told } = openJournal(t)
  journal.begin(contextOf('a'))
  journal.begin(contextOf('b'))
  journal.settle(contextOf('a'))
  journal.audit('me', 'much', 'it', TOO_MUCH)
  assert.equal(journal.flush(), false)
  assert.equal(journal.dropped, 2)
  assert.deepEqual(await told(), ['begin a.0', 'begin b.0'])
  journal.settle(contextOf('b'))
  assert.deepEqual(await told(), ['entry b.0', 'dropped a.0'])
  journal.audit('me', 'more', 'it', {})
  assert.deepEqual(await told(), ['entry more'], 'and once')
})

test('what tells of it is told again, where it found no room itself', async t => {
  const { journal, told } = openJournal(t)
  journal.begin(contextOf('a'))
  journal.settle(contextOf('a'))
  journal.audit('me', 'much', 'it', TOO_MUCH)
  journal.flush()
  journal.audit('me', 'little', 'it', {})
  journal.flush()
  // In one flush with what tells of the first one.
  journal.audit('me', 'much', 'it', TOO_MUCH)
  assert.equal(journal.flush(), false)
  journal.audit('me', 'little', 'it', {})
  assert.deepEqual(await told(), ['begin a.0', 'entry little', 'entry little', 'dropped a.0'])
})

test('nobody waits for the end of an attempt whose begin found no room', async t => {
  const { journal, told } = openJournal(t)
  journal.audit('me', 'first', 'it', {})
  journal.flush()
  journal.audit('me', 'much', 'it', TOO_MUCH)
  journal.begin(contextOf('a'))
  journal.settle(contextOf('a'))
  journal.audit('me', 'much', 'it', TOO_MUCH)
  assert.equal(journal.flush(), false)
  journal.audit('me', 'little', 'it', {})
  assert.deepEqual(await told(), ['entry first', 'entry little'])
})
