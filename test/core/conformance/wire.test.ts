import assert from 'node:assert/strict'
import { test } from 'node:test'
import { argumentsWith, hear, interleaved, linesOf, streamedAnswer, wholeAnswer } from '../../../core/conformance/wire.ts'
import { WIRES } from '../../../core/conformance/wires.ts'

const TEXTS = ['one "text"', 'two 😀', '\ud800 three \\']

for (const wire of WIRES.filter(({ speaks }) => speaks.length > 0)) {
  test(`${wire.dialect}: a client reads what was said, whole and in pieces`, () => {
    const lines = linesOf(wire, TEXTS)
    const said = new Map(lines.map(({ choice, channel, text }) => [`${choice} ${channel}`, text]))
    const pieces = interleaved(lines, line => [...line.text])
    for (const answer of [wholeAnswer(wire, lines), streamedAnswer(wire, pieces)]) {
      const heard = hear(wire, answer.bytes, answer.streamed)
      assert.deepEqual(heard.lines, said)
      assert.equal(heard.filtered, false)
    }
    assert.deepEqual(pieces.slice(0, 2 * wire.speaks.length).map(piece => piece.choice), lines.slice(0, 2 * wire.speaks.length).map(line => line.choice))
  })
}

test('an answer that was cut off by a filter', () => {
  const frame = { choices: [{ index: 0, delta: {}, finish_reason: 'content_filter' }] }
  assert.equal(hear(WIRES[0]!, Buffer.from(`data: ${JSON.stringify(frame)}\n\ndata: [DONE]\n\n`), true).filtered, true)
})

test('arguments hold the text, as deep as told', () => {
  assert.deepEqual(JSON.parse(argumentsWith('null}', 0)), { note: 'null}', more: 0 })
  assert.deepEqual(JSON.parse(argumentsWith('"', 3)), { note: '"', more: [[[0]]] })
})
