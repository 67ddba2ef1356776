import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { hash } from 'node:crypto'
import { fc } from '../law.ts'
import { completion, onto, openRig, openUpstream, textOf, type Rig, type Written } from './rig.ts'
import { hear, payloadsOf } from './streams.ts'

const EMAIL = 'jane.roe@example.com'
const CARD = '4539148803436467'
const replacing = { use: 'pii', options: { action: 'replace' } }
const ask = (content: string, more: object = {}): object => ({ model: 'm', messages: [{ role: 'user', content }], ...more })

/** One frame of choice 0. */
const frame = (delta: object, more: object = {}): object =>
  ({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: null, ...more }] })
const callOf = (index: number, name: string, args: string): object => ({ id: `call-${index}`, type: 'function', function: { name, arguments: args } })
const opens = (index: number, name: string): object => frame({ tool_calls: [{ index, ...callOf(index, name, '') }] })
const adds = (index: number, args: string): object => frame({ tool_calls: [{ index, function: { arguments: args } }] })
const FINISH = frame({}, { finish_reason: 'tool_calls' })

/** A house whose upstream streams the given frames, or answers with the given body. */
async function openHouse(
  t: TestContext, chain: readonly unknown[], answer: (prompt: string) => readonly object[] | object, more: Written = {},
): Promise<Rig & { asked: Buffer[] }> {
  const asked: Buffer[] = []
  const upstream = await openUpstream(t, (reply, body) => {
    asked.push(body)
    const { messages } = JSON.parse(body.toString()) as { messages: { content: string }[] }
    const said = answer(messages.at(-1)!.content)
    if (!Array.isArray(said)) return void reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said))
    reply.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.end([...said.map(one => JSON.stringify(one)), '[DONE]'].map(payload => `data: ${payload}\n\n`).join(''))
  })
  return { ...await openRig(t, onto(upstream.url, { chain, secret: 'the same in every run', ...more })), asked }
}

/** A whole answer with a tool call. */
const calling = ([name, args]: readonly [name: string, args: string], content: string | null = null): object => ({
  ...completion(''),
  choices: [{ index: 0, message: { role: 'assistant', content, tool_calls: [callOf(0, name, args)] }, finish_reason: 'tool_calls' }],
})

const streamedCall = (args: string, size: number): object[] =>
  [opens(0, 'send'), ...(args.match(RegExp(`[^]{1,${size}}`, 'g')) ?? []).map(piece => adds(0, piece)), FINISH]

for (const [what, args, expected] of [
  ['a value is edited, and the rest stays as it was written', `{ "to": "${EMAIL}",\n"n": 1.0e1 }`, '{ "to": "[EMAIL]",\n"n": 1.0e1 }'],
  ['an escape hides nothing', '{"to":"jane\\u002eroe\\u0040example.com"}', '{"to":"[EMAIL]"}'],
  ['every element of an array is read', `{"to":["x","${EMAIL}",{"cc":"${EMAIL}"}]}`, '{"to":["x","[EMAIL]",{"cc":"[EMAIL]"}]}'],
  ['arguments without a finding keep every byte', '{ "a" : "\\u0041\\/" , "b" : [ ] }', '{ "a" : "\\u0041\\/" , "b" : [ ] }'],
] as const) {
  test(`arguments, whole or in pieces: ${what}`, async t => {
    const rig = await openHouse(t, [replacing], prompt => prompt === 'whole' ? calling(['send', args]) : streamedCall(args, Number(prompt)))
    assert.deepEqual(await (await rig.post(ask('whole'))).json(), calling(['send', expected]))
    for (const size of ['1', '7', '1000']) {
      const text = await (await rig.post(ask(size, { stream: true }))).text()
      assert.deepEqual(hear(payloadsOf(text)), {
        '0 call 0 id': 'call-0', '0 call 0 name': 'send', '0 call 0 arguments': expected, '0 finish': 'tool_calls',
      })
    }
  })
}

const VALUES = [EMAIL, CARD, 'nothing', '"quoted"', 'back\\slash', 'line\nend', '😀', '\u2028'] as const

test('whatever the arguments hold, what comes out is JSON with the same keys, and tells no value', async t => {
  let args = ''
  let size = 1
  const rig = await openHouse(t, [replacing], () => streamedCall(args, size))
  const text = fc.array(fc.constantFrom(...VALUES), { maxLength: 3 }).map(list => list.join(' '))
  const value = fc.oneof(text, fc.array(text, { maxLength: 2 }), fc.constantFrom(null, true, 12))
  const json = fc.dictionary(fc.constantFrom('to', 'note', 'a/b', '"'), value)
  await fc.assert(fc.asyncProperty(json, fc.integer({ min: 1, max: 12 }), async (given, pieces) => {
    args = JSON.stringify(given)
    size = pieces
    const out = hear(payloadsOf(await (await rig.post(ask('go', { stream: true }))).text()))['0 call 0 arguments']!
    const edited = (one: unknown): unknown => typeof one === 'string' ? one.replaceAll(EMAIL, '[EMAIL]').replaceAll(CARD, '[CARD]') : one
    assert.deepEqual(JSON.parse(out), JSON.parse(args, (_, one: unknown) => edited(one)))
  }), { numRuns: 40 })
})

const PIN = {
  use: 'moderation', mode: 'enforce', reads: { channels: ['tool_args'] }, options: { words: { secret: ['pin: 1234'] }, action: 'block' },
}

for (const stream of [false, true]) {
  const how = stream ? 'streamed' : 'whole'

  test(`a key is the context of its value (${how})`, async t => {
    const rig = await openHouse(t, [PIN], args => stream ? streamedCall(args, 3) : calling(['f', args]))
    for (const [args, blocked] of [['{"pin":"1234"}', true], ['{"pin":"12345","n":"1234"}', false]] as const) {
      assert.equal((await (await rig.post(ask(args, { stream }))).text()).includes('content_filter'), blocked)
    }
  })

  for (const [what, args] of [['a number', `{"card":${CARD}}`], ['a key', `{"${EMAIL}":1}`]] as const) {
    test(`what is found in ${what} blocks, and nothing of the call arrives (${how})`, async t => {
      const rig = await openHouse(t, [replacing], () => stream ? streamedCall(args, 5) : calling(['send', args]))
      const settled = rig.settled()
      const text = await (await rig.post(ask('go', { stream }))).text()
      assert.match(text, /content_filter/)
      assert.ok(!text.includes(CARD.slice(0, 6)) && !text.includes('jane') && !text.includes('call-0'))
      assert.equal((await settled).steps.find(({ direction }) => direction === 'response')!.reason, 'found where nothing can be edited')
    })
  }
}

test('parallel calls, interleaved, each get their own arguments, and arrive in their order', async t => {
  const frames = [
    opens(0, 'first'), adds(0, '{"to":"jane.'), opens(1, 'second'), adds(1, '{"card":"4539 1488'), adds(0, 'roe@exam'), opens(2, 'third'),
    adds(1, ' 0343 6467"}'), adds(2, '{}'), adds(0, 'ple.com"}'), FINISH,
  ]
  const rig = await openHouse(t, [replacing], () => frames)
  const payloads = payloadsOf(await (await rig.post(ask('go', { stream: true }))).text())
  assert.deepEqual(hear(payloads), {
    '0 call 0 id': 'call-0', '0 call 0 name': 'first', '0 call 0 arguments': '{"to":"[EMAIL]"}',
    '0 call 1 id': 'call-1', '0 call 1 name': 'second', '0 call 1 arguments': '{"card":"[CARD]"}',
    '0 call 2 id': 'call-2', '0 call 2 name': 'third', '0 call 2 arguments': '{}', '0 finish': 'tool_calls',
  })
  const named = payloads.flatMap(payload => /"name":"(\w+)"/.exec(payload)?.[1] ?? [])
  assert.deepEqual(named, ['first', 'second', 'third'])
  assert.match(payloads.at(-1)!, /"finish_reason":"tool_calls"/, 'nothing follows the end of the choice')
})

// What the request declares of a tool's arguments: an edit that no longer fits it blocks, whole or streamed.

const twice = (ref: string): object => ({ allOf: [{ $ref: ref }, { $ref: ref }] })
const looped = { $ref: '#/$defs/a', $defs: { a: twice('#/$defs/b'), b: twice('#/$defs/a') } }

for (const [what, parameters, args, edited] of [
  ['a plain string', { properties: { to: { type: 'string' } } }, { to: EMAIL }, { to: '[EMAIL]' }],
  ['a value of an enum', { properties: { to: { enum: [EMAIL, 'other'] } } }, { to: EMAIL }, undefined],
  ['an enum elsewhere', { properties: { kind: { enum: ['a'] } } }, { to: EMAIL, kind: 'a' }, { to: '[EMAIL]', kind: 'a' }],
  ['an enum that allows the edit', { properties: { to: { enum: [EMAIL, '[EMAIL]'] } } }, { to: EMAIL }, { to: '[EMAIL]' }],
  ['more than the least length', { properties: { to: { minLength: 10 } } }, { to: EMAIL }, undefined],
  ['less than the greatest length', { properties: { to: { maxLength: 20 } } }, { to: EMAIL }, { to: '[EMAIL]' }],
  ['a format', { properties: { to: { type: 'string', format: 'email' } } }, { to: EMAIL }, undefined],
  ['a pattern elsewhere', { properties: { id: { pattern: '^x$' } } }, { to: EMAIL, id: 'x' }, { to: '[EMAIL]', id: 'x' }],
  ['a reference', { $defs: { to: { maxLength: 5 } }, items: { $ref: '#/$defs/to' } }, ['x', EMAIL], undefined],
  ['nothing about it', undefined, { to: EMAIL }, { to: '[EMAIL]' }],
  ['a hostile schema', looped, { to: EMAIL }, { to: '[EMAIL]' }],
] as const) {
  test(`arguments that the request declares: ${what}`, async t => {
    const json = JSON.stringify(args)
    const other = { properties: { to: { const: 'x' }, list: false } }
    const declared = (name: string, schema: unknown): object => ({ type: 'function', function: { name, parameters: schema } })
    const tools = [declared('other', other), declared('send', parameters), { type: 'custom', custom: { name: 'third' } }]
    const rig = await openHouse(t, [replacing], prompt => prompt === 'whole' ? calling(['send', json]) : streamedCall(json, Number(prompt)))
    for (const size of ['whole', '1', '7', '1000']) {
      const settled = rig.settled()
      const text = await (await rig.post(ask(size, { stream: size !== 'whole', tools }))).text()
      const { steps } = await settled
      const { outcome, reason } = steps.find(({ direction }) => direction === 'response')!
      assert.ok(!text.includes(EMAIL))
      if (edited === undefined) {
        assert.match(text, /content_filter/)
        assert.ok(!text.includes('call-0'), 'nothing of the call arrives')
        assert.deepEqual([outcome, reason], ['block', 'its edit does not fit what the request declares'])
      } else {
        assert.deepEqual(JSON.parse(hear(size === 'whole' ? [text] : payloadsOf(text))['0 call 0 arguments']!), edited)
        assert.equal(outcome, 'edit')
      }
    }
  })
}

test('a call names its tool for itself alone, wherever the name stands', async t => {
  const rig = await openHouse(t, [replacing], name => {
    const args = JSON.stringify({ to: EMAIL })
    // All of it in one frame, the names behind the arguments.
    const calls = [{ arguments: '{}', name: 'strict' }, { arguments: args, name }]
    return [frame({ tool_calls: calls.map((call, index) => ({ index, id: `call-${index}`, function: call })) }, { finish_reason: 'tool_calls' })]
  })
  const tools = [['strict', { additionalProperties: { maxLength: 3 } }], ['free', { type: 'object' }]]
    .map(([name, parameters]) => ({ type: 'function', function: { name, parameters } }))
  for (const [name, blocked] of [['free', false], ['strict', true], ['unknown', false]] as const) {
    const text = await (await rig.post(ask(name, { stream: true, tools }))).text()
    assert.equal(text.includes('content_filter'), blocked, name)
    assert.equal(text.includes('[EMAIL]'), !blocked, name)
  }
})

test('the single call of old fits its function', async t => {
  const args = JSON.stringify({ to: EMAIL })
  const call = { function_call: { name: 'send', arguments: args } }
  const finish_reason = 'function_call'
  const whole = { ...completion(''), choices: [{ index: 0, message: { role: 'assistant', content: null, ...call }, finish_reason }] }
  const frames = [{ function_call: { name: 'send', arguments: '' } }, { function_call: { arguments: args } }].map(delta => frame(delta))
  const rig = await openHouse(t, [replacing], prompt => prompt === 'whole' ? whole : [...frames, frame({}, { finish_reason })])
  for (const [maxLength, blocked] of [[6, true], [7, false]] as const) {
    for (const prompt of ['whole', 'stream']) {
      const functions = [{ name: 'send', parameters: { properties: { to: { maxLength } } } }]
      const text = await (await rig.post(ask(prompt, { stream: prompt === 'stream', functions }))).text()
      assert.equal(text.includes('content_filter'), blocked)
    }
  }
})

test('an answer in a declared format fits its schema, or does not arrive', async t => {
  const said = JSON.stringify({ mail: EMAIL })
  for (const stream of [false, true]) {
    const frames = [...said].map(content => frame({ content }))
    const rig = await openHouse(t, [replacing], () => stream ? [...frames, frame({}, { finish_reason: 'stop' })] : completion(said))
    for (const [mail, blocked] of [[{ type: 'string' }, false], [{ type: 'string', format: 'email' }, true]] as const) {
      const schema = { type: 'object', properties: { mail } }
      const format = { response_format: { type: 'json_schema', json_schema: { name: 'mail', schema } } }
      const text = await (await rig.post(ask('go', { stream, ...format }))).text()
      assert.equal(text.includes('content_filter'), blocked)
      assert.ok(!text.includes(EMAIL))
      if (!blocked) assert.equal(hear(stream ? payloadsOf(text) : [text])['0 content'], '{"mail":"[EMAIL]"}')
    }
  }
})

test('a step in shadow does not block what an edit of it would break', async t => {
  const args = JSON.stringify({ to: EMAIL })
  const tools = [{ type: 'function', function: { name: 'send', parameters: { properties: { to: { format: 'email' } } } } }]
  const rig = await openHouse(t, [{ ...replacing, mode: 'shadow' }], prompt => prompt === 'whole' ? calling(['send', args]) : streamedCall(args, 5))
  for (const prompt of ['whole', 'stream']) {
    const text = await (await rig.post(ask(prompt, { stream: prompt === 'stream', tools }))).text()
    assert.equal(hear(prompt === 'whole' ? [text] : payloadsOf(text))['0 call 0 arguments'], args)
  }
})

test('a placeholder comes back as what the client sent, whatever the schema says of placeholders', async t => {
  const answer = (prompt: string): object => calling(['send', JSON.stringify({ to: TOKEN.exec(prompt)![0] })])
  const rig = await openHouse(t, [tokenizing], answer, { route: { restore: ['tool_args'] } })
  const tools = [{ type: 'function', function: { name: 'send', parameters: { properties: { to: { type: 'string', format: 'email' } } } } }]
  const text = await (await rig.post(ask(`write to ${EMAIL}`, { tools }))).text()
  assert.equal(hear([text])['0 call 0 arguments'], JSON.stringify({ to: EMAIL }))
})

test('an answer in a JSON format stays JSON', async t => {
  const said = '{"mail":"jane\\u002eroe@example.com","quote":"\\"","n":7}'
  const format = { response_format: { type: 'json_object' } }
  for (const stream of [false, true]) {
    const frames = [...said].map(content => frame({ content }))
    const rig = await openHouse(t, [replacing], () => stream ? [...frames, frame({}, { finish_reason: 'stop' })] : completion(said))
    const text = await (await rig.post(ask('go', { stream, ...format }))).text()
    assert.equal(hear(stream ? payloadsOf(text) : [text])['0 content'], '{"mail":"[EMAIL]","quote":"\\"","n":7}')
  }
})

test('it does so where no step reads the request', async t => {
  const said = '{"mail":"jane\\u002eroe@example.com"}'
  const chain = { chains: { tested: { response: [replacing] } }, route: { chain: 'tested' } }
  for (const stream of [false, true]) {
    const frames = [...said].map(content => frame({ content }))
    const upstream = await openUpstream(t, reply => {
      reply.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' })
      const payloads = [...frames, frame({}, { finish_reason: 'stop' })].map(one => JSON.stringify(one))
      reply.end(stream ? [...payloads, '[DONE]'].map(payload => `data: ${payload}\n\n`).join('') : JSON.stringify(completion(said)))
    })
    const rig = await openRig(t, onto(upstream.url, chain))
    const text = await (await rig.post(ask('go', { stream, response_format: { type: 'json_object' } }))).text()
    assert.equal(hear(stream ? payloadsOf(text) : [text])['0 content'], '{"mail":"[EMAIL]"}')
  }
})

const tokens = (text: string): object => ({ content: [{ token: text, logprob: -0.5, bytes: null, top_logprobs: [] }] })

test('logprobs spell the text again: they go where it was edited, and stay where it was not', async t => {
  const choice = (index: number, content: string): object =>
    ({ index, message: { role: 'assistant', content }, logprobs: tokens(content), finish_reason: 'stop' })
  const rig = await openHouse(t, [replacing], () => ({ ...completion(''), choices: [choice(0, `to ${EMAIL}`), choice(1, 'to nobody')] }))
  const { choices } = await (await rig.post(ask('go'))).json() as { choices: { logprobs: unknown; message: { content: string } }[] }
  assert.deepEqual(choices.map(({ message, logprobs }) => [message.content, logprobs]), [
    ['to [EMAIL]', null], ['to nobody', tokens('to nobody')],
  ])
})

test('logprobs of a stream go with every frame whose text was held or edited', async t => {
  const said = ['Write to ', 'jane.roe', '@example', '.com', ' now. ', 'Thanks!']
  const frames = said.map(content => frame({ content }, { logprobs: tokens(content) }))
  const rig = await openHouse(t, [replacing], () => [...frames, frame({}, { finish_reason: 'stop' })])
  const text = await (await rig.post(ask('go', { stream: true }))).text()
  assert.equal(textOf(text), 'Write to [EMAIL] now. Thanks!')
  assert.ok(!/jane|@example/.test(text))
  for (const payload of payloadsOf(text)) {
    const [{ delta, logprobs }] = (JSON.parse(payload) as { choices: [{ delta: { content?: string }; logprobs?: unknown }] }).choices
    if (logprobs) assert.deepEqual(logprobs, tokens(delta.content ?? ''))
  }
})

test('logprobs of two choices in one frame both go, where both were edited', async t => {
  const choices = [0, 1].map(index => {
    const content = `${index} to ${EMAIL} `
    return { index, delta: { content }, logprobs: tokens(content), finish_reason: 'stop' }
  })
  const rig = await openHouse(t, [replacing], () => [{ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices }])
  const text = await (await rig.post(ask('go', { stream: true }))).text()
  assert.deepEqual([textOf(text, 0), textOf(text, 1)], ['0 to [EMAIL] ', '1 to [EMAIL] '])
  assert.ok(!text.includes('jane'))
})

test('logprobs of a stream without a finding stay as they are', async t => {
  const frames = ['Hello ', 'you. ', 'Fine. '].map(content => frame({ content }, { logprobs: tokens(content) }))
  const words = { use: 'moderation', mode: 'enforce', options: { words: { bad: ['zzz'] } } }
  const rig = await openHouse(t, [words], () => [...frames, frame({}, { finish_reason: 'stop' })])
  const payloads = payloadsOf(await (await rig.post(ask('go', { stream: true }))).text())
  assert.deepEqual(payloads.slice(0, 3), frames.map(one => JSON.stringify(one)))
})

const tokenizing = { use: 'pii', options: { action: 'tokenize' } }
const TOKEN = /EMAIL_1_[a-z0-9]{8}/

for (const [restore, inText, inArgs] of [
  [undefined, true, false], [['text'], true, false], [['tool_args'], false, true], [['text', 'tool_args'], true, true], [[], false, false],
] as const) {
  test(`placeholders come back where the route says: ${restore?.join() ?? 'by default'}`, async t => {
    const rig = await openHouse(t, [tokenizing], prompt => {
      const token = TOKEN.exec(prompt)![0]
      const args = JSON.stringify({ to: token })
      if (prompt.startsWith('stream')) return [frame({ content: `I write to ${token}` }), ...streamedCall(args, 4)]
      return calling(['send', args], `I write to ${token}`)
    }, { route: restore === undefined ? {} : { restore } })
    for (const stream of [false, true]) {
      const text = await (await rig.post(ask(`${stream ? 'stream' : 'whole'}: write to ${EMAIL}`, { stream }))).text()
      assert.ok(!rig.asked.at(-1)!.includes(EMAIL))
      const heard = hear(stream ? payloadsOf(text) : [text])
      assert.match(heard['0 content']!, inText ? RegExp(`^I write to ${EMAIL}$`) : /^I write to EMAIL_1_[a-z0-9]{8}$/)
      const { to } = JSON.parse(heard['0 call 0 arguments']!) as { to: string }
      assert.match(to, inArgs ? RegExp(`^${EMAIL}$`) : /^EMAIL_1_[a-z0-9]{8}$/)
    }
  })
}

const KEYS = ['key-of-ann', 'key-of-bob']

test('a placeholder of another consumer, or of an earlier request, restores nothing', async t => {
  const consumers = KEYS.map((key, index) => ({ name: `consumer-${index}`, keys: [{ sha256: hash('sha256', key) }] }))
  let said = ''
  const rig = await openHouse(t, [tokenizing], prompt => completion(said === '' ? prompt : said), { consumers })
  const post = async (body: object, key: number): Promise<string> => {
    const reply = await rig.post(body, { headers: { authorization: `Bearer ${KEYS[key]}` } })
    return (await reply.json() as { choices: { message: { content: string } }[] }).choices[0]!.message.content
  }
  assert.equal(await post(ask(`Write to ${EMAIL}`), 0), `Write to ${EMAIL}`)
  const ann = TOKEN.exec(rig.asked[0]!.toString())![0]

  assert.equal(await post(ask(`Say ${ann}`), 0), `Say ${ann}`, 'its own, in a request without the value')
  assert.equal(await post(ask(`Say ${ann}`), 1), `Say ${ann}`, "another's, in a prompt")
  const mixed = `Say ${ann}, and write to bob@example.com`
  assert.equal(await post(ask(mixed), 1), mixed, 'beside one of its own')
  const same = `Say ${ann}, and write to ${EMAIL}`
  assert.equal(await post(ask(same), 1), same, 'not even for the same value')
  const [bob] = TOKEN.exec(rig.asked.at(-1)!.toString().replace(ann, ''))!
  assert.notEqual(bob, ann)

  const tool = (content: string): object => ({ model: 'm', messages: [
    { role: 'user', content: 'Write to bob@example.com' },
    { role: 'assistant', content: null, tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: '{}' } }] },
    { role: 'tool', tool_call_id: 'x', content },
  ] })
  assert.equal(await post(tool(`The tool says ${ann}`), 1), `The tool says ${ann}`, 'in a result of a tool')
  said = `EMAIL_1_aaaaaaaa, EMAIL_2_bbbbbbbb and ${ann}`
  assert.equal(await post(ask('Write to bob@example.com'), 1), said, 'guessed by the model')
})
