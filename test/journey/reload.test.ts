import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chunks, openRig, openUpstream, textOf, type Written } from './rig.ts'

/** A config whose every part is marked: the model asked for and the words added must be of one config. */
const marked = (url: string, mark: string): Written => ({
  providers: { up: { use: 'openai-compatible', url, connections: 1000 } },
  chains: { tested: [{ use: 'prompt-decorate', options: { prepend: [{ role: 'system', text: `words-${mark}` }] } }, { use: 'pii' }] },
  routes: [{ name: `route-${mark}`, match: { model: '*' }, chain: 'tested', targets: [{ provider: 'up', model: `model-${mark}` }] }],
})

test('500 requests in flight while the config is swapped 20 times: none fails, none mixes two configs', async t => {
  const held: (() => void)[] = []
  const upstream = await openUpstream(t, (reply, body) => {
    const asked = JSON.parse(body.toString()) as { model: string; stream?: boolean; messages: { content: string }[] }
    const said = `${asked.model} ${asked.messages[0]!.content} to a@b.co`
    reply.writeHead(200, { 'content-type': 'text/event-stream' })
    const frames = chunks(said.match(/[^]{1,5}/g) ?? [])
    reply.write(frames.slice(0, 2).join(''))
    held.push(() => reply.end(frames.slice(2).join('')))
  })
  const rig = await openRig(t, marked(upstream.url, '0'))
  const asking: Promise<string>[] = []
  const underWay = async (count: number): Promise<void> => {
    const failed = Promise.race(asking.map(one => one.then(() => assert.fail('ended before it was let go'))))
    while (held.length < count) await Promise.race([failed, new Promise(resolve => { setTimeout(resolve, 5) })])
  }
  for (let swap = 1; swap <= 20; swap++) {
    for (let i = 0; i < 25; i++) {
      asking.push(rig.post({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hello a@b.co' }] }).then(reply => {
        assert.equal(reply.status, 200)
        return reply.text()
      }))
    }
    const next = await rig.compile(marked(upstream.url, String(swap)))
    // Some of the latest have gone upstream, the others are still on their way.
    await underWay(25 * swap - 15)
    rig.server.swap(next)
  }
  await underWay(500)
  assert.equal(rig.server.inFlight, 500)
  for (const release of held) release()
  const marks = new Set<string>()
  for (const stream of await Promise.all(asking)) {
    const [, model, words] = /^model-(\d+) words-(\d+) to /.exec(textOf(stream)) ?? []
    assert.ok(model !== undefined && model === words, textOf(stream))
    assert.ok(stream.endsWith('data: [DONE]\n\n'))
    marks.add(model)
  }
  assert.ok(marks.size > 5, 'the swaps fell among the requests')
  assert.ok(rig.records.every(record => record.ending === 'complete'))
})
