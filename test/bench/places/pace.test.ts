// The open load: everything leaves at its time, and every answer is counted as what it is.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { endingOf, pace, type Ending } from '../../../bench/places/pace.ts'
import { QUESTION } from '../../../bench/scenario.ts'

const ENDINGS: [status: number, text: string, ending: Ending][] = [
  [200, '{"choices":[]}', 'ok'],
  [503, '{"error":{"type":"api_error","code":"step_overload"}}', 'refused'],
  [503, '{"error":{"type":"api_error","code":"step_timeout"}}', 'late'],
  [503, '{"error":{"type":"api_error","code":"step_failed"}}', 'failed'],
  [500, '', 'failed'],
]

for (const [status, text, ending] of ENDINGS) test(`${status} ${text} is ${ending}`, () => assert.equal(endingOf(status, text), ending))

test('requests do not wait for answers, and a connection that breaks is a failure', async t => {
  const open: ServerResponse[] = []
  const server = createServer((request, response) => {
    request.resume()
    open.push(response)
    if (open.length < 20) return
    open.shift()!.destroy()
    for (const waiting of open) waiting.end('{}')
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const outcomes = await pace(QUESTION, origin, 100, 0.2, new AbortController().signal)
  assert.equal(outcomes.length, 20)
  assert.deepEqual(outcomes.map(({ ending }) => ending).toSorted().slice(0, 2), ['failed', 'ok'])
  assert.ok(outcomes[1]!.ms > outcomes.at(-1)!.ms, 'the first waited for the last')
})
