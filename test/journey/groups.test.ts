import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { compile, completion, chunks, onto, openRig, openUpstream, type Written } from './rig.ts'
import { ASKING, openService, type Question } from './service.ts'
import { hear, payloadsOf } from './streams.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const ask = (content: string, more: object = {}): object => ({ model: 'm', messages: [{ role: 'user', content }], ...more })
const asking = (url: string, more: object = {}): object => ({ use: ASKING, options: { url }, ...more })

/** A config whose chain only looks at requests. */
const down = (url: string, steps: readonly unknown[], more: Written = {}): Written =>
  onto(url, { trusted: [ASKING], chains: { tested: { request: steps } }, route: { chain: 'tested' }, ...more })

/** A promise of each question to a service. */
function promised() {
  const question = Promise.withResolvers<Question>()
  return { question: question.promise, listen: question.resolve }
}

for (const order of [[0, 1, 2], [2, 1, 0], [1, 2, 0]]) {
  test(`members are merged by the order of the config, though they answer in the order ${order.join()}`, async t => {
    const upstream = await openUpstream(t, reply => reply.writeHead(200, JSON_TYPE).end(JSON.stringify(completion('fine'))))
    const heard = [promised(), promised(), promised()]
    const services = await Promise.all(heard.map(({ listen }) => openService(t, listen)))
    const rig = await openRig(t, down(upstream.url, [{ together: services.map(({ url }) => asking(url)) }]))
    const settled = rig.settled()
    const reply = rig.post(ask('alpha beta gamma'))
    const questions = await Promise.all(heard.map(({ question }) => question))
    const answers = [
      questions[0]!.find('alpha', { type: 'first' }),
      [...questions[1]!.find('alpha', { type: 'second' }), ...questions[1]!.find('beta gamma', { type: 'longer' })],
      questions[2]!.find('beta', { type: 'shorter', score: 1 }),
    ]
    for (const index of order) questions[index]!.answer(answers[index]!)
    assert.equal((await reply).status, 200)
    assert.match(upstream.requests[0]!.body.toString(), /"content":"\[FIRST\] \[LONGER\]"/)
    assert.deepEqual((await settled).steps.map(({ outcome, findings }) => [outcome, findings]), [
      ['edit', { first: 1 }], ['edit', { second: 1, longer: 1 }], ['edit', { shorter: 1 }],
    ])
  })
}

test('a block of one member cancels those after it, and nothing goes upstream', async t => {
  const upstream = await openUpstream(t, reply => reply.end())
  const clean = await openService(t)
  const strict = await openService(t, question => question.answer(question.find('secret', { action: 'block' })))
  const silent = await openService(t, () => {})
  const rig = await openRig(t, down(upstream.url, [{ together: [clean, strict, silent].map(({ url }) => asking(url)) }]))
  const settled = rig.settled()
  assert.equal((await rig.post(ask('a secret'))).status, 400)
  assert.deepEqual((await settled).steps.map(({ outcome, reason }) => [outcome, reason]), [
    ['pass', ''], ['block', ''], ['skipped', 'asking ended the exchange before'],
  ])
  assert.equal(silent.questions.length, 1, 'it was asked at the same time')
  assert.equal(upstream.requests.length, 0)
})

test('only detectors stand together', async () => {
  const decorate = { use: 'prompt-decorate', options: { prepend: [{ role: 'system', text: 'x' }] } }
  const config = onto('http://127.0.0.1:9/v1', { chain: [{ together: ['pii', decorate] }] })
  await assert.rejects(compile(config), /\/chains\/tested\/0\/together\/1\/use expected detectors in a group.*prompt-decorate/)
})

const BESIDE = { beside: 'upstream', rights: ['annotate', 'block'] }

for (const stream of [false, true]) {
  const how = stream ? 'a stream' : 'a whole answer'

  test(`beside the upstream: it is asked before the verdict, and the client gets the first byte of ${how} after it`, async t => {
    const answered = Promise.withResolvers<void>()
    const upstream = await openUpstream(t, (reply, body) => {
      if (body.includes('"other"')) return void reply.writeHead(200, JSON_TYPE).end(JSON.stringify(completion('other')))
      if (stream) reply.writeHead(200, { 'content-type': 'text/event-stream' }).end(chunks(['fi', 'ne']).join(''), answered.resolve)
      else reply.writeHead(200, JSON_TYPE).end(JSON.stringify(completion('fine')), answered.resolve)
    })
    const { question, listen } = promised()
    const service = await openService(t, listen)
    const rig = await openRig(t, down(upstream.url, [asking(service.url, { ...BESIDE, when: 'request.model != "other"' })]))
    let replied = false
    const reply = rig.post(ask('hello', { stream })).then(response => {
      replied = true
      return response
    })
    await answered.promise
    const verdict = await question
    assert.equal(await rig.post(ask('hello', { model: 'other' })).then(other => other.status), 200, 'others are served meanwhile')
    assert.equal(replied, false)
    verdict.answer([])
    const text = await (await reply).text()
    assert.equal(hear(stream ? payloadsOf(text) : [text])['0 content'], 'fine')
  })

  test(`beside the upstream: a block is a 400 though ${how} has begun, and the call is closed`, async t => {
    const gone = Promise.withResolvers<boolean>()
    const begun = Promise.withResolvers<void>()
    const upstream = await openUpstream(t, reply => {
      reply.on('close', () => gone.resolve(reply.writableFinished))
      reply.writeHead(200, stream ? { 'content-type': 'text/event-stream' } : JSON_TYPE)
      reply.write(stream ? chunks(['unwanted']).slice(0, 2).join('') : '{"choices":', () => begun.resolve())
    })
    const { question, listen } = promised()
    const service = await openService(t, listen)
    const rig = await openRig(t, down(upstream.url, [asking(service.url, BESIDE)]))
    const settled = rig.settled()
    const reply = rig.post(ask('a secret', { stream }))
    await begun.promise
    const verdict = await question
    verdict.answer(verdict.find('secret', { action: 'block' }))
    assert.equal((await reply).status, 400)
    assert.equal((await (await reply).json() as { error: { code: string } }).error.code, 'content_filter')
    assert.equal(await gone.promise, false)
    assert.deepEqual([(await settled).ending, (await settled).steps[0]?.outcome], ['blocked', 'block'])
  })
}

test('beside the upstream: a block holds though the upstream fails first', async t => {
  const { question, listen } = promised()
  const failed = Promise.withResolvers<void>()
  const upstream = await openUpstream(t, reply => reply.writeHead(400, JSON_TYPE).end('{"error":{}}', failed.resolve))
  const service = await openService(t, listen)
  const rig = await openRig(t, down(upstream.url, [asking(service.url, BESIDE)]))
  const reply = rig.post(ask('a secret'))
  await failed.promise
  const verdict = await question
  verdict.answer(verdict.find('secret', { action: 'block' }))
  assert.equal((await (await reply).json() as { error: { code: string } }).error.code, 'content_filter')
})

for (const [onError, status] of [['open', 200], ['closed', 500]] as const) {
  test(`beside the upstream: a step that fails ${onError}`, async t => {
    const upstream = await openUpstream(t, reply => reply.writeHead(200, JSON_TYPE).end(JSON.stringify(completion('fine'))))
    const service = await openService(t, question => question.fail())
    const rig = await openRig(t, down(upstream.url, [asking(service.url, { ...BESIDE, onError })]))
    assert.equal((await rig.post(ask('hello'))).status, status)
  })
}

test('beside the upstream: what may edit stands there in vain, and the config says so', async () => {
  const config = down('http://127.0.0.1:9/v1', [asking('http://127.0.0.1:9', { beside: 'upstream' })])
  await assert.rejects(compile(config), /\/chains\/tested\/request\/0\/beside expected a step without the right to edit/)
})

const LONG = 'A turn of a conversation that is long enough to be worth remembering what was made of it.'
const turns = (...contents: string[]): object => ({ model: 'm', messages: contents.map(content => ({ role: 'user', content })) })
const contentsOf = (body: Buffer): string[] =>
  (JSON.parse(body.toString()) as { messages: { content: string }[] }).messages.map(({ content }) => content)
const KEYS = ['key-of-a-consumer', 'key-of-another-one']

for (const [what, limits, asked] of [
  ['a turn that came before is not judged again', {}, [[LONG], [`${LONG} Or two.`], [LONG]]],
  ['limits.verdicts: 0 switches that off', { verdicts: 0 }, [[LONG], [LONG, `${LONG} Or two.`], [LONG, `${LONG} Or two.`], [LONG]]],
] as const) {
  test(`${what}; another consumer's is, in any case`, async t => {
    const upstream = await openUpstream(t, reply => reply.writeHead(200, JSON_TYPE).end(JSON.stringify(completion('fine'))))
    const service = await openService(t, question => question.answer(question.find('turn')))
    const consumers = KEYS.map((key, index) => ({ name: `consumer-${index}`, keys: [{ sha256: hash('sha256', key) }] }))
    const rig = await openRig(t, down(upstream.url, [asking(service.url)], { consumers, limits }))
    const post = async (body: object, key = 0): Promise<void> => {
      assert.equal((await rig.post(body, { headers: { authorization: `Bearer ${KEYS[key]}` } })).status, 200)
    }
    await post(turns(LONG))
    await post(turns(LONG, `${LONG} Or two.`))
    await post(turns(LONG, `${LONG} Or two.`))
    await post(turns(LONG), 1)
    assert.deepEqual(service.questions.map(({ segments }) => segments.map(({ text }) => text)), asked)
    const edited = LONG.replace('turn', '[WORD]')
    assert.deepEqual(upstream.requests.map(({ body }) => contentsOf(body)), [
      [edited], [edited, `${edited} Or two.`], [edited, `${edited} Or two.`], [edited],
    ], 'known or not, the edits are the same')
  })
}
