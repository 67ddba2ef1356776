import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lossesOf } from '../../core/answer-loss.ts'
import chat from '../../core/translation/openai-chat.ts'
import responses from '../../core/translation/openai-responses.ts'
import type { Block, Translation } from '../../sdk/index.ts'
import { SETTINGS } from './translation/law.ts'

const PAGE = { start: 0, end: 2, url: 'https://example.com', title: 'T' }
const said = (more: object): Block => ({ kind: 'text', text: 'Hi', ...more })
const OWN: Block = { kind: 'opaque', dialect: 'anthropic-messages', type: 'server_tool_use', raw: {} }
const WAV: Block = { kind: 'audio', media: { at: 'data', base64: 'UklGRg==', mediaType: 'audio/wav' } }

const cases: readonly (readonly [string, Translation, readonly Block[], readonly string[]])[] = [
  ['nothing but words', chat, [said({}), { kind: 'reasoning', text: 'hm' }], []],
  ['what the client knows', chat, [said({ citations: [{ ...PAGE, quoted: 'Q' }], logprobs: [{ token: 'Hi', logprob: -1, top: [] }] })], []],
  ['a source without a link', chat, [said({ citations: [PAGE, { title: 'a.pdf' }] })], ['answer.citations']],
  ['the words of a source', responses, [said({ citations: [{ ...PAGE, quoted: 'Q' }] })], ['answer.quotations']],
  ['things of another dialect, and sounds', chat, [said({}), OWN, WAV], ['answer.sounds', 'answer.others']],
]
for (const [name, client, blocks, fields] of cases) {
  test(`${name}: ${fields.join(', ') || 'no loss'}`, () => {
    const answer = { id: 'a', model: 'm', choices: [{ index: 0, blocks, finish: { stop: 'end', raw: '' } as const }] }
    const losses = lossesOf(answer, client.writeAnswer(answer, SETTINGS), client)
    assert.deepEqual(losses.map(({ field, action }) => [field, action]), fields.map(field => [field, 'dropped']))
  })
}
