import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { chunks, completion, onto, openRig, openUpstream } from './rig.ts'

const KEY = 'sk-explained'
const consumers = (rights: string[]): object => ({
  consumers: [{ name: 'shop', keys: [{ sha256: createHash('sha256').update(KEY).digest('hex') }], rights }],
})
const PII = [{ use: 'pii', options: { action: 'mask' } }, { use: 'moderation', mode: 'shadow', options: { words: { violence: ['blow up'] } } }]
const json = (content: string): string => JSON.stringify(completion(content))
const ask = (text: string, more: object = {}): object => ({ model: 'm', messages: [{ role: 'user', content: text }], ...more })
const headers = { authorization: `Bearer ${KEY}` }

test('the record tells each finding without its value, in both directions', async t => {
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'application/json' }).end(json('Write to ann@example.org now')))
  const rig = await openRig(t, { ...onto(upstream.url, { chain: PII }), plugins: ['explain'] })
  const settled = rig.settled()
  await (await rig.post(ask('I am jane@example.com, jane@example.com'))).text()
  const record = await settled
  const [down, , , up] = [record.steps[0]!, record.steps[1], record.steps[2], record.steps.find(step => step.step === 'pii' && step.direction === 'response')!]
  assert.deepEqual(down.details!.map(({ type, action, path, start, length }) => ({ type, action, path, start, length })), [
    { type: 'email', action: 'mask', path: '/messages/0/content', start: 5, length: 16 },
    { type: 'email', action: 'mask', path: '/messages/0/content', start: 23, length: 16 },
  ])
  assert.equal(down.details![0]!.hash, down.details![1]!.hash, 'equal values are equal')
  assert.notEqual(down.details![0]!.hash, up.details![0]!.hash)
  assert.deepEqual(up.details!.map(({ path, start, length }) => [path, start, length]), [['/choices/0/message/content', 9, 15]])
  assert.doesNotMatch(JSON.stringify(record), /jane|ann@/)
  assert.doesNotMatch(rig.log.join(''), /jane|ann@/)
})

test('in a stream, offsets count from the beginning of the text, and holding back is told of', async t => {
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'text/event-stream' }).end(chunks(['Write to ', 'ann@exam', 'ple.org', ' now']).join('')))
  const rig = await openRig(t, { ...onto(upstream.url, { chain: PII }), plugins: ['explain'] })
  const settled = rig.settled()
  await (await rig.post(ask('hi', { stream: true }))).text()
  const record = await settled
  const up = record.steps.find(step => step.step === 'pii' && step.direction === 'response')!
  assert.deepEqual(up.details!.map(({ start, length }) => [start, length]), [[9, 15]])
  assert.equal(record.stream!.delivery, 'holdback')
  assert.ok(record.stream!.heldChars >= 15)
  assert.equal(record.stream!.released, 'Write to ***@*******.*** now'.length)
})

test('without the plugin nothing is kept of single findings', async t => {
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'application/json' }).end(json('ok')))
  const rig = await openRig(t, onto(upstream.url, { chain: PII }))
  const settled = rig.settled()
  await (await rig.post(ask('jane@example.com'))).text()
  assert.ok((await settled).steps.every(step => step.details === undefined))
})

for (const { rights, told } of [{ rights: ['explain'], told: true }, { rights: [], told: false }]) {
  test(`a consumer ${told ? 'with' : 'without'} the right ${told ? 'reads' : 'does not read'} a summary in the head`, async t => {
    const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'application/json' }).end(json('ok')))
    const rig = await openRig(t, { ...onto(upstream.url, { chain: PII }), ...consumers(rights) })
    const reply = await rig.post(ask('jane@example.com'), { headers })
    assert.equal(reply.status, 200)
    const summary = reply.headers.get('x-gatehouse-explain')
    if (told) assert.match(summary!, /^pii request edit email=1; moderation request shadow pass; /)
    else assert.equal(summary, null)
  })
}

test('text that no map covers is told of in a header, and the answer comes all the same', async t => {
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'application/json' }).end(json('ok')))
  const rig = await openRig(t, onto(upstream.url, { chain: PII }))
  const reply = await rig.post(ask('hi', { brand_new_field: 'hello' }))
  assert.equal(reply.status, 200)
  assert.equal(reply.headers.get('x-gatehouse-warning'), 'gatehouse: 5 characters in 1 fields were read by no step')
})
