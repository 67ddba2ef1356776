// The laws of streams for the dialects whose answers are lists of blocks or parts: what a stream says is what the whole
// answer says, and a value anywhere in it is a clean end.
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { fc } from '../law.ts'
import { hear, linesOf, streamedAnswer, wholeAnswer, type Answer, type Line } from '../../core/conformance/wire.ts'
import { GEMINI, GEMINI_ARRAY } from '../../core/conformance/wire/gemini.ts'
import { MESSAGES } from '../../core/conformance/wire/anthropic-messages.ts'
import { openRig, openUpstream } from './rig.ts'
import { nasty, rhythm, rollBy, type Roll } from './streams.ts'

const pii = (options: object): object => ({ use: 'pii', reads: { channels: ['text', 'reasoning', 'tool_args'] }, options })

/** Cuts a line into pieces. */
function cut(line: Line, roll: Roll): Line[] {
  const pieces: Line[] = []
  for (let at = 0; at < line.text.length;) {
    const size = 1 + roll(24)
    pieces.push({ ...line, text: line.text.slice(at, at + size) })
    at += size
  }
  return pieces
}

/** Sends bytes in writes of any size. */
async function send(reply: ServerResponse, bytes: Buffer, type: string, roll: Roll): Promise<void> {
  reply.writeHead(200, { 'content-type': type })
  for (let at = 0; at < bytes.length;) {
    const size = Math.floor(1 + bytes.length / 40 + roll(24) ** 2)
    reply.write(bytes.subarray(at, at + size))
    at += size
    await turn()
  }
  reply.end()
}

/** A gateway with a chain; what its upstream says is told with each question. */
async function openStage(t: TestContext, chain: readonly object[]) {
  let bytes: Buffer = Buffer.alloc(0)
  let type = ''
  let roll: Roll = () => 0
  const upstream = await openUpstream(t, reply => send(reply, bytes, type, roll))
  const url = upstream.url.replace(/\/v1$/, '')
  const rig = await openRig(t, {
    providers: { anthropic: { use: 'anthropic', key: 'k', url }, gemini: { use: 'gemini', key: 'k', url } },
    chains: { tested: chain },
    routes: ['anthropic', 'gemini'].map(name => ({ name, match: { dialect: `${name}*` }, chain: 'tested', targets: [{ provider: name }] })),
  })
  return async (wire: typeof MESSAGES, answer: Answer, rolls: Roll) => {
    bytes = answer.bytes
    type = answer.type
    roll = rolls
    const path = (answer.streamed ? wire.streamPath : undefined) ?? wire.path
    const reply = await rig.post(wire.ask(['hello'], answer.streamed), { path })
    const got = Buffer.from(await reply.arrayBuffer())
    return { status: reply.status, got, ...(reply.status === 200 ? hear(wire, got, answer.streamed) : { lines: new Map<string, string>(), filtered: false }) }
  }
}

const texts = fc.array(nasty.filter(text => text.isWellFormed()), { minLength: 1, maxLength: 2 })
const said = (lines: ReadonlyMap<string, string>): [string, string][] => [...lines].filter(([, text]) => text !== '').toSorted()

for (const wire of [MESSAGES, GEMINI, GEMINI_ARRAY]) {
  const name = wire.array === true ? `${wire.dialect} as an array` : wire.dialect
  for (const action of ['mask', 'replace', 'hash', 'tokenize']) {
    test(`a stream says what the whole answer says: ${name}, pii that does ${action}`, async t => {
      const ask = await openStage(t, [pii({ action })])
      await fc.assert(fc.asyncProperty(texts, rhythm, async (all, numbers) => {
        const roll = rollBy(numbers)
        const lines = linesOf(wire, all)
        const whole = await ask(wire, wholeAnswer(wire, lines), roll)
        const stream = await ask(wire, streamedAnswer(wire, lines.flatMap(line => cut(line, roll))), roll)
        assert.deepEqual([whole.status, stream.status], [200, 200])
        assert.deepEqual(said(stream.lines), said(whole.lines))
      }), { numRuns: 40 })
    })
  }

  test(`a value anywhere is a clean end, and no part of it leaves: ${name}`, async t => {
    const ask = await openStage(t, [{ ...pii({ action: 'block' }), blockResponse: { style: 'finish', message: 'Not here.' } }])
    const plain = linesOf(wire, ['All is well here. ', 'And so it goes on.'])
    for (const [at, line] of plain.entries()) {
      const text = line.channel === 'tool_args' ? JSON.stringify({ to: 'jane.roe@example.com' }) : `${line.text} to jane.roe@example.com now`
      const lines = plain.with(at, { ...line, text })
      const roll = rollBy([at, 3, 7])
      const { status, got, lines: heard, filtered } = await ask(wire, streamedAnswer(wire, lines.flatMap(one => cut(one, roll))), roll)
      assert.deepEqual([status, filtered], [200, true], `${line.choice} ${line.channel}`)
      for (const part of ['jane', 'example']) assert.ok(!got.includes(part), `${part} has left in ${line.channel}`)
      for (const [place, piece] of heard) {
        const whole = lines.find(({ choice, channel }) => `${choice} ${channel}` === place)!.text
        assert.ok(whole.startsWith(piece) || piece === 'Not here.' || piece === '{}', `${place}: ${piece}`)
      }
    }
  })
}
