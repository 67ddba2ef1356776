import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { unfold } from '../../core/fold.ts'
import { dialectNames, loadDialect, loadTranslation, translationNames } from '../../core/registry.ts'
import { read } from '../../core/reading.ts'
import type { CanonicalAnswer, Citation } from '../../sdk/index.ts'
import { SETTINGS, writeStream } from '../core/translation/law.ts'
import { tapeOf } from '../core/dialect/walk.ts'
import { openRig } from './rig.ts'
import { openVendor } from './vendor.ts'

const PAGE: Citation = { start: 8, end: 12, url: 'https://example.com/a', title: 'By jane.roe@example.com', quoted: 'Ask jane.roe@example.com.' }
const answer = (...citations: readonly Citation[]): CanonicalAnswer => ({
  id: 'a', model: 'm', created: 1_700_000_000, usage: { input: 12, output: 5, cacheRead: 0, cacheWrite: 0, reasoning: 0, source: 'provider' },
  choices: [{ index: 0, blocks: [{ kind: 'text', text: 'Hello to Rome', citations }], finish: { stop: 'end', raw: '' } }],
})

for (const name of dialectNames().filter(dialect => translationNames().includes(dialect))) {
  test(`guards see every word about a source that a client of ${name} is told`, async () => {
    const [translation, dialect] = [await loadTranslation(name), await loadDialect(name)]
    const tokens = { logprobs: [{ token: 'Hello', logprob: -1, top: [{ token: 'Hey', logprob: -2 }] }] }
    const [choice] = answer(PAGE).choices
    const told = { ...answer(), choices: [{ ...choice!, blocks: choice!.blocks.map(block => ({ ...block, ...tokens })) }] }
    const whole = read(tapeOf(translation.writeAnswer(told, SETTINGS)), dialect.response)
    const frames = writeStream(translation, unfold(told)).filter(({ payload }) => payload !== dialect.streaming!.done)
    const streamed = frames.map(({ payload }) => read(tapeOf(payload), dialect.streaming!.frame))
    for (const readings of [[whole], streamed]) {
      assert.deepEqual(readings.flatMap(({ tape, uncovered }) => uncovered.map(node => tape.text(node))), [])
      const seen = readings.flatMap(({ tape, spots }) => spots.map(({ node }) => tape.text(node)))
      for (const word of [PAGE.url, PAGE.title]) assert.ok(seen.includes(word), `${word} is among ${seen.join(' | ')}`)
    }
  })
}

async function ask(t: TestContext, told: CanonicalAnswer, stream: boolean): Promise<{ reply: Response; annotations: unknown[] }> {
  const vendor = await openVendor(t, 'cohere-chat', () => told)
  const rig = await openRig(t, {
    providers: { vendor: vendor.provider }, chains: { chain: [{ use: 'pii' }] },
    routes: [{ name: 'all', match: { model: '*' }, chain: 'chain', targets: [{ provider: 'vendor' }] }],
  })
  const settled = rig.settled()
  const reply = await rig.post({ model: 'm', stream, messages: [{ role: 'user', content: 'Hi' }] })
  const body = await reply.text()
  assert.equal((await settled).uncovered, 0)
  const bodies = stream ? body.split('\n').filter(line => line.startsWith('data: {')).map(line => line.slice('data: '.length)) : [body]
  const choices = bodies.flatMap(one => (JSON.parse(one) as { choices: { message?: { annotations?: unknown[] }; delta?: { annotations?: unknown[] } }[] }).choices)
  return { reply, annotations: choices.flatMap(({ message, delta }) => (message ?? delta)?.annotations ?? []) }
}

describe('a client of openai-chat at a provider of cohere-chat', () => {
  for (const stream of [false, true]) {
    test(`is told the sources, ${stream ? 'streamed' : 'whole'}, and no more of them than the guards let through`, async t => {
      const { annotations, reply } = await ask(t, answer(PAGE), stream)
      assert.deepEqual(annotations, [{
        type: 'url_citation',
        url_citation: { start_index: 8, end_index: 12, url: PAGE.url, title: 'By [EMAIL]', content: 'Ask [EMAIL].' },
      }])
      assert.equal(reply.headers.get('x-gatehouse-warning'), null)
    })
  }

  test('hears of sources that have no link: there is no place for them', async t => {
    const { annotations, reply } = await ask(t, answer(PAGE, { title: 'report.pdf' }), false)
    assert.equal(annotations.length, 1)
    assert.match(reply.headers.get('x-gatehouse-warning') ?? '', /^answer\.citations dropped: /)
  })
})

describe('what a client of openai-chat asks for and no other provider gives', () => {
  for (const name of translationNames().filter(one => one !== 'openai-chat')) {
    test(`speech, and the words of one that a vendor keeps, are warned of at ${name}`, async () => {
      const [chat, target] = [await loadTranslation('openai-chat'), await loadTranslation(name)]
      const request = chat.readRequest({
        modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' },
        messages: [{ role: 'user', content: 'Hi' }, { role: 'assistant', audio: { id: 'audio_1' }, content: 'Hello' }, { role: 'user', content: 'Go on' }],
      }, { model: 'm', stream: false })
      const fields = target.writeRequest(request, {}).warnings.map(({ field, action }) => `${field} ${action}`)
      for (const lost of ['modalities dropped', 'audio dropped', 'turns[1].blocks[1] dropped']) assert.ok(fields.includes(lost), fields.join())
    })

    test(`sources of earlier turns are warned of at ${name}`, async () => {
      const [chat, target] = [await loadTranslation('openai-chat'), await loadTranslation(name)]
      const annotations = [{ type: 'url_citation', url_citation: { start_index: 0, end_index: 2, url: PAGE.url, title: 'T' } }]
      const request = chat.readRequest({
        messages: [{ role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Hello', annotations }, { role: 'user', content: 'Go on' }],
      }, { model: 'm', stream: false })
      const { body, warnings } = target.writeRequest(request, {})
      assert.deepEqual(warnings.map(({ field, action }) => `${field} ${action}`), ['turns[1].blocks[0].citations dropped'])
      assert.doesNotMatch(body, /example\.com/)
    })
  }
})
