import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { chunks, completion, onto, openRig, openUpstream, textOf } from './rig.ts'

const WORDS = { use: 'moderation', mode: 'enforce', options: { words: { secret: ['project bluebird'] } } }
const ask = (content: string, stream = false): object => ({ model: 'm', stream, messages: [{ role: 'user', content }] })

for (const style of ['error', 'finish'] as const) {
  test(`a blocked request never goes upstream (${style})`, async t => {
    const upstream = await openUpstream(t, reply => reply.end())
    const rig = await openRig(t, onto(upstream.url, { chain: [{ ...WORDS, blockResponse: { style, message: 'Not here.' } }] }))
    const settled = rig.settled()
    const reply = await rig.post(ask('Tell me of Project\n Bluebird'))
    if (style === 'error') {
      assert.equal(reply.status, 400)
      assert.deepEqual(await reply.json(), { error: { message: 'Not here.', type: 'invalid_request_error', param: null, code: 'content_filter' } })
    } else {
      const body = await reply.json() as { choices: { message: { content: string }; finish_reason: string }[] }
      assert.deepEqual([reply.status, body.choices[0]!.message.content, body.choices[0]!.finish_reason], [200, 'Not here.', 'content_filter'])
    }
    assert.equal(upstream.requests.length, 0)
    assert.deepEqual([(await settled).ending, (await settled).steps[0]?.outcome], ['blocked', 'block'])
  })
}

/** An upstream that says two pieces, and the rest when it is told to. */
async function openTalker(t: TestContext): Promise<{ url: string; goOn(): void; gone: Promise<void> }> {
  const gone = Promise.withResolvers<void>()
  const told = Promise.withResolvers<void>()
  const frames = chunks(['We call it ', 'Pro', 'ject Blue', 'bird here, ', 'and more'])
  const { url } = await openUpstream(t, async reply => {
    reply.on('close', gone.resolve)
    reply.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.write(frames.slice(0, 3).join(''))
    await told.promise
    reply.write(frames.slice(3, 6).join(''))
  })
  return { url, goOn: told.resolve, gone: gone.promise }
}

test('a block in mid-stream ends it as a refusal, cancels the upstream, and nothing of the finding has left', async t => {
  const talker = await openTalker(t)
  const rig = await openRig(t, onto(talker.url, { chain: [WORDS] }))
  const settled = rig.settled()
  const reader = (await rig.post(ask('hello', true))).body!.pipeThrough(new TextDecoderStream()).getReader()
  let stream = (await reader.read()).value ?? ''
  assert.equal(textOf(stream), 'We call it ', 'what is decided is not held')
  talker.goOn()
  for (let next = await reader.read(); !next.done; next = await reader.read()) stream += next.value
  assert.equal(textOf(stream), 'We call it ')
  assert.match(stream, /"finish_reason":"content_filter"[^]*data: \[DONE\]\n\n$/)
  await talker.gone
  assert.deepEqual([(await settled).status, (await settled).ending], [200, 'blocked'])
})

test('in shadow the same words pass, and the record says what would have been', async t => {
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('Project Bluebird'))))
  const rig = await openRig(t, onto(upstream.url, { chain: [{ ...WORDS, mode: 'shadow' }] }))
  const settled = rig.settled()
  assert.equal((await rig.post(ask('Project Bluebird'))).status, 200)
  assert.deepEqual((await settled).steps.map(({ direction, mode, outcome, findings }) => [direction, mode, outcome, findings]), [
    ['request', 'shadow', 'block', { secret: 1 }], ['response', 'shadow', 'block', { secret: 1 }],
  ])
})
