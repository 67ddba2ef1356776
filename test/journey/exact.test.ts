import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import { chunks, completion, onto, openRig, openUpstream, textOf } from './rig.ts'

/** JSON text as only the wild writes it: odd blanks, odd escapes, numbers that no double holds. */
const blank = fc.constantFrom('', ' ', '\n', '\t ', '\r\n')
const number = fc.constantFrom('0', '-0', '1.0', '1e3', '1E-7', '12345678901234567890', '-1.50')
const character = fc.constantFrom('a', 'é', '漢', '😀', '\\n', '\\u003c', '\\/', '\\ud83d\\ude00', '\\"', ' ', '\u2028', 'jane@x.org ', '{', ',')
const string = fc.array(character, { maxLength: 12 }).map(list => `"${list.join('')}"`)
const { value } = fc.letrec<{ value: string }>(tie => ({
  value: fc.oneof({ maxDepth: 4, depthSize: 'small' },
    number, string, fc.constantFrom('true', 'false', 'null'),
    fc.tuple(blank, fc.array(tie('value'), { maxLength: 3 })).map(([space, list]) => `[${space}${list.join(`${space},`)}${space}]`),
    fc.tuple(blank, fc.array(tie('value'), { maxLength: 3 })).map(([space, list]) => `{${list.map((one, i) => `${space}"${10 - i}k"${space}:${one}`).join(',')}${space}}`),
  ),
}))
const body = fc.tuple(blank, value, value, fc.array(string, { minLength: 1, maxLength: 4 }), fc.boolean()).map(([space, first, second, said, modelFirst]) => {
  const messages = said.map(content => `{${space}"role":${space}"user","content":${content}}`).join(`${space},`)
  const model = `"model"${space}:"m"`
  const rest = `"x-first":${first},${space}"messages":[${messages}],"logit_bias":{"50256":-100,"10":5,"2":1},"second":${second}`
  return `{${space}${modelFirst ? `${model},${rest}` : `${rest},${model}`}${space}}`
})

test('P53: 1,000 wild bodies reach the upstream byte for byte when no step edits', async t => {
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('ok'))))
  const rig = await openRig(t, onto(upstream.url, { chain: [{ use: 'moderation', options: { words: { never: ['zzzzzz'] } } }] }))
  await fc.assert(fc.asyncProperty(body, async text => {
    const reply = await rig.post(text)
    assert.equal(reply.status, 200, await reply.text())
    assert.equal(upstream.requests.pop()!.body.toString(), text)
  }), { numRuns: 1000 })
})

test('when a step edits, the edited values are all that differs', async t => {
  const upstream = await openUpstream(t, reply => reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion('ok'))))
  const rig = await openRig(t, onto(upstream.url, { chain: [{ use: 'pii', options: { entities: ['email'], action: 'replace' } }] }))
  await fc.assert(fc.asyncProperty(body, async text => {
    await (await rig.post(text)).text()
    const got = upstream.requests.pop()!.body.toString()
    // Only texts of the conversation are the step's to read; the same address in an unknown field stays.
    const [before, messages, after] = split(text)
    const [gotBefore, gotMessages, gotAfter] = split(got)
    assert.deepEqual([gotBefore, gotAfter], [before, after])
    assert.ok(!gotMessages!.includes('jane@x.org'))
    const pieces = gotMessages!.split('[EMAIL]')
    let at = 0
    for (const piece of pieces) {
      at = messages!.indexOf(piece, at)
      assert.notEqual(at, -1, `${piece} is not what was sent`)
      at += piece.length
    }
  }), { numRuns: 300 })
})

function split(text: string): string[] {
  const start = text.indexOf('"messages":[')
  const end = text.indexOf('],"logit_bias"', start)
  return [text.slice(0, start), text.slice(start, end), text.slice(end)]
}

test('a stream after pii says what the whole answer after pii says, for random texts and cuts', async t => {
  let pieces: string[] = []
  const upstream = await openUpstream(t, (reply, asked) => {
    if (!asked.includes('"stream":true')) return void reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion(pieces.join(''))))
    reply.writeHead(200, { 'content-type': 'text/event-stream' }).end(chunks(pieces).join(''))
  })
  const rig = await openRig(t, onto(upstream.url, { chain: [{ use: 'pii' }] }))
  const word = fc.constantFrom('jane.roe@example.com', 'write to ', '4539 1488 0343 6467', '4539', ' ', ', ', '1234 ', 'DE89 3704 0044 0532 0130 00', '+1 415 555 2671',
    '(415) 555-2671', '078-05-1120', '123-45-6789', 'x@', '.', 'é', '😀', 'version 1.2.3', '2024-01-02', '\n', 'a@b.co', '@')
  const messages = [{ role: 'user', content: 'jane.roe@example.com' }]
  await fc.assert(fc.asyncProperty(fc.array(word, { maxLength: 12 }), fc.array(fc.nat(11), { minLength: 1, maxLength: 8 }), async (words, sizes) => {
    const text = words.join('')
    pieces = []
    for (let at = 0, i = 0; at < text.length; i++) {
      const size = sizes[i % sizes.length]! + 1
      pieces.push(text.slice(at, at + size))
      at += size
    }
    const whole = await (await rig.post({ model: 'm', messages })).json() as { choices: { message: { content: string } }[] }
    const stream = await (await rig.post({ model: 'm', stream: true, messages })).text()
    assert.equal(textOf(stream), whole.choices[0]!.message.content)
    assert.ok(stream.endsWith('data: [DONE]\n\n'))
  }), { numRuns: 400 })
})
