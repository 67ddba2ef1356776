import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import { loadTranslation } from '../../core/registry.ts'
import type { CanonicalAnswer, Failure } from '../../sdk/index.ts'
import { chunks, completion, openRig, openUpstream, textOf } from './rig.ts'
import { openVendor } from './vendor.ts'

const ASK = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] }
const json = { 'content-type': 'application/json' }
const sse = { 'content-type': 'text/event-stream' }

type Answer = (reply: ServerResponse) => void
const error = (status: number, code: string): Answer => reply => { reply.writeHead(status, json).end(JSON.stringify({ error: { message: 'no', code } })) }
const filtered: Answer = reply => {
  const { choices: [choice], ...rest } = completion('') as { choices: object[] }
  reply.writeHead(200, json).end(JSON.stringify({ ...rest, choices: [{ ...choice, finish_reason: 'content_filter' }] }))
}
/** The word comes with the second piece. */
const filteredStream: Answer = reply => {
  const [head] = chunks([])
  reply.writeHead(200, sse).write(head, () => setTimeout(() => reply.end(`${head!.replace('null}]', '"content_filter"}]')}data: [DONE]\n\n`), 10))
}
const fine: Answer = reply => { reply.writeHead(200, json).end(JSON.stringify(completion('second'))) }
const fineStream: Answer = reply => { reply.writeHead(200, sse).end(chunks(['sec', 'ond']).join('')) }

async function open(t: TestContext, first: Answer, second: Answer, on: unknown): Promise<(body: object) => Promise<readonly [number, string, string]>> {
  const upstreams = await Promise.all([first, second].map(answer => openUpstream(t, answer)))
  const rig = await openRig(t, {
    providers: Object.fromEntries(upstreams.map(({ url }, index) => [`p${index}`, { use: 'openai-compatible', url }])),
    routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'p0' }], fallback: [{ provider: 'p1', model: 'larger' }], ...(on !== undefined && { retry: { on } }) }],
  })
  return async body => {
    const settled = rig.settled()
    const reply = await rig.post(body)
    const text = await reply.text()
    return [reply.status, text, (await settled).attempts.map(({ provider, status, error: why }) => `${provider}:${status}:${why}`).join(' ')]
  }
}

const cases: readonly (readonly [name: string, on: unknown, first: Answer, tries: string])[] = [
  ['a prompt that is too long for the model', ['error', 'context'], error(400, 'context_length_exceeded'), 'p0:400:context p1:200:'],
  ['a prompt that the filter refuses', ['filter'], error(400, 'content_filter'), 'p0:400:filter p1:200:'],
  ['an answer that the filter refuses', ['filter'], filtered, 'p0:200:filter p1:200:'],
  ['a status that is named', [404], error(404, 'model_not_found'), 'p0:404:status p1:200:'],
  ['a failure, beside others', ['error', 'context', 404], error(500, 'server_error'), 'p0:500:upstream_error p1:200:'],
  ['another reason than those named', ['context'], error(400, 'content_filter'), 'p0:400:'],
  ['an error like any', ['error', 'context', 'filter'], error(400, 'invalid_request'), 'p0:400:'],
  ['a failure, where that is no reason', ['filter'], error(500, 'server_error'), 'p0:500:upstream_error'],
  ['a prompt that is too long, where nothing was said', undefined, error(400, 'context_length_exceeded'), 'p0:400:'],
  ['an answer that the filter refuses, where nothing was said', undefined, filtered, 'p0:200:'],
]

for (const [name, on, first, tries] of cases) {
  test(`${name}: ${tries.includes('p1') ? 'goes to the next target' : 'is the answer'}`, async t => {
    const [, text, tried] = await (await open(t, first, fine, on))(ASK)
    assert.equal(tried, tries)
    assert.equal(text.includes('second'), tries.includes('p1'))
  })
}

test('a stream whose first word is that the filter refused it goes to the next target', async t => {
  const [, text, tried] = await (await open(t, filteredStream, fineStream, ['filter']))({ ...ASK, stream: true })
  assert.deepEqual([textOf(text), tried], ['second', 'p0:200:filter p1:200:'])
})

test('streams pass to the byte where filters are looked for', async t => {
  const said = chunks(['a', 'b', 'c'])
  const slowly: Answer = reply => {
    reply.writeHead(200, sse)
    said.forEach((frame, index) => setTimeout(() => index === said.length - 1 ? reply.end(frame) : reply.write(frame), 5 * index))
  }
  const [, text, tried] = await (await open(t, slowly, fine, ['filter', 'context']))({ ...ASK, stream: true })
  assert.deepEqual([text, tried], [said.join(''), 'p0:200:'])
})

test('an error of a stream that is its answer has status and bytes as they came', async t => {
  const [status, text] = await (await open(t, error(400, 'other'), fine, ['filter']))({ ...ASK, stream: true })
  assert.deepEqual([status, text], [400, JSON.stringify({ error: { message: 'no', code: 'other' } })])
})

/** How each vendor says it is for its own dialect to read. */
for (const dialect of ['anthropic-messages', 'gemini', 'bedrock-converse', 'mistral-chat', 'cohere-chat']) {
  test(`${dialect}: a prompt that is too long, and an answer that was filtered, go to the next target`, async t => {
    const { writeError, readError } = await loadTranslation(dialect)
    const told = (failure: Failure, message: string): boolean => {
      const { status, body } = writeError({ failure, message })
      return readError(status, JSON.parse(body)).failure === failure
    }
    const filter: CanonicalAnswer = { id: '1', model: 'm', choices: [{ index: 0, blocks: [], finish: { stop: 'filter', raw: '' } }] }
    const says = ['anthropic-messages', 'gemini', 'bedrock-converse'].includes(dialect) ? [filter] : []
    const tooLong = 'prompt is too long: too many tokens; The input token count (9) exceeds the maximum'
    if (told('context', tooLong)) says.push({ failure: 'context', message: tooLong } as never)
    assert.notEqual(says.length, 0)
    for (const word of says) {
      const vendor = await openVendor(t, dialect, () => word)
      const other = await openUpstream(t, fine)
      const rig = await openRig(t, {
        providers: { p0: vendor.provider, p1: { use: 'openai-compatible', url: other.url } },
        routes: [{ name: 'all', match: { model: '*' }, targets: [{ provider: 'p0' }], fallback: [{ provider: 'p1' }], retry: { on: ['context', 'filter'] } }],
      })
      for (const stream of [false, true]) {
        const settled = rig.settled()
        await (await rig.post({ ...ASK, stream })).text()
        assert.deepEqual((await settled).attempts.map(({ error: why }) => why), ['failure' in word ? 'context' : 'filter', ''], `stream: ${stream}`)
      }
    }
  })
}
