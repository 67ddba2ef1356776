import assert from 'node:assert/strict'
import { once } from 'node:events'
import { fork, type ChildProcess } from 'node:child_process'
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { SpoolReader, SpoolWriter } from '../../core/spool.ts'
import { fc } from '../law.ts'

const ROOM = 64 * 1024 * 1024

function openFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-spool-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Everything that there is to be read now. */
async function readAll(reader: SpoolReader, done = true): Promise<{ lines: string[]; last: boolean }> {
  const lines: string[] = []
  let last = false
  for (let some = true; some;) {
    some = false
    for await (const portion of reader.portions()) {
      some = done
      lines.push(...portion.lines)
      last ||= portion.last
      if (done) portion.done()
    }
  }
  return { lines, last }
}

/** Another process that writes lines into a folder, and says so when they are written. */
async function openWriter(t: TestContext, folder: string): Promise<{ child: ChildProcess; write(lines: readonly string[]): Promise<void> }> {
  const child = fork(new URL('./spool/writer.ts', import.meta.url), [folder])
  t.after(() => child.kill('SIGKILL'))
  await once(child, 'message')
  return {
    child,
    async write(lines) {
      child.send(lines)
      await once(child, 'message')
    },
  }
}

test('lines come out as they went in, in their order, and once', async t => {
  const folder = openFolder(t)
  const writer = new SpoolWriter(folder, ROOM)
  const reader = new SpoolReader(folder)
  writer.add('one')
  assert.deepEqual((await readAll(reader)).lines, [], 'nothing is written before the flush')
  writer.add('zwei ✓')
  writer.flush()
  assert.deepEqual((await readAll(reader)).lines, ['one', 'zwei ✓'])
  writer.add('three')
  writer.flush()
  assert.deepEqual(await readAll(reader), { lines: ['three'], last: false })
  writer.close()
})

test('what is not done comes again', async t => {
  const folder = openFolder(t)
  const writer = new SpoolWriter(folder, ROOM)
  const reader = new SpoolReader(folder)
  writer.add('one')
  writer.flush()
  assert.deepEqual((await readAll(reader, false)).lines, ['one'])
  assert.deepEqual((await readAll(reader)).lines, ['one'])
  assert.deepEqual((await readAll(reader)).lines, [])
  writer.close()
})

test('law: however it is cut into segments and rounds, every line comes out once and in order', async t => {
  const folder = openFolder(t)
  const writer = new SpoolWriter(folder, ROOM)
  const reader = new SpoolReader(folder)
  const long = 'x'.repeat(300_000)
  await fc.assert(fc.asyncProperty(fc.array(fc.array(fc.boolean(), { maxLength: 12 }), { maxLength: 5 }), async rounds => {
    const written: string[] = []
    const read: string[] = []
    for (const lines of rounds) {
      for (const isLong of lines) {
        const line = `${written.length} ${isLong ? long : ''}`
        writer.add(line)
        written.push(line)
      }
      writer.flush()
      read.push(...(await readAll(reader)).lines)
      await reader.sweep(() => [])
    }
    assert.deepEqual(read, written)
    assert.ok(readdirSync(folder).length <= 1, 'what was read is swept')
  }), { numRuns: 25 })
  writer.close()
})

test('a folder that has had its share takes no more, and room is found again', async t => {
  const folder = openFolder(t)
  const writer = new SpoolWriter(folder, 5 * 1024 * 1024)
  const reader = new SpoolReader(folder)
  const line = 'x'.repeat(1024 * 1024)
  for (let at = 0; at < 9; at++) {
    writer.add(line)
    writer.flush()
  }
  const { lines } = await readAll(reader)
  assert.ok(writer.dropped > 0)
  assert.equal(lines.length + writer.dropped, 9)
  await reader.sweep(() => [])
  t.mock.method(performance, 'now', () => 1e12)
  writer.add('again')
  writer.flush()
  assert.deepEqual((await readAll(reader)).lines, ['again'])
  writer.close()
})

test('of many segments that were read, the first stays, with what is wanted again', async t => {
  const folder = openFolder(t)
  const writer = new SpoolWriter(folder, ROOM)
  const reader = new SpoolReader(folder)
  const wanted = [{ wanted: 'one' }, { wanted: 'two' }]
  const kept = wanted.map(line => JSON.stringify(line))
  const line = 'x'.repeat(1024 * 1024)
  for (let round = 0; round < 2; round++) {
    for (let at = 0; at < 8; at++) {
      writer.add(line)
      writer.flush()
    }
    await readAll(reader)
    await reader.sweep(() => wanted)
    assert.equal(readdirSync(folder).length, 2, 'what is wanted, and what is being written')
    assert.deepEqual((await readAll(new SpoolReader(folder))).lines.slice(0, 3), [...kept, line])
  }
  writer.add('new')
  writer.flush()
  assert.deepEqual((await readAll(reader)).lines, ['new'], 'to whoever read it, what is wanted does not come again')
  await reader.sweep(() => [])
  assert.equal(readdirSync(folder).length, 1)
  writer.close()
})

test('a process has a name of its own, though another had its id and its time', t => {
  const folder = openFolder(t)
  const writers = [new SpoolWriter(folder, ROOM), new SpoolWriter(folder, ROOM)]
  for (const writer of writers) writer.add('one')
  assert.deepEqual(writers.map(writer => writer.flush()), [true, true])
  for (const writer of writers) writer.close()
})

test('segments of earlier releases, whose names are shorter, are read', async t => {
  const folder = openFolder(t)
  writeFileSync(join(folder, '99999999-5.000000.jsonl'), 'old\n')
  assert.deepEqual(await readAll(new SpoolReader(folder)), { lines: ['old'], last: true })
})

test('a writer that was killed is told apart from one that is quiet, and half a line of it is none', async t => {
  const folder = openFolder(t)
  const writer = await openWriter(t, folder)
  const reader = new SpoolReader(folder)
  await writer.write(['one', 'two'])
  assert.deepEqual(await readAll(reader), { lines: ['one', 'two'], last: false })
  await writer.write(['three'])
  const ended = once(writer.child, 'exit')
  writer.child.kill('SIGKILL')
  await ended
  appendFileSync(join(folder, readdirSync(folder)[0]!), '{"half')
  assert.deepEqual(await readAll(reader), { lines: ['three'], last: true })
  assert.equal(reader.torn, 1)
  await reader.sweep(() => [{ wanted: 'again' }])
  assert.equal(readdirSync(folder).length, 1, 'it stays while its lines are wanted')
  await reader.sweep(() => [])
  assert.deepEqual(readdirSync(folder), [])
})

test('whoever reads anew reads all of what was not swept', async t => {
  const folder = openFolder(t)
  const writer = await openWriter(t, folder)
  await writer.write(['one'])
  assert.deepEqual((await readAll(new SpoolReader(folder))).lines, ['one'])
  assert.deepEqual((await readAll(new SpoolReader(folder))).lines, ['one'])
})
