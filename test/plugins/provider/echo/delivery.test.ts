import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { collect, type Call } from '../../../../core/call.ts'
import { SseDecoder } from '../../../../core/codec/sse.ts'
import { asking, call, CHAT, connect, streaming } from './calling.ts'

test('slow holds the head back, and meets the headers timeout', async () => {
  const began = performance.now()
  await call(CHAT, asking('x', 'slow=80')).begun
  assert.ok(performance.now() - began >= 75)
  const slower = call(CHAT, asking('x', 'slow=5000'), connect(), { headers: 30 })
  await assert.rejects(slower.begun, { code: 'upstream_timeout' })
})

test('pace sets the time between events', async () => {
  const answer = call(CHAT, streaming('a b c', 'pace=20'))
  await answer.begun
  const at: number[] = []
  for (let piece = await answer.next(); piece !== null; piece = await answer.next()) at.push(performance.now())
  assert.equal(at.length, 8)
  assert.ok(at.at(-1)! - at[0]! >= 7 * 18)
})

/** Reads until the end; the pieces, and what ended them. */
async function readOn(answer: Call): Promise<{ pieces: string[]; end: string }> {
  const pieces: string[] = []
  try {
    for (let piece = await answer.next(); piece !== null; piece = await answer.next()) pieces.push(piece.toString('latin1'))
    return { pieces, end: 'end' }
  } catch (error) {
    return { pieces, end: (error as { code: string }).code }
  }
}

const ills = [
  { told: 'stall-after=2', body: streaming, pieces: 2, end: 'upstream_timeout' },
  { told: 'stall-after=0', body: streaming, pieces: 0, end: 'upstream_timeout' },
  { told: 'cut-after=3', body: streaming, pieces: 3, end: 'upstream_closed' },
  { told: 'cut-after=0', body: asking, pieces: 0, end: 'upstream_closed' },
  { told: 'cut-after=1', body: asking, pieces: 1, end: 'upstream_closed' },
  { told: 'cut-after=2', body: asking, pieces: 2, end: 'upstream_closed' },
  { told: 'stall-after=1', body: asking, pieces: 1, end: 'upstream_timeout' },
  { told: 'garbage-after=2', body: streaming, pieces: 7, end: 'end' },
  { told: 'garbage-after=0', body: asking, pieces: 3, end: 'end' },
  { told: 'error-after=2', body: streaming, pieces: 3, end: 'end' },
]
for (const { told, body, pieces: expected, end } of ills) {
  test(`${told} on ${body === asking ? 'a whole answer' : 'a stream'}: ${expected} pieces, then ${end}`, async () => {
    const answer = call(CHAT, body('x', told), connect(), { idle: 60, firstEvent: 60 })
    const got = await readOn(answer)
    assert.equal(got.pieces.length, expected)
    assert.equal(got.end, end)
    const garbage = got.pieces.filter(piece => piece.includes('\xff{'))
    assert.equal(garbage.length, told.startsWith('garbage') ? 1 : 0)
    if (told.startsWith('error')) assert.match(got.pieces.at(-1)!, /^data: \{"error":\{"message":.*"type":"server_error"/)
  })
}

test('crlf ends every line so, and the stream reads the same', async () => {
  const answer = call(CHAT, streaming('a b', 'crlf=1'))
  const bytes = (await collect(answer, 1 << 20)).toString()
  assert.doesNotMatch(bytes, /[^\r]\n/)
  const frames = new SseDecoder(1 << 20).push(Buffer.from(bytes))
  assert.equal(frames.at(-1)!.data!.toString(), '[DONE]')
  assert.equal(frames.length, 7)
})

test('a long answer waits for its reader', async () => {
  const answer = call(CHAT, streaming('a b c d e f', 'words=20000'))
  await answer.begun
  let pieces = 0
  for (let piece = await answer.next(); piece !== null; piece = await answer.next()) pieces++
  assert.equal(pieces, 20_003)
})

/** A handler that notes what it gets. */
class Noting implements Dispatcher.DispatchHandler {
  readonly notes: string[] = []
  controller!: Dispatcher.DispatchController
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller
    this.notes.push('start')
  }
  onResponseStart(): void { this.notes.push('head') }
  onResponseData(): void { this.notes.push('data') }
  onResponseEnd(): void { this.notes.push('end') }
  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void { this.notes.push(error.message) }
}

function dispatch(handler: Noting, body: object, connection = connect()): void {
  connection.dispatcher!.dispatch({ path: CHAT, method: 'POST', body: JSON.stringify(body) }, handler)
}

test('pause and resume are honoured', async () => {
  const handler = new Noting()
  const { notes } = handler
  dispatch(handler, streaming('a b'))
  handler.controller.pause()
  await wait(5)
  assert.deepEqual(notes, ['start', 'head'])
  handler.controller.resume()
  assert.deepEqual(notes, ['start', 'head', ...Array<string>(7).fill('data'), 'end'])
  handler.controller.resume()
  handler.controller.abort(new Error('late'))
  assert.equal(notes.at(-1), 'end')
})

for (const told of ['', 'slow=20', 'pace=20', 'stall-after=0']) {
  test(`abort ends it at once and once (${told === '' ? 'before the head' : told})`, async () => {
    const handler = new Noting()
    dispatch(handler, streaming('a b', told))
    if (told.startsWith('pace')) await wait(5)
    handler.controller.abort(new Error('enough'))
    handler.controller.abort(new Error('again'))
    assert.equal(handler.controller.aborted, true)
    assert.equal(handler.controller.reason?.message, 'enough')
    const before = [...handler.notes]
    assert.equal(before.at(-1), 'enough')
    await wait(30)
    assert.deepEqual(handler.notes, before)
  })
}

test('close waits for what runs and takes nothing new; destroy ends it', async () => {
  const connection = connect({ pace: 5 })
  const running = call(CHAT, streaming('a b c'), connection)
  await running.begun
  const closed = connection.dispatcher!.close().then(() => 'closed')
  assert.equal((await Promise.all([readOn(running).then(({ end }) => end), closed])).join(' '), 'end closed')
  await assert.rejects(call(CHAT, asking('x'), connection).begun, { code: 'draining' })

  const other = connect({ 'stall-after': 1 })
  const stalled = call(CHAT, streaming('a'), other)
  await stalled.begun
  await other.dispatcher!.destroy()
  assert.equal((await readOn(stalled)).end, 'draining')
})
