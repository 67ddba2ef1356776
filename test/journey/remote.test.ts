// A detector whose judgement is made elsewhere, in a whole gateway: what it finds, and what becomes of the traffic when the
// service fails.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { ServerResponse } from 'node:http'
import { checkBodies } from '../../core/conformance/bodies.ts'
import { openRig as openKit } from '../../core/conformance/rig.ts'
import { checkStreams } from '../../core/conformance/streams.ts'
import { Subject } from '../../core/conformance/subject.ts'
import type { RouteDescription } from '../../core/description.ts'
import remote from '../../processors/remote.ts'
import type { StepRecord } from '../../sdk/index.ts'
import { ASKING } from './service.ts'
import { chunks, compile, completion, onto, openRig, openUpstream, textOf, type Rig, type Upstream, type Written } from './rig.ts'

const WORD = 'Jane'
const ask = (content: string, more: object = {}): object => ({ model: 'm', messages: [{ role: 'user', content }], ...more })
const turn = (): Promise<void> => new Promise(resolve => { setTimeout(resolve, 10) })

interface Service extends Upstream {
  /** While it is down it answers 503, and while it is silent not at all. */
  state: 'up' | 'down' | 'silent'
}

/** A service that finds a word, by the wire format or as an analyzer does. */
async function openService(t: TestContext): Promise<Service> {
  const findAll = (text: string): { start: number; end: number }[] =>
    [...text.matchAll(RegExp(WORD, 'g'))].map(({ index }) => ({ start: index, end: index + WORD.length }))
  const answer = (reply: ServerResponse, body: Buffer): void => {
    if (service.state === 'silent') return
    if (service.state === 'down') return void reply.writeHead(503).end()
    const { segments, text } = JSON.parse(String(body)) as { segments?: { id: number; text: string }[]; text?: string }
    const findings = segments?.flatMap(one => findAll(one.text).map(span => ({ segment: one.id, ...span, type: 'name' })))
    const points = (offset: number): number => Array.from(text!.slice(0, offset)).length
    const entities = () => findAll(text!).map(({ start, end }) =>
      ({ entity_type: 'PERSON', start: points(start), end: points(end), score: 0.85 }))
    reply.end(JSON.stringify(findings === undefined ? entities() : { findings }))
  }
  const service: Service = { ...await openUpstream(t, answer), state: 'up' }
  return service
}

interface House {
  readonly rig: Rig
  readonly upstream: Upstream
  readonly service: Service
  post(body: object, headers?: Record<string, string>): Promise<Outcome>
}

interface Outcome {
  readonly status: number
  /** Of the error; empty where there is none. */
  readonly code: string
  readonly retryAfter: string | null
  readonly text: string
  readonly steps: readonly StepRecord[]
}

const SAYS = ['It was Ja', 'ne 😀 who', ' said it.']

/** A gateway with a chain around the step, before an upstream that speaks of Jane. */
async function openHouse(
  t: TestContext, { options, above = [], ...step }: { options?: object; above?: readonly unknown[] } & Written = {},
): Promise<House> {
  const service = await openService(t)
  const upstream = await openUpstream(t, (reply, body) => {
    if (body.includes('"stream":true')) reply.writeHead(200, { 'content-type': 'text/event-stream' }).end(chunks(SAYS).join(''))
    else reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion(SAYS.join(''))))
  })
  const rig = await openRig(t, onto(upstream.url, {
    trusted: [ASKING], limits: { verdicts: 0 }, plugins: ['health'],
    chain: [...above, { use: 'remote', options: { url: service.url, ...options }, ...step }],
  }))
  return {
    rig, upstream, service,
    async post(body, headers = {}) {
      const settled = rig.settled()
      const reply = await rig.post(body, { headers })
      const text = await reply.text()
      const { steps } = await settled
      const { error } = (text.startsWith('{') ? JSON.parse(text) : {}) as { error?: { code: string } }
      return { status: reply.status, code: error?.code ?? '', retryAfter: reply.headers.get('retry-after'), text, steps }
    },
  }
}

const tried = async ({ post }: House, times: number): Promise<[number, string][]> => {
  const outcomes: [number, string][] = []
  for (let i = 0; i < times; i++) {
    const { status, steps } = await post(ask('Hi'))
    outcomes.push([status, steps[0]!.reason])
  }
  return outcomes
}

for (const [speaks, options, type] of [
  ['the wire format', {}, 'NAME'], ['as an analyzer does', { presidio: {} }, 'PERSON'],
] as const) {
  test(`what a service finds that speaks ${speaks} is taken out of requests, answers and streams`, async t => {
    const { post, upstream } = await openHouse(t, { options })
    const request = await post(ask(`😀 ${WORD} asks`))
    assert.match(String(upstream.requests[0]!.body), RegExp(`"content":"😀 ${type}_1_[0-9a-z]+ asks"`))
    assert.equal(request.text, JSON.stringify(completion(`It was [${type}] 😀 who said it.`)))
    const streamed = await post(ask('Hi', { stream: true }))
    assert.equal(textOf(streamed.text), `It was [${type}] 😀 who said it.`)
    assert.deepEqual(streamed.steps.map(({ outcome, findings }) => [outcome, findings]), [
      ['pass', {}], ['edit', { [type.toLowerCase()]: 1 }],
    ])
  })
}

test('a service below pii sees what pii has left', async t => {
  const { post, service } = await openHouse(t, { above: ['pii'] })
  await post(ask('Write to jane.roe@example.com'))
  assert.match(String(service.requests[0]!.body), /"text":"Write to EMAIL_1_/)
})

test('a service that is down stops the traffic, at once when the breaker has opened, until it is back', async t => {
  const house = await openHouse(t, { breaker: { failures: 2, pause: 200 } })
  const { service, upstream, rig } = house
  service.state = 'down'
  assert.deepEqual(await tried(house, 2), [[500, 'crash, closed'], [500, 'crash, closed']])
  const { status, code, retryAfter, text, steps } = await house.post(ask('Hi'))
  assert.deepEqual([status, code, retryAfter, steps[0]!.reason], [503, 'unavailable', '1', 'left alone, closed'])
  assert.match(text, /The step \\"remote\\" is left alone after it failed, and it guards this route closed\./)
  assert.deepEqual([service.requests.length, upstream.requests.length], [2, 0])
  const why = 'left alone after 2 failures in a row, the last of them: expected status 200, got 503'
  assert.deepEqual(rig.server.ask('health', undefined), [`remote, request 1 of the chain tested: ${why}`])
  const streamed = await house.post(ask('Hi', { stream: true }))
  assert.deepEqual([streamed.status, streamed.code], [503, 'unavailable'])

  service.state = 'up'
  while ((await house.post(ask('Hi'))).status !== 200) await turn()
  assert.deepEqual(rig.server.ask('health', undefined), [])
  const told = rig.log.map(line => JSON.parse(line) as Record<string, unknown>).filter(({ step }) => step === 'remote')
  assert.deepEqual(told.map(line => [line['msg'], line['about'], line['why']]), [
    ['something is wrong with a step', 'request 1 of the chain tested', why],
    ['a step is well again', 'request 1 of the chain tested', why],
  ])
})

test('one that fails open lets it pass, and the record says that it was left alone', async t => {
  const house = await openHouse(t, { breaker: { failures: 1, pause: '30s' }, onError: 'open' })
  house.service.state = 'down'
  await house.post(ask('Hi'))
  for (const stream of [false, true]) {
    const { status, text, steps } = await house.post(ask(`${WORD}`, { stream }))
    assert.equal(status, 200)
    assert.ok((stream ? textOf(text) : text).includes(SAYS.join('')))
    assert.deepEqual(steps.map(({ direction, outcome, reason }) => [direction, outcome, reason]), [
      ['request', 'error', 'left alone, open'], ['response', 'error', 'left alone, open'],
    ])
  }
  assert.equal(house.service.requests.length, 1)
})

test('a service elsewhere has a breaker where the config says nothing', async t => {
  const house = await openHouse(t)
  house.service.state = 'down'
  const outcomes = await tried(house, 6)
  assert.deepEqual(outcomes.map(([status]) => status), [500, 500, 500, 500, 500, 503])
})

test('a breaker opens after timeouts, and callers in haste do not open it', { timeout: 10_000 }, async t => {
  const house = await openHouse(t, { breaker: { failures: 2 }, timeout: '300ms' })
  house.service.state = 'silent'
  for (let i = 0; i < 3; i++) {
    const { steps } = await house.post(ask('Hi'), { 'x-gatehouse-timeout': '60' })
    assert.equal(steps[0]!.reason, 'timeout, closed')
  }
  const outcomes = [[503, 'timeout, closed'], [503, 'timeout, closed'], [503, 'left alone, closed']]
  assert.deepEqual(await tried(house, 3), outcomes)
  assert.match(String(house.rig.server.ask('health', undefined)), /in a row, the last of them: it gave no answer in time$/)
})

test('any step that requests wait for may have one; what its errors say is nobody\'s business', async t => {
  const service = await openUpstream(t, reply => { reply.writeHead(500).end() })
  const rig = await openRig(t, onto('http://127.0.0.1:9/v1', {
    trusted: [ASKING], plugins: ['health'],
    chain: [{ use: ASKING, options: { url: service.url }, breaker: { failures: 1 } }],
  }))
  assert.deepEqual([(await rig.post(ask('Hi'))).status, (await rig.post(ask('Hi'))).status], [500, 503])
  assert.equal(service.requests.length, 1)
  assert.match(String(rig.server.ask('health', undefined)), /^asking, request 1 of the chain tested: .*: it failed$/)
})

const described = async (step: Written): Promise<RouteDescription> => {
  const gateway = await compile(onto('http://127.0.0.1:9/v1', { chain: [step] }))
  const [route] = gateway.describe()
  await gateway.close()
  return route!
}

for (const [options, delivery] of [[{}, 'window'], [{ window: 300 }, 'window'], [{ window: 'whole' }, 'complete']] as const) {
  test(`gatehouse check says where text goes, and how streams wait for it: ${JSON.stringify(options)}`, async () => {
    const told = await described({ use: 'remote', options: { url: 'https://guard.example:8443/judge', ...options } })
    assert.deepEqual(told.request, ['remote (detector: enforce, inline, onError closed, sends text to guard.example:8443)'])
    assert.equal(told.delivery, `${delivery} (remote)`)
  })
}

const url = 'http://127.0.0.1:9'
const OF_WINDOW = /\/options\/window expected whole, or a number of characters from 100 to 100000/
for (const [what, step, expected] of [
  ['in a thread', { use: 'remote', run: 'pool', options: { url } }, /\/0\/run expected inline, for a step that asks/],
  ['in a sandbox', { use: 'remote', run: 'sandbox', options: { url } }, /there is no Node in a sandbox: run it inline/],
  ['with a name in its url', { use: 'remote', options: { url: 'http://me:word@h' } }, /\/url expected a URL that begins with/],
  ['with a url that leads nowhere', { use: 'remote', options: { url: 'http://h:99999' } }, /expected a url with a host, and/],
  ['with an unknown window', { use: 'remote', options: { url, window: 0 } }, OF_WINDOW],
  ['with a language elsewhere', { use: 'remote', options: { url, language: 'de' } }, /expected one of url, key, presidio/],
  ['that nobody waits for, with a breaker', { use: 'meter', breaker: {} }, /\/0\/breaker expected .*; got meter, an observer/],
] as const) {
  test(`a step ${what} is refused`, async () => {
    await assert.rejects(compile(onto('http://127.0.0.1:9/v1', { chain: [step] })), expected)
  })
}

test('whole and streamed, cut anywhere and in every dialect, it keeps its contract where a service answers', async t => {
  const service = await openService(t)
  const options = { url: service.url }
  const kit = await openKit('remote', remote, options)
  t.after(() => kit.close())
  const subject = new Subject(remote, [WORD], kit, await remote.setup(options))
  // Few, since the kit cuts each of them everywhere.
  const groups = [[`😀 ${WORD}${WORD}.`, 'By nobody.']]
  const rows = [...await checkBodies(subject, groups), await checkStreams(subject, groups), subject.results.row()]
  assert.deepEqual(rows.flatMap(({ failures }) => failures), [])
  assert.ok(subject.results.cases > 100, String(subject.results.cases))
})
