// A Gemini stream without server-sent events: one JSON array, element by element. The laws of guarded streams hold for it in
// laws-of-blocks.test.ts.
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { openRig, openUpstream, type Rig } from './rig.ts'
import { openVendor } from './vendor.ts'

const PATH = '/v1beta/models/m:streamGenerateContent'
const asked = { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] }
const element = (text: string, more: object = {}): string =>
  JSON.stringify({ candidates: [{ content: { parts: [{ text }], role: 'model' }, index: 0, ...more }], modelVersion: 'm', responseId: 'r' }, null, 2)
const END = JSON.stringify({
  candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, finishReason: 'STOP', index: 0 }],
  usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 20 },
})
const written = (...elements: string[]): string => `[${elements.join('\n,\r\n')}\n]\n`

interface Stage {
  readonly rig: Rig
  /** Paths that the upstream was asked under. */
  readonly paths: readonly (string | undefined)[]
}

/** A gateway before an upstream that says these bytes, in pieces of so many. */
async function openStage(t: TestContext, bytes: string, chain: readonly object[], size = 1 << 20): Promise<Stage> {
  const paths: (string | undefined)[] = []
  const upstream = await openUpstream(t, async (reply, _body, { url }) => {
    paths.push(url)
    reply.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' })
    const all = Buffer.from(bytes)
    for (let at = 0; at < all.length; at += size) {
      reply.write(all.subarray(at, at + size))
      await turn()
    }
    reply.end()
  })
  const rig = await openRig(t, {
    providers: { up: { use: 'gemini', url: upstream.url.replace('/v1', '/v1beta'), key: 'k' } },
    chains: { tested: chain },
    routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'up' }], chain: 'tested' }],
  })
  return { rig, paths }
}

interface Element {
  readonly candidates?: readonly { readonly content?: { readonly parts?: readonly { readonly text?: string }[] }; readonly finishReason?: string }[]
  readonly error?: { readonly code: number }
}
const elementsOf = (body: string): Element[] => JSON.parse(body) as Element[]
const textOf = (body: string): string =>
  elementsOf(body).flatMap(({ candidates = [] }) => candidates.flatMap(({ content }) => content?.parts ?? [])).map(({ text }) => text).join('')
const endOf = (body: string): string | undefined => elementsOf(body).at(-1)?.candidates?.[0]?.finishReason

for (const [what, chain] of [['unread', []], ['guarded', [{ use: 'pii', options: { action: 'mask' } }]]] as const) {
  test(`an array passes byte for byte where nothing is edited, ${what}, and its usage is noted`, async t => {
    const said = written(element('Hello ther'), element('e {]["'), END)
    for (const size of [7, 1 << 20]) {
      const { rig, paths } = await openStage(t, said, what === 'unread' ? chain : [{ use: 'moderation', mode: 'shadow', options: { words: { x: ['zzz'] } } }], size)
      const settled = rig.settled()
      const reply = await rig.post(asked, { path: PATH })
      assert.equal(reply.headers.get('content-type'), 'application/json; charset=UTF-8')
      assert.equal(await reply.text(), said)
      const { usage, ending, streamed } = await settled
      assert.deepEqual([usage?.input, usage?.output, ending, streamed, paths], [7, 20, 'complete', true, ['/v1beta/models/m:streamGenerateContent']])
    }
  })
}

test('a guarded array says what the whole would say, for any cut of its bytes', async t => {
  const said = written(element('Mail jane.roe@exam'), element('ple.com now, or o.neill@'), element('example.org'), END)
  for (const size of [1, 2, 3, 50, 997]) {
    const { rig } = await openStage(t, said, [{ use: 'pii', options: { action: 'replace' } }], size)
    const body = await (await rig.post(asked, { path: PATH })).text()
    assert.deepEqual([textOf(body), endOf(body)], ['Mail [EMAIL] now, or [EMAIL]', 'STOP'])
  }
})

test('the first element leaves before the second is there', async t => {
  const heard = Promise.withResolvers<void>()
  const upstream = await openUpstream(t, async reply => {
    reply.writeHead(200, { 'content-type': 'application/json' }).write(`[${element('Hello')}`)
    await heard.promise
    reply.end(`,\n${END}]`)
  })
  const rig = await openRig(t, {
    providers: { up: { use: 'gemini', url: upstream.url, key: 'k' } }, routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'up' }] }],
  })
  const reply = await rig.post(asked, { path: PATH })
  let body = ''
  for await (const piece of reply.body!.pipeThrough(new TextDecoderStream())) {
    body += piece
    if (body === `[${element('Hello')}`) heard.resolve()
  }
  assert.equal(textOf(body), 'Hello')
})

test('a block in mid-stream ends as an array, whose last element is the refusal', async t => {
  const { rig } = await openStage(t, written(element('All is well. '.repeat(20)), element('Mail jane.roe@example.com'), END), [{ use: 'pii', options: { action: 'block' } }], 200)
  const settled = rig.settled()
  const body = await (await rig.post(asked, { path: PATH })).text()
  assert.deepEqual([endOf(body), body.includes('jane'), (await settled).ending], ['SAFETY', false, 'blocked'])
  assert.ok(textOf(body).startsWith('All is well. All'))
})

test('an array that breaks off ends as one, with the error in it', async t => {
  const said = written(element('Hello '), element('there'), END)
  for (const cut of [said.indexOf('there'), said.lastIndexOf('}') - 5, said.lastIndexOf(']')]) {
    const { rig } = await openStage(t, said.slice(0, cut), [{ use: 'pii', options: { action: 'mask' } }], 50)
    const elements = elementsOf(await (await rig.post(asked, { path: PATH })).text())
    assert.deepEqual(elements.map(({ error }) => error?.code), [...elements.slice(1).map(() => undefined), 502])
  }
})

test('what is no array is no answer, and an error is told in an array', async t => {
  const { rig } = await openStage(t, '{"candidates":[]}', [{ use: 'pii' }])
  const reply = await rig.post(asked, { path: PATH })
  assert.deepEqual([reply.status, elementsOf(await reply.text())[0]?.error?.code], [502, 502])
})

test('a translated stream comes as an array as well, guarded or not, and so does an error before it', async t => {
  const vendor = await openVendor(t, 'anthropic-messages', ({ turns }) => {
    if (JSON.stringify(turns).includes('fail')) return { failure: 'rate_limit', message: 'slower' }
    return {
      id: 'a', model: 'm', usage: { input: 3, output: 4, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' },
      choices: [{ index: 0, blocks: [{ kind: 'text', text: 'Mail jane.roe@example.com now' }], finish: { stop: 'end', raw: 'end_turn' } }],
    }
  })
  for (const [chain, text] of [[[], 'Mail jane.roe@example.com now'], [[{ use: 'pii', options: { action: 'replace' } }], 'Mail [EMAIL] now']] as const) {
    const rig = await openRig(t, {
      providers: { up: vendor.provider }, chains: { tested: chain },
      routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'up' }], chain: 'tested' }],
    })
    const reply = await rig.post(asked, { path: PATH })
    assert.match(reply.headers.get('content-type') ?? '', /^application\/json/)
    const body = await reply.text()
    assert.deepEqual([textOf(body), endOf(body)], [text, 'STOP'])
    const failed = await rig.post({ contents: [{ parts: [{ text: 'fail' }] }] }, { path: PATH })
    assert.deepEqual([failed.status, elementsOf(await failed.text())[0]?.error?.code], [429, 429])
  }
})

test('an answer of the gateway itself is an array', async t => {
  const { rig } = await openStage(t, '', [{ use: 'pii', options: { action: 'block' }, blockResponse: { style: 'finish', message: 'Not here.' } }])
  const body = await (await rig.post({ contents: [{ parts: [{ text: 'jane.roe@example.com' }] }] }, { path: PATH })).text()
  assert.deepEqual([textOf(body), endOf(body)], ['Not here.', 'SAFETY'])
})
