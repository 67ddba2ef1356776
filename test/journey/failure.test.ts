import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { AccessRecord, StepRecord } from '../../sdk/index.ts'
import { chunks, compile, completion, onto, openRig, openUpstream, textOf, type Rig, type Upstream, type Written } from './rig.ts'
import { ASKING, openService, type Question } from './service.ts'

const ask = (more: object = {}): object => ({ model: 'm', messages: [{ role: 'user', content: 'a secret' }], ...more })

interface House {
  readonly rig: Rig
  readonly upstream: Upstream
  /** What comes of one request. */
  post(body: object, headers?: Record<string, string>): Promise<Outcome>
}

interface Outcome {
  readonly status: number
  /** Of the error; empty where there is none. */
  readonly code: string
  readonly text: string
  readonly headers: Headers
  readonly steps: readonly StepRecord[]
}

/** A house whose upstream answers whole or streamed, as it is asked. */
async function openHouse(
  t: TestContext, { chain, route = {}, ...more }: { chain: readonly unknown[] | Written; route?: Written } & Written,
): Promise<House> {
  const upstream = await openUpstream(t, (reply, body) => {
    const stream = body.includes('"stream":true')
    if (stream) reply.writeHead(200, { 'content-type': 'text/event-stream' }).end(chunks(['a sec', 'ret', ' or two']).join(''))
    else reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('a secret or two')))
  })
  const rig = await openRig(t, onto(upstream.url, {
    trusted: [ASKING], chains: { tested: chain }, route: { chain: 'tested', ...route }, ...more,
  }))
  return {
    rig, upstream,
    async post(body, headers = {}) {
      const settled = rig.settled()
      const reply = await rig.post(body, { headers })
      const text = await reply.text()
      const { steps } = await settled
      const { error } = (text.startsWith('{') ? JSON.parse(text) : {}) as { error?: { code: string } }
      return { status: reply.status, code: error?.code ?? '', text, headers: reply.headers, steps }
    },
  }
}

const crash = (question: Question): void => question.fail()
const nonsense = (question: Question): void => question.answer([{ segment: 99, start: 0, end: 1, type: 'x' }])
const silence = (): void => {}

for (const [what, hear, timeout, policy, code, status] of [
  ['crashes', crash, 5000, 'onError', 'step_failed', 500],
  ['answers nonsense', nonsense, 5000, 'onError', 'step_failed', 500],
  ['does not answer', silence, 30, 'onTimeout', 'step_timeout', 503],
] as const) {
  const other = policy === 'onError' ? 'onTimeout' : 'onError'

  test(`a step that ${what} on a request stops it where ${policy} is closed, whatever ${other} says`, async t => {
    const service = await openService(t, hear)
    const step = { use: ASKING, options: { url: service.url }, timeout, [policy]: 'closed', [other]: 'open' }
    const { post, upstream } = await openHouse(t, { chain: { request: [step] } })
    const { status: got, code: told, steps } = await post(ask())
    assert.deepEqual([got, told], [status, code])
    assert.deepEqual(steps.map(({ outcome }) => outcome), ['error'])
    assert.equal(upstream.requests.length, 0)
  })

  test(`a step that ${what} on a request lets it pass where ${policy} is open, and is never taken for passed`, async t => {
    const service = await openService(t, hear)
    const step = { use: ASKING, options: { url: service.url }, timeout, [policy]: 'open', [other]: 'closed' }
    const { post, upstream } = await openHouse(t, { chain: { request: [step] } })
    const { status: got, steps } = await post(ask())
    assert.equal(got, 200)
    assert.equal(upstream.requests[0]!.body.toString(), JSON.stringify(ask()), 'to the byte')
    assert.deepEqual(steps.map(({ outcome }) => outcome), ['error'])
    assert.match(steps[0]!.reason, /open$/)
  })

  test(`a step that ${what} in shadow stops nothing`, async t => {
    const service = await openService(t, hear)
    const step = { use: ASKING, options: { url: service.url }, timeout, mode: 'shadow' }
    const { post } = await openHouse(t, { chain: { request: [step] } })
    const { status: got, steps } = await post(ask())
    assert.deepEqual([got, steps[0]!.outcome], [200, 'error'])
  })

  test(`a step that ${what} on an answer, whole or streamed: closed, nothing of it arrives; open, all of it`, async t => {
    const service = await openService(t, hear)
    const step = { use: ASKING, options: { url: service.url }, timeout }
    const closed = await openHouse(t, { chain: { response: [step] } })
    const open = await openHouse(t, { chain: { response: [{ ...step, [policy]: 'open' }] } })
    for (const stream of [false, true]) {
      const refused = await closed.post(ask({ stream }))
      assert.deepEqual([refused.status, refused.code, refused.text.includes('sec')], [status, code, false])
      const passed = await open.post(ask({ stream }))
      assert.deepEqual([passed.status, passed.steps[0]!.outcome], [200, 'error'])
      if (stream) assert.equal(textOf(passed.text), 'a secret or two')
      else assert.equal(passed.text, JSON.stringify(completion('a secret or two')))
    }
  })
}

/** What a client hears of a stream that goes on once its begin has arrived. */
async function begunStream(t: TestContext, chain: Written, more: Written = {}): Promise<{ text: string; record: AccessRecord }> {
  const told = Promise.withResolvers<void>()
  const [first, ...frames] = chunks(['a sec', 'ret', ' or two'])
  const upstream = await openUpstream(t, async reply => {
    reply.writeHead(200, { 'content-type': 'text/event-stream' }).write(first)
    await told.promise
    reply.write(frames.join(''))
  })
  const rig = await openRig(t, onto(upstream.url, { trusted: [ASKING], chains: { tested: chain }, route: { chain: 'tested' }, ...more }))
  const settled = rig.settled()
  const reply = await rig.post(ask({ stream: true }))
  assert.equal(reply.status, 200)
  told.resolve()
  return { text: await reply.text(), record: await settled }
}

test('a step that fails in mid-stream ends it with an error event, and what was held stays', async t => {
  const service = await openService(t, question => question.fail())
  const { text, record } = await begunStream(t, { response: [{ use: ASKING, options: { url: service.url } }] })
  assert.match(text, /data: \{"error":\{[^\n]*"code":"step_failed"\}\}\n\n$/)
  assert.equal(textOf(text), '')
  assert.deepEqual([record.ending, record.error], ['refused', 'step_failed'])
})

test('more text than may be held ends the stream as a refusal', async t => {
  const service = await openService(t)
  const { text, record } = await begunStream(t, { response: [{ use: ASKING, options: { url: service.url } }] }, { limits: { held: 4 } })
  assert.match(text, /"finish_reason":"content_filter"[^]*data: \[DONE\]\n\n$/)
  assert.equal(textOf(text), '')
  assert.deepEqual([record.ending, record.steps[0]!.outcome, record.steps[0]!.reason], ['blocked', 'error', 'more text than may be held'])
})

test('a deadline for the chain is shared by its steps, and handed down as what is left', { timeout: 4000 }, async t => {
  const service = await openService(t, silence)
  const step = { use: ASKING, options: { url: service.url }, timeout: '5s', onTimeout: 'open' }
  const { post } = await openHouse(t, { chain: { request: [step, step, step] }, route: { timeouts: { chain: 200 } } })
  const began = performance.now()
  const { status, steps } = await post(ask())
  assert.equal(status, 200)
  assert.ok(performance.now() - began < 2000)
  assert.deepEqual(steps.map(({ outcome, reason }) => [outcome, reason]), [1, 2, 3].map(() => ['error', 'timeout, open']))
  const left = service.questions.map(({ remaining }) => remaining)
  assert.ok(left.length > 0 && left[0]! <= 200 && left.every((one, index) => index === 0 || one <= left[index - 1]!), left.join())
})

test('a step is told of the time that it has itself, where that is less', async t => {
  const service = await openService(t)
  const { post } = await openHouse(t, { chain: [{ use: ASKING, options: { url: service.url }, timeout: '1s' }] })
  for (const stream of [false, true]) assert.equal((await post(ask({ stream }))).status, 200)
  assert.ok(service.questions.length >= 4)
  assert.deepEqual(service.questions.filter(({ remaining }) => remaining > 1000 || remaining < 1), [])
})

test('the chain has its time for the request alone: an answer is judged after it', async t => {
  const request = await openService(t, silence)
  const response = await openService(t, question => question.answer(question.find('secret')))
  const { post } = await openHouse(t, {
    chain: {
      request: [{ use: ASKING, options: { url: request.url }, onTimeout: 'open' }],
      response: [{ use: ASKING, options: { url: response.url } }],
    },
    route: { timeouts: { chain: 20 } },
  })
  const { text } = await post(ask())
  assert.match(text, /"a \[WORD\] or two"/)
  assert.ok(response.questions[0]!.remaining > 1000)
})

const UNKNOWN = ask({ vendor_field: 'text that no map knows' })

for (const [onUncovered, status, warned] of [['allow', 200, false], ['warn', 200, true], ['reject', 400, false]] as const) {
  test(`text that no map covers, onUncovered: ${onUncovered}`, async t => {
    const { post, upstream, rig } = await openHouse(t, { chain: ['pii'], route: { onUncovered } })
    const { status: got, code, headers } = await post(UNKNOWN)
    assert.equal(got, status)
    assert.equal(code, status === 400 ? 'uncovered_text' : '')
    assert.equal(upstream.requests.length, status === 400 ? 0 : 1)
    assert.equal([...headers].some(([name, value]) => name.includes('warning') && /22 characters in 1 fields/.test(value)), warned)
    assert.equal(rig.records[0]!.uncovered, 22)
    assert.equal((await post(ask())).status, 200, 'what the map covers passes')
  })
}

test('a caller asks for more care than the route takes, request by request', async t => {
  const rehearsed = { use: 'moderation', mode: 'shadow', sample: 0, options: { words: { bad: ['secret'] } } }
  const { post } = await openHouse(t, { chain: [rehearsed] })
  assert.equal((await post(ask())).status, 200)
  assert.equal((await post(ask(), { 'x-gatehouse-shadow': 'enforce' })).code, 'content_filter')
  assert.equal((await post(UNKNOWN)).status, 200)
  assert.equal((await post(UNKNOWN, { 'x-gatehouse-uncovered': 'reject' })).code, 'uncovered_text')
  assert.equal((await post(ask())).status, 200, 'and it holds for that request alone')
})

test('a caller asks for an answer in less time', { timeout: 4000 }, async t => {
  const service = await openService(t, silence)
  const { post } = await openHouse(t, { chain: { request: [{ use: ASKING, options: { url: service.url } }] } })
  const { status, steps } = await post(ask(), { 'x-gatehouse-timeout': '300' })
  assert.ok(status === 503 || status === 504, String(status))
  assert.equal(steps[0]!.reason, 'timeout, closed')
  assert.ok(service.questions[0]!.remaining <= 300)
})

test('nobody loosens anything by a header: what is not understood is refused', async t => {
  const { post, upstream } = await openHouse(t, { chain: ['pii'], route: { onUncovered: 'reject' } })
  for (const [name, value] of [
    ['x-gatehouse-shadow', 'shadow'], ['x-gatehouse-shadow', 'off'],
    ['x-gatehouse-uncovered', 'allow'], ['x-gatehouse-uncovered', 'warn'],
    ['x-gatehouse-timeout', '0'], ['x-gatehouse-timeout', '5s'], ['x-gatehouse-timeout', '-1'],
  ] as const) {
    const { status, code } = await post(ask(), { [name]: value })
    assert.deepEqual([name, status, code], [name, 400, 'invalid_header'])
  }
  assert.equal((await post(UNKNOWN, { 'x-gatehouse-timeout': '999999999' })).code, 'uncovered_text')
  assert.equal(upstream.requests.length, 0)
})

test('a sample of 0 never looks, and says so', async t => {
  const service = await openService(t)
  const { post } = await openHouse(t, { chain: [{ use: ASKING, options: { url: service.url }, mode: 'shadow', sample: 0 }] })
  for (const stream of [false, true]) {
    const { steps } = await post(ask({ stream }))
    assert.deepEqual(steps.map(({ direction, outcome, reason, scanned }) => [direction, outcome, reason, scanned]), [
      ['request', 'skipped', 'not in the sample', 0], ['response', 'skipped', 'not in the sample', 0],
    ])
  }
  assert.equal(service.questions.length, 0)
})

for (const [step, needs, allowed] of [
  ['pii', 'holdback', ['holdback', 'window', 'complete']],
  [{ use: 'moderation', options: { words: { bad: ['secret'] } } }, 'live', ['live', 'holdback', 'window', 'complete']],
] as const) {
  test(`a route may force delivery as far as its steps allow: ${JSON.stringify(step)}`, async () => {
    for (const delivery of ['live', 'holdback', 'window', 'complete'] as const) {
      const config = onto('http://127.0.0.1:9/v1', { chain: [step], route: { delivery } })
      if ((allowed as readonly string[]).includes(delivery)) await (await compile(config)).close()
      else await assert.rejects(compile(config), RegExp(`/routes/0/delivery expected ${needs}, .*"pii".*"tested".*"all".*got ${delivery}`))
    }
  })
}
