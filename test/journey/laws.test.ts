import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { fc } from '../law.ts'
import chat from '../../core/dialect/openai-chat.ts'
import { CHANNELS, ORIGINS, type Place } from '../../sdk/index.ts'
import { onto, openRig, openUpstream } from './rig.ts'
import {
  DIALECTS, VALUES, hear, nasty, payloadsOf, rhythm, rollBy, said, sendStream, spelled, streamed, whole,
  type DialectName, type Roll, type Said,
} from './streams.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

const pii = (action: string): object => ({ use: 'pii', options: { action } })
const moderation = (more: object): object =>
  ({ use: 'moderation', mode: 'enforce', ...more, options: { words: { secret: ['project bluebird'] }, action: 'mask' } })

/** Every detector that judges by itself, pii and moderation with every way in which they edit, and one above the other. */
const CHAINS = {
  'pii that masks': [pii('mask')],
  'pii that replaces': [pii('replace')],
  'pii that hashes': [pii('hash')],
  'pii that tokenizes': [pii('tokenize')],
  'moderation that masks': [moderation({})],
  'moderation that replaces': [moderation({ actions: { '*': 'replace' } })],
  'secrets': ['secrets'],
  'all of them': ['secrets', moderation({}), pii('replace')],
}

/** What the upstream says next: choices, by the prompt that it got, and how it cuts them. */
interface Scene {
  readonly dialect: DialectName
  answer(prompt: string): readonly Said[]
  readonly roll: Roll
}

interface Stage {
  play(scene: Scene, prompt: string): Promise<{ stream: Answer; body: Answer }>
}

interface Answer {
  readonly status: number
  readonly text: string
}

/** A gateway whose upstream plays a scene. A fixed secret makes the placeholders the same in every run. */
async function openStage(t: TestContext, chain: readonly (object | string)[]): Promise<Stage> {
  let scene: Scene | undefined
  const upstream = await openUpstream(t, (reply, body) => {
    const { dialect, answer, roll } = scene!
    const asked = JSON.parse(body.toString()) as { stream: boolean; prompt?: string; messages?: { content: string }[] }
    const choices = answer(asked.prompt ?? asked.messages?.[0]?.content ?? '')
    if (asked.stream) return void sendStream(reply, streamed(choices, dialect, roll), roll)
    reply.writeHead(200, JSON_TYPE).end(whole(choices, dialect))
  })
  const rig = await openRig(t, onto(upstream.url, { chain, secret: 'the same in every run' }))
  const ask = async (dialect: DialectName, prompt: string, stream: boolean): Promise<Answer> => {
    const asked = dialect === 'openai-chat' ? { messages: [{ role: 'user', content: prompt }] } : { prompt }
    const reply = await rig.post({ model: 'm', stream, ...asked }, { path: DIALECTS[dialect] })
    return { status: reply.status, text: await reply.text() }
  }
  return {
    async play(next, prompt) {
      scene = next
      return { stream: await ask(next.dialect, prompt, true), body: await ask(next.dialect, prompt, false) }
    },
  }
}

/**
 * The law. Arguments in which a key or a number would have to change cannot be mended: then the whole answer is refused,
 * and so is the stream.
 */
function agree({ stream, body }: { stream: Answer; body: Answer }): void {
  if (body.status !== 200) {
    assert.deepEqual([body.status, (JSON.parse(body.text) as { error: { code: string } }).error.code], [400, 'content_filter'])
    if (stream.status === 400) return assert.equal(stream.text, body.text)
    assert.ok(Object.values(hear(payloadsOf(stream.text))).includes('content_filter'))
  } else {
    assert.equal(stream.status, 200)
    assert.deepEqual(spelled(hear(payloadsOf(stream.text))), spelled(hear([body.text])))
  }
  assert.ok(stream.text.endsWith('data: [DONE]\n\n'))
}

/** The places of arguments that are JSON. */
function sound(answer: string): string[] {
  const places = Object.entries(spelled(hear([answer]))).filter(([place]) => place.endsWith('arguments'))
  return places.flatMap(([place, value]) => Object.hasOwn(value as object, 'unfinished') ? [] : [place])
}

const choices = fc.array(said, { minLength: 1, maxLength: 3 })

for (const [name, chain] of Object.entries(CHAINS)) {
  for (const dialect of Object.keys(DIALECTS) as DialectName[]) {
    test(`a stream says what the whole answer says: ${name}, ${dialect}`, async t => {
      const { play } = await openStage(t, chain)
      let met = 0
      await fc.assert(fc.asyncProperty(choices, rhythm, async (answer, numbers) => {
        const played = await play({ dialect, answer: () => answer, roll: rollBy(numbers) }, 'hello')
        agree(played)
        if (played.body.status === 200) {
          met++
          assert.deepEqual(sound(played.body.text), sound(whole(answer, dialect)), 'what was JSON stays JSON')
        }
      }), { numRuns: 32 })
      assert.ok(met > 10, `${met} answers were not refused`)
    })
  }
}

/** What a model makes of a placeholder that it says again. */
const BENT: readonly ((token: string) => string)[] = [
  token => token, token => token.toLowerCase(), token => token.toUpperCase(), token => token.replaceAll('_', '\\_'),
  token => token.replaceAll('_', '-'), token => token.replaceAll('_', ' '), token => [...token].join('\u200b'),
]
const TOKEN = /\b(?:EMAIL|PHONE|CARD|IBAN|US_SSN)_\d+_[a-z0-9]{8}\b/g
const between = fc.constantFrom(' and ', ', then ', ' \u{1f600} or ', '\n"also" ')
const prompt = fc.array(fc.tuple(fc.constantFrom(...VALUES), between), { minLength: 1, maxLength: 6 })
  .map(list => list.flat().join(''))

for (const dialect of Object.keys(DIALECTS) as DialectName[]) {
  test(`values come back from placeholders, however bent and cut: ${dialect}`, async t => {
    const { play } = await openStage(t, [pii('tokenize')])
    await fc.assert(fc.asyncProperty(prompt, rhythm, fc.integer({ min: 1, max: 3 }), async (text, numbers, n) => {
      let went = ''
      const answer = (asked: string): Said[] => {
        went = asked
        const roll = rollBy(numbers)
        const bent = (): string => asked.replaceAll(TOKEN, token => BENT[roll(BENT.length)]!(token))
        return Array.from({ length: n }, () =>
          ({ content: bent(), refusal: bent(), reasoning: bent(), calls: [{ name: 'f', args: JSON.stringify({ to: bent() }) }] }))
      }
      const played = await play({ dialect, answer, roll: rollBy(numbers) }, text)
      assert.ok(VALUES.every(value => !went.includes(value)), 'no value goes up')
      agree(played)
      const heard = hear(payloadsOf(played.stream.text))
      for (let choice = 0; choice < n; choice++) {
        assert.equal(heard[`${choice} content`], text)
        if (dialect === 'openai-chat') assert.equal(heard[`${choice} refusal`], text)
      }
    }), { numRuns: 40 })
  })

  test(`placeholders among anything come back the same from a stream and from a whole answer: ${dialect}`, async t => {
    const { play } = await openStage(t, [pii('tokenize')])
    await fc.assert(fc.asyncProperty(nasty, said, rhythm, async (text, other, numbers) => {
      const answer = (asked: string): Said[] => {
        const roll = rollBy(numbers)
        const bent = asked.replaceAll(TOKEN, token => BENT[roll(BENT.length)]!(token))
        return [{ ...other, content: bent + other.content, refusal: other.refusal + bent }, { ...other, reasoning: bent }]
      }
      agree(await play({ dialect, answer, roll: rollBy(numbers) }, text))
    }), { numRuns: 40 })
  })

  test(`nothing leaves early: ${dialect}`, { timeout: 30_000 }, async t => {
    let payloads: string[] = []
    let body = ''
    let seen: PromiseWithResolvers<void>[] = []
    const upstream = await openUpstream(t, async (reply, asked) => {
      if (!asked.includes('"stream":true')) return void reply.writeHead(200, JSON_TYPE).end(body)
      reply.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const [index, payload] of payloads.entries()) {
        // Comments pass at once: when the client has this one, it has everything that the frame before it set free.
        reply.write(`data: ${payload}\n\n: frame ${index}.\n\n`)
        await seen[index]!.promise
      }
      reply.end()
    })
    const rig = await openRig(t, onto(upstream.url, { chain: [pii('mask')] }))
    await fc.assert(fc.asyncProperty(choices, rhythm, async (answer, numbers) => {
      payloads = streamed(answer, dialect, rollBy(numbers))
      body = whole(answer, dialect)
      seen = payloads.map(() => Promise.withResolvers<void>())
      const asked = { model: 'm', messages: [{ role: 'user', content: 'hello' }], prompt: 'hello' }
      const answered = await rig.post(asked, { path: DIALECTS[dialect] })
      const guarded = await answered.text()
      // What is refused as a whole has no text to compare with.
      fc.pre(answered.status === 200)
      const texts = hear([guarded])
      const removed = VALUES.filter(value => !guarded.includes(value))
      let stream = ''
      let frame = 0
      const reply = await rig.post({ ...asked, stream: true }, { path: DIALECTS[dialect] })
      for await (const piece of reply.body!.pipeThrough(new TextDecoderStream())) {
        stream += piece
        for (const [place, text] of Object.entries(hear(payloadsOf(stream)))) {
          if (!texts[place]?.startsWith(text)) assert.equal(text, texts[place], `${place} is no beginning of what it may be`)
        }
        for (const value of removed) assert.ok(!stream.includes(value))
        while (stream.includes(`: frame ${frame}.\n`)) seen[frame++]!.resolve()
      }
      assert.equal(frame, payloads.length)
    }), { numRuns: 25 })
  })
}

/** A field of a request with what is to be counted in it, in code units. */
interface Field {
  readonly value: unknown
  readonly mapped: number
  readonly unknown: number
}

const NOTHING: Field = { value: null, mapped: 0, unknown: 0 }
const sum = (value: unknown, parts: readonly Field[]): Field => ({
  value,
  mapped: parts.reduce((total, part) => total + part.mapped, 0),
  unknown: parts.reduce((total, part) => total + part.unknown, 0),
})

/** A value that may stand at a place of the dialect's map, and here and there a field that the map does not know. */
function fieldAt(place: Place | undefined, roll: Roll, depth: number): Field {
  const kinds: (() => Field)[] = []
  const { leaf, fields, items, rest } = place ?? {}
  if (leaf !== undefined || place === undefined) kinds.push(() => textAt(place, roll))
  if (fields !== undefined) kinds.push(() => objectAt(fields, rest, roll, depth))
  else if (rest !== undefined && depth < 9) kinds.push(() => objectAt({ one: rest, 'a/b~': rest }, rest, roll, depth))
  const element = items ?? rest
  if (element !== undefined && depth < 9) {
    kinds.push(() => listOf(Array.from({ length: 1 + roll(3) }, () => fieldAt(element, roll, depth + 1))))
  }
  kinds.push(kinds[0]!, () => ({ ...NOTHING, value: roll(2) === 0 ? null : 7 }))
  return kinds[roll(kinds.length)]!()
}

const listOf = (parts: readonly Field[]): Field => sum(parts.map(part => part.value), parts)

function textAt(place: Place | undefined, roll: Roll): Field {
  const value = [VALUES[roll(VALUES.length)]!, '', 'x', 'é\n"\\', '\u{1f600}\u2028'].slice(roll(5)).join(' ')
  if (place === undefined) return { value, mapped: 0, unknown: value.length }
  return { value, mapped: typeof place.leaf === 'object' ? value.length : 0, unknown: 0 }
}

function objectAt(fields: Readonly<Record<string, Place>>, rest: Place | undefined, roll: Roll, depth: number): Field {
  const known = Object.entries(fields).filter(() => roll(3) > 0)
  const parts: [string, Field][] = known.map(([name, place]) => [name, fieldAt(place, roll, depth + 1)])
  const other = rest === undefined ? listOf([textAt(undefined, roll), NOTHING]) : fieldAt(rest, roll, depth + 1)
  if (roll(3) === 0) parts.push(['x-unknown', other])
  return sum(Object.fromEntries(parts.map(([name, part]) => [name, part.value])), parts.map(([, part]) => part))
}

/** A request in which any field may stand, as far as the gateway lets it in. */
function requestBy(roll: Roll): Field {
  const { model: _model, messages, ...others } = chat.request.fields!
  const top = objectAt(others, undefined, roll, 0)
  const turns = Array.from({ length: 1 + roll(3) }, () => {
    const role = ['system', 'developer', 'user', 'assistant', 'tool', 'function', 'critic'][roll(7)]!
    const message = objectAt(messages!.items!.fields!, undefined, roll, 2)
    return { ...message, value: { ...message.value as object, role } }
  })
  return sum({ ...top.value as object, model: 'm', messages: turns.map(turn => turn.value) }, [top, ...turns])
}

test('every character of a request is scanned, skipped or uncovered', async t => {
  const upstream = await openUpstream(t, reply => reply.writeHead(200, JSON_TYPE).end('{}'))
  const annotate = { options: { action: 'annotate' } }
  const rig = await openRig(t, onto(upstream.url, { chain: [
    { use: 'pii', ...annotate, reads: { origins: ORIGINS, channels: CHANNELS } },
    { use: 'pii', ...annotate },
    { use: 'moderation', ...annotate },
    { use: 'pii', ...annotate, reads: { origins: ['tool_def'], channels: ['schema'] } },
  ] }))
  const met = { mapped: 0, unknown: 0, skipped: 0 }
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(9999), { minLength: 40, maxLength: 97 }), async numbers => {
    const { value, mapped, unknown } = requestBy(rollBy(numbers))
    const settled = rig.settled()
    const reply = await rig.post(value)
    assert.equal(reply.status, 200, await reply.text())
    const { steps, uncovered } = await settled
    const down = steps.filter(step => step.direction === 'request')
    assert.deepEqual(down.map(step => step.scanned + step.skipped), [mapped, mapped, mapped, mapped])
    assert.equal(uncovered, unknown)
    met.mapped += mapped
    met.unknown += unknown
    met.skipped += down[3]!.skipped
  }), { numRuns: 300 })
  assert.ok(Object.values(met).every(characters => characters > 10_000), JSON.stringify(met))
})
