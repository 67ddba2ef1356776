import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import remote from '../../processors/remote.ts'
import type { Finding, Segment } from '../../sdk/index.ts'
import { SCOPE, segmentOf } from '../core/toy-step.ts'
import { openUpstream, type Upstream } from '../journey/rig.ts'

type Options = Parameters<typeof remote.setup>[0]
type Answer = (reply: ServerResponse, body: Buffer) => void

interface Asking {
  readonly service: Upstream
  inspect(segments: readonly Segment[], remaining?: number): Promise<readonly Finding[]>
}

async function asking(t: TestContext, answer: Answer, more: Partial<Options> = {}): Promise<Asking> {
  const service = await openUpstream(t, answer)
  const detector = await remote.setup({ url: service.url, ...more })
  return { service, inspect: async (segments, remaining = 1000) => detector.inspect(segments, { ...SCOPE, remaining }) }
}

const json = (value: unknown, status = 200) => (reply: ServerResponse): void =>
  void reply.writeHead(status).end(JSON.stringify(value))
const found = (...findings: unknown[]): Answer => json({ findings })
const bodies = ({ requests }: Upstream): unknown[] => requests.map(({ body }) => JSON.parse(String(body)))
const FINDING = { segment: 0, start: 0, end: 4, type: 'name' }
/** A text of hostile characters: the name in it begins at 4 of UTF-16, and at 2 of code points. */
const ASTRAL = '😀🙈Jane\u{1f469}\u200d\u{1f4bb} Roe'

test('a service is asked about all segments at once, without what it has no use for', async t => {
  const { service, inspect } = await asking(t, found(), { key: 'secret' })
  assert.deepEqual(await inspect([segmentOf('Jane', 3), segmentOf('', 4), segmentOf('half \ud83d', 5)]), [])
  assert.deepEqual(bodies(service), [{
    direction: 'response',
    segments: [
      { id: 3, origin: 'assistant', trust: 'trusted', channel: 'text', text: 'Jane' },
      { id: 5, origin: 'assistant', trust: 'trusted', channel: 'text', text: 'half \ufffd' },
    ],
  }])
  const [{ request }] = service.requests as [Upstream['requests'][number]]
  assert.deepEqual([request.method, request.url, request.headers.authorization], ['POST', '/v1', 'Bearer secret'])
})

test('nothing to ask about is not asked', async t => {
  const { service, inspect } = await asking(t, found())
  assert.deepEqual(await inspect([segmentOf('')]), [])
  assert.equal(service.requests.length, 0)
})

test('what it finds is passed on, with the action of the options where it proposes none', async t => {
  const all = { ...FINDING, score: 0.5, action: 'mask', replacement: 'x' }
  const { inspect } = await asking(t, found(FINDING, { ...all, unknown: 1 }), { action: 'hash' })
  assert.deepEqual(await inspect([segmentOf('Jane')]), [{ ...FINDING, action: 'hash' }, all])
})

for (const [offsets, start, end] of [['utf-16', 4, 8], ['code-points', 2, 6]] as const) {
  test(`offsets in ${offsets} become those of the gateway`, async t => {
    const { inspect } = await asking(t, json({ offsets, findings: [{ ...FINDING, start, end }] }))
    assert.deepEqual((await inspect([segmentOf(ASTRAL)])).map(one => [one.start, one.end]), [[4, 8]])
  })
}

const MANY = { findings: Array.from({ length: 10_001 }, () => 0) }
const finding = (more: object): unknown => ({ findings: [{ ...FINDING, ...more }] })
const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
const DEEP_FIELD = `{"findings":[{"segment":0,"start":0,"end":4,"type":${DEEP}}]}`
const write = (body: string, status = 200, headers: Record<string, string> = {}): Answer => reply =>
  void reply.writeHead(status, headers).end(body)
const endless: Answer = reply => {
  const more = (): void => {
    if (reply.write('x'.repeat(65_536))) setImmediate(more)
    else reply.once('drain', more)
  }
  more()
}
const cutOff: Answer = reply => {
  reply.writeHead(200, { 'content-length': '99' }).write('{"fin')
  reply.destroy()
}

const hostile: readonly (readonly [what: string, answer: Answer, expected: RegExp])[] = [
  ['nothing', json(null), /^expected a list at findings$/],
  ['a list', json([]), /^expected a list at findings$/],
  ['another word', json({ results: [] }), /^expected a list at findings$/],
  ['findings by name', json({ findings: { length: 1 } }), /^expected a list at findings$/],
  ['a finding of nothing', json({ findings: [FINDING, null] }), /^expected an object at findings\[1\]$/],
  ['too many findings', json(MANY), /^expected at most 10000 findings at findings, got 10001$/],
  ['millions of findings', json(Array.from({ length: 2_500_000 }, () => 0)), /^expected an answer of at most 4194304 bytes/],
  ['an answer without end', endless, /at most 4194304 bytes/],
  ['another segment', json(finding({ segment: 1 })), /^expected the id of a segment .* at findings\[0\]\.segment$/],
  ['a segment in words', json(finding({ segment: '0' })), /findings\[0\]\.segment$/],
  ['a start before the text', json(finding({ start: -1 })), /^expected start and end within the text at findings\[0\]$/],
  ['a start in parts', json(finding({ start: 0.5 })), /start and end/],
  ['a start in words', json(finding({ start: '0' })), /start and end/],
  ['an end behind the text', json(finding({ end: 9 })), /start and end/],
  ['an end beyond all numbers', write('{"findings":[{"segment":0,"start":0,"end":1e400,"type":"name"}]}'), /start and end/],
  ['an end at the start', json(finding({ end: 0 })), /start and end/],
  ['no end', json(finding({ end: undefined })), /start and end/],
  ['no type', json(finding({ type: undefined })), /^expected a name of at most 64 letters, .* at findings\[0\]\.type$/],
  ['a type that is a sentence', json(finding({ type: 'Jane Roe' })), /findings\[0\]\.type$/],
  ['a type without end', json(finding({ type: 'a'.repeat(65) })), /findings\[0\]\.type$/],
  ['a type of every object', write('{"findings":[{"segment":0,"start":0,"end":4,"type":"__proto__"}]}'), /findings\[0\]\.type$/],
  ['a score above 1', json(finding({ score: 2 })), /^expected a number from 0 to 1 at findings\[0\]\.score$/],
  ['a score in words', json(finding({ score: '0.5' })), /\.score$/],
  ['a score of nothing', json(finding({ score: null })), /\.score$/],
  ['an unknown action', json(finding({ action: 'constructor' })), /^expected one of allow, .* at findings\[0\]\.action$/],
  ['a replacement that is none', json(finding({ replacement: 5 })), /^expected a text at findings\[0\]\.replacement$/],
  ['offsets in bytes', json({ offsets: 'bytes', findings: [] }), /^expected utf-16 or code-points at offsets$/],
  ['depth', write(DEEP), /^expected a list at findings$/],
  ['depth in a field', write(DEEP_FIELD), /findings\[0\]\.type$/],
  ['no JSON', write('Jane'), /^expected an answer in JSON, got something else$/],
  ['no bytes', write(''), /^expected an answer in JSON/],
  ['another place', write('', 302, { location: 'http://169.254.169.254/latest' }), /^expected status 200, got 302$/],
  ['an error that quotes', json({ error: 'Jane' }, 500), /^expected status 200, got 500$/],
  ['a cut connection', reply => { reply.destroy() }, /^expected an answer, got (?:UND_ERR_SOCKET|ECONNRESET)$/],
  ['a cut answer', cutOff, /^expected an answer, got (?:UND_ERR_SOCKET|ECONNRESET|none)$/],
]
for (const [what, answer, expected] of hostile) {
  test(`${what} is an error that names the place, and quotes nothing`, async t => {
    const { inspect } = await asking(t, answer)
    await assert.rejects(inspect([segmentOf('Jane')]), (error: Error) => {
      assert.match(error.message, expected)
      assert.ok(!/Jane/.test(error.message + String(error.cause)))
      return true
    })
  })
}

const PRESIDIO = { presidio: {} }
const ENTITY = { analysis_explanation: null, start: 0, end: 4, score: 0.85, entity_type: 'PERSON' }

test('an analyzer is asked about each text by itself, and its entities are findings', async t => {
  const { service, inspect } = await asking(t, (reply, body) => {
    json(String(body).includes('Jane') ? [ENTITY, { ...ENTITY, entity_type: 'US_SSN', score: 0.6499999999999999 }] : [])(reply)
  }, { presidio: { language: 'de', threshold: 0.4, entities: ['PERSON', 'US_SSN'] }, connections: 2 })
  const segments = ['Jane', 'a', 'b', '', 'c'].map((text, id) => segmentOf(text, id))
  assert.deepEqual(await inspect(segments), [
    { segment: 0, start: 0, end: 4, type: 'person', score: 0.85, action: 'tokenize' },
    { segment: 0, start: 0, end: 4, type: 'us_ssn', score: 0.6499999999999999, action: 'tokenize' },
  ])
  assert.deepEqual(bodies(service).map(body => (body as { text: string }).text).toSorted(), ['Jane', 'a', 'b', 'c'])
  assert.deepEqual(bodies(service)[0], { text: 'Jane', language: 'de', score_threshold: 0.4, entities: ['PERSON', 'US_SSN'] })
  assert.ok(service.requests.every(({ request }) => request.url === '/v1/analyze'))
})

test('an analyzer is told no more than the options say', async t => {
  const { service, inspect } = await asking(t, json([]), PRESIDIO)
  await inspect([segmentOf('Jane')])
  assert.deepEqual(bodies(service), [{ text: 'Jane', language: 'en' }])
})

for (const [text, start, end, expected] of [
  ['Jane Roe', 0, 8, 'Jane Roe'], [ASTRAL, 2, 6, 'Jane'], [ASTRAL, 0, 1, '😀'], [ASTRAL, 6, 13, '\u{1f469}\u200d\u{1f4bb} Roe'],
  ['\ud83d 😀Jane', 3, 7, 'Jane'], ['漢字Jane', 2, 6, 'Jane'],
] as const) {
  test(`an analyzer counts code points: ${JSON.stringify(text)} from ${start} to ${end}`, async t => {
    const { inspect } = await asking(t, json([{ ...ENTITY, start, end }]), PRESIDIO)
    const [one] = await inspect([segmentOf(text)])
    assert.equal(text.slice(one!.start, one!.end), expected)
  })
}

for (const [what, answer, expected] of [
  ['an error of its own', json({ error: 'No text provided' }, 500), /^expected status 200, got 500$/],
  ['no list', json({ error: 'x' }), /^expected a list at the answer$/],
  ['an end behind its code points', json([{ ...ENTITY, end: ASTRAL.length }]), /within the text at the answer\[0\]$/],
  ['an entity without a name', json([ENTITY, { ...ENTITY, entity_type: '' }]), /at the answer\[1\]\.entity_type$/],
] as const) {
  test(`of an analyzer, ${what} is an error`, async t => {
    const { inspect } = await asking(t, answer, PRESIDIO)
    await assert.rejects(inspect([segmentOf(ASTRAL)]), { message: expected })
  })
}

test('where an analyzer fails on one text, those that wait are not asked about', async t => {
  const { service, inspect } = await asking(t, json({}, 500), { ...PRESIDIO, connections: 1 })
  await assert.rejects(inspect([segmentOf('a', 0), segmentOf('b', 1), segmentOf('c', 2)]), /status 200/)
  assert.equal(service.requests.length, 1)
})

test('a call is given up soon after its time', async t => {
  const closed = Promise.withResolvers<void>()
  const { inspect } = await asking(t, reply => { reply.once('close', () => closed.resolve()) })
  await assert.rejects(inspect([segmentOf('Jane')], 1.5), /^Error: expected an answer, got none$/)
  await closed.promise
})

test('calls share few connections', async t => {
  let open = 0
  let most = 0
  const { inspect } = await asking(t, reply => {
    most = Math.max(most, ++open)
    setTimeout(() => { open--; found()(reply, Buffer.alloc(0)) }, 5)
  }, { connections: 3 })
  await Promise.all(Array.from({ length: 12 }, () => inspect([segmentOf('Jane')])))
  assert.equal(most, 3)
})

test('more calls than may wait are refused at once', async t => {
  const { inspect } = await asking(t, () => {}, { connections: 1 })
  const errors = await Promise.all(Array.from({ length: 1030 }, () => inspect([segmentOf('Jane')], 1).then(() => '', String)))
  const refused = errors.filter(error => error.endsWith('expected room to wait, got 1024 calls that do'))
  assert.equal(refused.length, 5)
})

test('nothing is asked of a service that is not there', async () => {
  const detector = await remote.setup({ url: 'http://127.0.0.1:9/' })
  await assert.rejects(async () => detector.inspect([segmentOf('Jane')], SCOPE), /^Error: expected an answer, got ECONNREFUSED$/)
})

test('what it needs of a stream, the operator says', () => {
  const url = 'http://h'
  assert.deepEqual(remote.streamFor!({ url }), { delivery: 'window', window: { size: 1000, overlap: 200 } })
  assert.deepEqual(remote.streamFor!({ url, window: 299 }), { delivery: 'window', window: { size: 299, overlap: 59 } })
  assert.deepEqual(remote.streamFor!({ url, window: 'whole' }), { delivery: 'complete' })
})
