import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { parseConfig } from '../../config/loader.ts'
import { explainRequest, type Asked } from '../../core/explain-request.ts'
import { printable } from '../../core/explanation-text.ts'
import type { Explanation } from '../../core/explanation.ts'
import { openUpstream } from '../journey/rig.ts'

const KEY = 'sk-never-to-be-printed'
const MAIL = 'jane.roe@example.com'
const providers = {
  openai: { use: 'openai', key: KEY },
  claude: { use: 'anthropic', key: KEY },
  aws: { use: 'bedrock', key: `AKIA:${KEY.replaceAll('-', '')}`, options: { region: 'eu-central-1' } },
}
const to = (name: string, more: object = {}): object =>
  ({ name, match: { model: '*' }, targets: [{ provider: 'openai' }], ...more })
/** One route with a chain. */
const guarded = (...steps: readonly unknown[]): object => ({ chains: { guarded: steps }, routes: [to('all', { chain: 'guarded' })] })
/** A step that blocks a word. */
const kind = (more: object = {}): object => ({ use: 'moderation', mode: 'enforce', options: { words: { rude: ['fool'] } }, ...more })

async function explained(config: object, asked: Partial<Omit<Asked, 'body'>> & { body?: unknown } = {}): Promise<Explanation> {
  const written = JSON.stringify({ providers, routes: [to('all')], ...config })
  const loaded = await parseConfig(written, { file: '/gateway.json', env: {} })
  const { body = ask(`Write to ${MAIL}`), ...rest } = asked
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return explainRequest(loaded, { path: '/v1/chat/completions', headers: {}, consumer: undefined, ...rest, body: text })
}

const ask = (content: string, more: object = {}): object => ({ model: 'gpt-4o', messages: [{ role: 'user', content }], ...more })
const bodyOf = ({ targets }: Explanation, index = 0): unknown => JSON.parse(targets[index]!.request!.body)

/** A folder of processors, by the names of their files. */
async function folderOf(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-explain-'))
  t.after(() => rm(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    const imports = "import { defineProcessor } from 'gatehouse/sdk'"
    await writeFile(join(folder, name), `${imports}\nexport default defineProcessor(${text})\n`)
  }
  return folder
}

describe('targets', () => {
  test('each of them gets its own request, in its own words, and no credential is told', async () => {
    const targets = [{ provider: 'openai', weight: 9 }, { provider: 'claude', model: 'claude-sonnet-4-5' }]
    const explanation = await explained(
      { routes: [to('all', { targets, fallback: [{ provider: 'aws', model: 'amazon.nova-pro-v1:0' }] })] },
      { body: ask('Hi', { seed: 7 }), headers: { 'authorization': 'Bearer of-the-client', 'x-secret': 'mine' } },
    )
    assert.equal(explanation.refusal, undefined)
    const said = JSON.stringify(explanation)
    for (const secret of [KEY, KEY.replaceAll('-', ''), 'of-the-client', 'mine']) assert.ok(!said.includes(secret), secret)

    const [openai, claude, aws] = explanation.targets
    assert.deepEqual(
      explanation.targets.map(({ provider, use, model, weight, fallback, translatedTo, signed }) =>
        [provider, use, model, weight, fallback, translatedTo, signed]),
      [
        ['openai', 'openai', undefined, 9, false, '', false],
        ['claude', 'anthropic', 'claude-sonnet-4-5', 1, false, 'anthropic-messages', false],
        ['aws', 'bedrock', 'amazon.nova-pro-v1:0', 1, true, 'bedrock-converse', true],
      ])
    assert.deepEqual(openai!.request!.url, 'https://api.openai.com/v1/chat/completions')
    assert.deepEqual(Object.fromEntries(openai!.request!.headers),
      { 'accept-encoding': 'identity', 'content-type': 'application/json', 'authorization': '***' })
    assert.deepEqual([openai!.warnings, openai!.request!.body], [[], JSON.stringify(ask('Hi', { seed: 7 }))])
    assert.equal(claude!.request!.url, 'https://api.anthropic.com/v1/messages')
    assert.equal(Object.fromEntries(claude!.request!.headers)['x-api-key'], '***')
    assert.match(claude!.warnings.join(), /^seed dropped: /)
    assert.equal((bodyOf(explanation, 1) as { model: string }).model, 'claude-sonnet-4-5')
    assert.equal(aws!.request!.url, 'https://bedrock-runtime.eu-central-1.amazonaws.com/model/amazon.nova-pro-v1%3A0/converse')
    assert.equal(aws!.request!.headers.some(([name]) => /authorization/i.test(name)), false)
  })

  test('the same provider may stand there twice', async () => {
    const { targets } = await explained({ routes: [to('all', {
      targets: [{ provider: 'openai', model: 'a' }, { provider: 'openai', model: 'b', weight: 0 }],
      fallback: [{ provider: 'openai', model: 'a' }],
    })] })
    assert.deepEqual(targets.map(({ request }) => (JSON.parse(request!.body) as { model: string }).model), ['a', 'b', 'a'])
  })

  test('nothing is sent, not even where somebody listens', async t => {
    const { url, requests } = await openUpstream(t, reply => reply.end('{}'))
    const up = (options: object): object => ({ use: 'openai-compatible', url, key: KEY, ...options })
    for (const retry of [{ attempts: 1 }, { attempts: 9, backoff: '9s' }]) {
      const routes = [to('all', { targets: [{ provider: 'one' }], fallback: [{ provider: 'two' }], retry })]
      const { targets } = await explained({ providers: { one: up({}), two: up({ connections: 2 }) }, routes })
      assert.deepEqual(targets.map(({ request }) => request?.url), [`${url}/chat/completions`, `${url}/chat/completions`])
    }
    assert.deepEqual(requests, [])
  })

  test('one that answers by itself is not asked either', async () => {
    const routes = [to('all', { targets: [{ provider: 'echo' }] })]
    const { targets } = await explained({ providers: { echo: { use: 'echo' } }, routes })
    assert.equal(targets[0]!.request!.url, 'http://echo.invalid/chat/completions')
  })

  test('what is known of a model, and what it costs where the route goes by that', async () => {
    const targets = [{ provider: 'claude', model: 'claude-sonnet-4-5' }, { provider: 'claude', model: 'mine' }, { provider: 'openai' }]
    const explanation = await explained({ models: { mine: { context: 5 } }, routes: [to('all', { balance: 'cheapest', targets })] })
    assert.deepEqual(explanation.targets.map(({ facts, dollars }) => [facts, dollars]), [
      [{ maxOutput: 64_000, context: 200_000, thinking: 'budget' }, 0.024], [{ context: 5 }, undefined], [{}, 0.0175],
    ])
    const text = printable(explanation)
    for (const line of [
      'known    64000 tokens out at most, 200000 in all, told to think by a number of tokens', 'known    5 in all',
      'target   claude as claude-sonnet-4-5 (anthropic, weight 1, $0.024 for 3000 tokens in and 1000 out): translated to anthropic-messages',
      'target   claude as mine (anthropic, weight 1, no price known): translated to anthropic-messages',
    ]) assert.ok(text.split('\n').includes(line), text)
  })

  test('a mirror gets its copy, whatever its share, and nothing is sent there either', async t => {
    const { url, requests } = await openUpstream(t, reply => reply.end('{}'))
    const mirror = { provider: 'second', model: 'new', share: 0.01 }
    const explanation = await explained({
      providers: { ...providers, second: { use: 'openai-compatible', url, key: KEY } }, routes: [to('all', { mirror })],
    })
    assert.deepEqual([explanation.mirror?.request?.url, explanation.mirror?.weight], [`${url}/chat/completions`, 0.01])
    assert.deepEqual(JSON.parse(explanation.mirror!.request!.body), { ...ask(`Write to ${MAIL}`), model: 'new' })
    assert.match(printable(explanation), /^mirror {3}second as new \(openai-compatible, a share of 0\.01\): as it is$/m)
    assert.deepEqual(requests, [])
  })

  test('a target that would not be told all of it is not asked, where the route would rather not', async () => {
    const { refusal, targets } = await explained({ routes: [to('all', { onLoss: 'reject', targets: [{ provider: 'claude' }] })] }, { body: ask('Hi', { seed: 7 }) })
    assert.deepEqual([refusal?.code, targets[0]!.request], ['untranslatable', undefined])
    assert.match(refusal!.message, /seed dropped/)
  })

  test('an upload goes to one of them, byte for byte', async () => {
    const route = to('files', {
      match: { path: '/v1/files' }, chain: 'guarded', targets: [{ provider: 'openai' }, { provider: 'openai', model: 'b', weight: 0 }],
    })
    const { dialect, targets, steps } = await explained({ chains: { guarded: ['pii'] }, routes: [route] },
      { path: '/v1/files?a=b', headers: { 'content-type': 'text/plain' }, body: 'any bytes' })
    assert.deepEqual([dialect, steps[0]!.outcome, steps[0]!.reason], ['openai-raw', 'skipped', 'the body is passed on unread'])
    assert.deepEqual(targets.map(({ request }) => request && [request.url, request.body]),
      [['https://api.openai.com/v1/files?a=b', 'any bytes'], undefined])
  })
})

describe('steps', () => {
  test('what each of them was shown and found, and what goes on without it', async () => {
    const config = guarded(
      { together: ['pii', { use: 'moderation', mode: 'shadow', options: { words: { rude: ['fool'] } } }] },
      { use: 'prompt-decorate', options: { prepend: [{ role: 'system', text: 'Be brief.' }] } },
      { use: 'pii', when: 'consumer.name == "nobody"' },
      { use: 'moderation', reads: { origins: ['gateway'] }, options: { words: { brief: ['brief'] } } },
      'meter',
    )
    const messages = [{ role: 'system', content: 'Rules.' }, { role: 'user', content: `Write to ${MAIL}, fool` }]
    const explanation = await explained(config, { body: { model: 'm', messages } })
    assert.deepEqual([explanation.route, explanation.uncovered], [{ name: 'all', chain: 'guarded', balance: 'weighted' }, 0])
    assert.deepEqual(explanation.steps.map(({ step, outcome, reason }) => [step, outcome, reason]), [
      ['pii', 'edit', ''], ['moderation', 'block', ''], ['prompt-decorate', 'edit', ''],
      ['pii', 'skipped', 'its condition did not hold'], ['moderation', 'block', ''],
    ])
    const [pii, moderation] = explanation.steps
    assert.deepEqual(pii!.findings, [{ type: 'email', count: 1, actions: ['tokenize'] }])
    assert.deepEqual([moderation!.mode, moderation!.kind, moderation!.ran], ['shadow', 'detector', 'inline'])
    assert.deepEqual(pii!.places.map(({ origin, channel, characters }) => [origin, channel, characters]),
      [['system', 'text', 6], ['user', 'text', 35]])
    assert.deepEqual([pii!.scanned, pii!.skipped], [41, 0])
    assert.deepEqual(explanation.steps.at(-1)!.places, [{ origin: 'gateway', channel: 'text', characters: 9 }])
    assert.ok(!JSON.stringify(explanation).includes(MAIL))
  })

  test('a file runs in its sandbox; a block ends it there, and nothing of the body is told', async t => {
    const folder = await folderOf(t, {
      'secretive.ts': `{ name: 'secretive', kind: 'detector', rights: ['block'], setup: () => ({
        inspect: segments => segments.map(({ id, text }) => ({ segment: id, start: 0, end: text.length, type: 'all', action: 'block' })),
      }) }`,
    })
    const step = { use: join(folder, 'secretive.ts'), blockResponse: { message: 'Not here.', status: 403 } }
    const explanation = await explained(guarded('pii', step, 'pii'))
    assert.deepEqual(explanation.refusal, { status: 403, code: 'blocked', message: 'Not here.' })
    assert.deepEqual(explanation.steps.map(one => [one.step, one.ran, one.outcome]),
      [['pii', 'inline', 'edit'], ['secretive', 'sandbox', 'block']])
    assert.equal(explanation.targets[0]!.request, undefined)
    assert.ok(!JSON.stringify(explanation).includes(MAIL))
  })

  test('a block that looks like an answer, of a stream too, is a refusal all the same', async () => {
    const config = guarded(kind({ blockResponse: { style: 'finish', message: 'Be kind.' } }))
    for (const stream of [false, true]) {
      const { refusal } = await explained(config, { body: ask('fool', { stream }) })
      assert.deepEqual(refusal, { status: 200, code: 'blocked', message: 'Be kind.' })
    }
  })

  test('one beside the upstream blocks what is on its way already', async () => {
    const config = guarded(kind({ rights: ['annotate', 'block'], beside: 'upstream' }))
    const explanation = await explained(config, { body: ask('fool') })
    assert.deepEqual([explanation.refusal?.code, explanation.steps[0]!.outcome], ['blocked', 'block'])
    assert.deepEqual(bodyOf(explanation), ask('fool'))
  })

  test('one that answers leaves nothing to ask', async t => {
    const folder = await folderOf(t, {
      'answers.ts': `{ name: 'answers', kind: 'responder', rights: ['respond'],
        setup: () => ({ respond: () => ({ text: 'Always this.' }) }) }`,
    })
    const file = join(folder, 'answers.ts')
    const { answeredBy, refusal, targets } = await explained({ trusted: [file], ...guarded(file, 'meter') })
    assert.deepEqual([answeredBy, refusal, targets[0]!.request], ['answers', undefined, undefined])
  })

  test('a caller who asks for more care gets it', async () => {
    const config = guarded(kind({ mode: 'shadow' }))
    assert.equal((await explained(config, { body: ask('fool') })).refusal, undefined)
    const { refusal, steps } = await explained(config, { body: ask('fool'), headers: { 'x-gatehouse-shadow': 'enforce' } })
    assert.deepEqual([refusal?.code, steps[0]!.mode], ['blocked', 'enforce'])
    assert.deepEqual(steps[0]!.places, [{ origin: 'user', channel: 'text', characters: 4 }])
  })
})

describe('routes', () => {
  const routes = [
    to('claude', { match: { model: 'claude-*' } }),
    to('vip', { when: "consumer.name == 'vip'" }),
    to('gold', { match: { model: 'gpt-4o', header: { 'x-tier': 'gold' }, tags: { team: 'lab' }, size: { above: '1kb' } } }),
    to('chat', { match: { model: 'gpt-4o' } }),
    to('never', { match: { model: '*' }, when: 'request.stream' }),
  ]

  test('those before the one that is taken say why they are not', async () => {
    const { passedOver, route, model } = await explained({ routes })
    assert.deepEqual([route?.name, model], ['chat', 'gpt-4o'])
    assert.deepEqual(passedOver, [
      { route: 'claude', why: 'model is none of claude-*' },
      { route: 'vip', why: "its condition does not hold: consumer.name == 'vip'" },
      { route: 'gold', why: 'tag team is none of lab; header x-tier is none of gold; size is not above 1024 bytes' },
    ])
  })

  test('where there is none, all of them do, and the client\'s own sentence is told', async () => {
    const { passedOver, route, model, refusal, targets } = await explained({ routes }, { body: ask('Hi', { model: 'gtp-4o' }) })
    assert.deepEqual([route, model, targets], [undefined, 'gtp-4o', []])
    assert.deepEqual(passedOver.map(one => one.route), ['claude', 'vip', 'gold', 'chat', 'never'])
    assert.deepEqual([refusal?.status, refusal?.code], [404, 'model_not_found'])
    assert.match(refusal!.message, /"gtp-4o"; did you mean "gpt-4o"\?/)
  })
})

describe('who is calling', () => {
  const consumers = [{ name: 'sales', keys: [{ sha256: 'a'.repeat(64) }] }, { name: 'vip', keys: [{ sha256: 'b'.repeat(64) }] }]
  const routes = [to('vip', { match: { consumer: 'vip', model: '*' } }), to('rest')]

  test('a consumer by name', async () => {
    const { consumer, route } = await explained({ consumers, routes }, { consumer: 'vip' })
    assert.deepEqual([consumer, route?.name], ['vip', 'vip'])
  })

  test('nobody whom the config knows', async () => {
    const { consumer, refusal } = await explained({ consumers, routes })
    assert.deepEqual([consumer, refusal?.status], ['', 401])
  })
})

const refused: { name: string; asked: Parameters<typeof explained>[1]; code: string }[] = [
  { name: 'no JSON', asked: { body: '{"model"' }, code: 'invalid_json' },
  { name: 'a path that nobody serves', asked: { path: '/v2/else' }, code: 'unknown_path' },
  { name: 'more bytes than are taken', asked: { body: ask('x'.repeat(2000)) }, code: 'body_too_large' },
  { name: 'a header of unknown care', asked: { headers: { 'x-gatehouse-shadow': 'please' } }, code: 'invalid_header' },
]
for (const { name, asked, code } of refused) {
  test(`refused is ${name}`, async () => {
    const { refusal, targets } = await explained({ limits: { body: '1kb' } }, asked)
    assert.equal(refusal?.code, code)
    assert.ok(refusal.status >= 400 && refusal.message.endsWith('.') && targets.every(({ request }) => request === undefined))
  })
}

test('a config that would not start is told as such', async () => {
  await assert.rejects(explained({ chains: { guarded: ['pie'] } }), /pii/)
})
