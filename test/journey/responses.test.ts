// Responses through a whole gateway: guarded as bytes, translated where the upstream speaks another dialect, and read by the
// official client either way.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { fc } from '../law.ts'
import OpenAI from 'openai'
import { hear, interleaved, linesOf, streamedAnswer, wholeAnswer } from '../../core/conformance/wire.ts'
import { RESPONSES } from '../../core/conformance/wire/openai-responses.ts'
import { chunks, completion, onto, openRig, openUpstream, type Rig } from './rig.ts'
import { cut, nasty, rhythm, rollBy } from './streams.ts'

const pii = (action: string): object => ({ use: 'pii', options: { action } })
const PROVIDER = { use: 'openai' }
const clientOf = (rig: Rig): OpenAI => new OpenAI({ baseURL: `${rig.url}/v1`, apiKey: 'any', maxRetries: 0 })

interface Frame {
  readonly type: string
  readonly sequence_number: number
  readonly item_id?: string
  readonly delta?: string
  readonly text?: string
  readonly refusal?: string
  readonly arguments?: string
  readonly response?: object & { readonly status: string }
}

const framesOf = (stream: string): Frame[] =>
  stream.split('\n').flatMap(line => line.startsWith('data: ') ? [JSON.parse(line.slice('data: '.length)) as Frame] : [])

/** A gateway whose upstream answers with what is put in `next`. */
async function openHouse(t: TestContext, chain?: readonly object[]) {
  const next = { bytes: Buffer.alloc(0), streamed: false }
  const upstream = await openUpstream(t, reply => {
    reply.writeHead(200, { 'content-type': next.streamed ? 'text/event-stream' : 'application/json' }).end(next.bytes)
  })
  const rig = await openRig(t, onto(upstream.url, { provider: PROVIDER, ...(chain !== undefined && { chain }) }))
  const ask = async (stream: boolean): Promise<{ status: number; bytes: Buffer }> => {
    const reply = await rig.post({ model: 'm', input: 'hello', stream }, { path: '/v1/responses' })
    return { status: reply.status, bytes: Buffer.from(await reply.arrayBuffer()) }
  }
  return { next, rig, upstream, ask }
}

const LINES = linesOf(RESPONSES, ['I look at jane.roe@example.com \u{1f600}', 'plain'])

test('what no step reads passes to the byte, whole and streamed', async t => {
  const { next, ask, upstream } = await openHouse(t)
  for (const answer of [wholeAnswer(RESPONSES, LINES), streamedAnswer(RESPONSES, LINES)]) {
    Object.assign(next, answer)
    assert.deepEqual((await ask(answer.streamed)).bytes, answer.bytes)
  }
  assert.equal(upstream.requests[0]?.request.url, '/v1/responses')
})

for (const action of ['mask', 'tokenize', 'block']) {
  test(`a stream says what the whole answer says, as often as it says it: ${action}`, async t => {
    const { next, ask } = await openHouse(t, [pii(action)])
    await fc.assert(fc.asyncProperty(fc.array(nasty, { minLength: 1, maxLength: 2 }), rhythm, async (texts, numbers) => {
      const lines = linesOf(RESPONSES, texts)
      const roll = rollBy(numbers)
      Object.assign(next, wholeAnswer(RESPONSES, lines))
      const whole = await ask(false)
      Object.assign(next, streamedAnswer(RESPONSES, interleaved(lines, ({ text }) => cut(text, roll))))
      const streamed = await ask(true)
      const frames = framesOf(streamed.bytes.toString())
      if (streamed.status === 200) assert.deepEqual(frames.map(frame => frame.sequence_number), frames.map((_, at) => at))
      if (whole.status !== 200) {
        if (streamed.status === 200) assert.equal(frames.at(-1)?.type, 'response.incomplete')
        return
      }
      const heard = (answer: { bytes: Buffer }, stream: boolean) =>
        [...hear(RESPONSES, answer.bytes, stream).lines].filter(([, text]) => text !== '').toSorted()
      assert.deepEqual(heard(streamed, true), heard(whole, false))
      const grown = new Map<string, string>()
      for (const { item_id: id = '', delta = '' } of frames) grown.set(id, (grown.get(id) ?? '') + delta)
      for (const {
        type, item_id: id = '', text, refusal, arguments: args,
      } of frames.filter(frame => frame.type.endsWith('.done'))) {
        const again = text ?? refusal ?? args
        if (again !== undefined) assert.equal(again, grown.get(id), type)
      }
      const last = Buffer.from(JSON.stringify(frames.at(-1)!.response))
      assert.deepEqual(heard({ bytes: last }, false), heard(whole, false))
    }), { numRuns: 40 })
  })
}

test('a value at any place ends the stream as incomplete, and the client reads it', { timeout: 20_000 }, async t => {
  let rest: Buffer = Buffer.alloc(0)
  let listening = Promise.withResolvers<void>()
  const upstream = await openUpstream(t, async reply => {
    const begun = rest.indexOf('\n\n') + 2
    reply.writeHead(200, { 'content-type': 'text/event-stream' }).write(rest.subarray(0, begun))
    await listening.promise
    reply.end(rest.subarray(begun))
  })
  const client = clientOf(await openRig(t, onto(upstream.url, { provider: PROVIDER, chain: [pii('block')] })))
  for (const [at, { channel }] of LINES.entries()) {
    const [plain, secret] = channel === 'tool_args' ? ['{}', '{"to":"kim@example.com"}'] : ['Hello', 'To kim@example.com now']
    const lines = LINES.map((line, place) => ({
      ...line, text: place === at ? secret : line.channel === 'tool_args' ? '{}' : plain,
    }))
    rest = streamedAnswer(RESPONSES, interleaved(lines, ({ text }) => text.match(/.{1,5}/gs) ?? [''])).bytes
    listening = Promise.withResolvers()
    const stream = await client.responses.create({ model: 'm', input: 'hello', stream: true })
    listening.resolve()
    const events: OpenAI.Responses.ResponseStreamEvent[] = []
    for await (const event of stream) events.push(event)
    const numbers = events.map(event => event.sequence_number)
    // Frames that waited behind a call have taken their numbers with them.
    const told = channel === 'tool_args' ? numbers.slice(0, -1) : numbers
    assert.deepEqual(told, told.map((_, place) => place))
    assert.ok(!JSON.stringify(events).includes('kim'), `${channel} has left`)
    const last = events.at(-1)
    assert.ok(last?.type === 'response.incomplete')
    assert.equal(last.response.incomplete_details?.reason, 'content_filter')
  }
})

test('the official client is answered by an upstream that speaks chat only', async t => {
  const upstream = await openUpstream(t, (reply, body) => {
    const streamed = (JSON.parse(body.toString()) as { stream?: boolean }).stream === true
    if (!streamed) return void reply.writeHead(
      200, { 'content-type': 'application/json' }
    ).end(JSON.stringify(completion('Hello there')))
    reply.writeHead(200, { 'content-type': 'text/event-stream' }).end(chunks(['Hello ', 'there']).join(''))
  })
  const client = clientOf(await openRig(t, onto(upstream.url)))
  const asked = { model: 'm', instructions: 'Be kind.', input: 'Hi', store: false }
  const whole = await client.responses.create(asked)
  const streamed = await client.responses.stream(asked).finalResponse()
  for (const { output_text: text, status, model } of [whole, streamed]) assert.deepEqual([text, status, model], [
    'Hello there', 'completed', 'm',
  ])
  assert.deepEqual([whole.usage?.input_tokens, whole.usage?.output_tokens], [5, 7])
  const { messages } = JSON.parse(upstream.requests[0]!.body.toString()) as { messages: object[] }
  assert.deepEqual(messages, [{ role: 'system', content: 'Be kind.' }, { role: 'user', content: 'Hi' }])
  await assert.rejects(client.responses.create({ ...asked, previous_response_id: 'resp_1' }), error =>
    error instanceof OpenAI.BadRequestError && error.param === 'previous_response_id')
})
