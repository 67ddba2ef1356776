import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fc } from '../../law.ts'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { cutRuns, loadCounter } from '../../../processors/meter/token-counter.ts'
import { cost } from '../law.ts'

const count = await loadCounter()

const CASES: readonly (readonly [text: string, tokens: number])[] = [
  ['', 0], ['Hello, world!', 4], ['The quick brown fox jumps over the lazy dog.', 10], ['<|endoftext|>', 7],
  ['<|im_start|>system', 7],
]
for (const [text, tokens] of CASES) {
  it(`counts ${tokens} tokens in ${JSON.stringify(text)}`, () => assert.equal(count([text]), tokens))
}

it('counts text of ordinary words as the tokenizer itself does', () => {
  const words = fc.oneof(fc.lorem(), fc.constantFrom('let x = [1, 2];\n', '漢字とかな。', '😀', '  \n\n', '12345'))
  fc.assert(fc.property(fc.array(words, { maxLength: 20 }), pieces => {
    assert.equal(count(pieces), pieces.reduce((sum, text) => sum + countTokens(text), 0))
  }), { numRuns: 100 })
})

it('cuts only runs that are too long, and loses nothing', () => {
  const run = fc.tuple(fc.constantFrom('a', ' ', '!', '7', '漢', '😀'), fc.integer({ min: 1, max: 300 }))
  fc.assert(fc.property(fc.array(run, { maxLength: 6 }), runs => {
    const text = runs.map(([unit, times]) => unit.repeat(times)).join('')
    const pieces = cutRuns(text)
    assert.equal(pieces.join(''), text)
    assert.ok(pieces.every(piece => piece.isWellFormed()))
    assert.ok(pieces.every(piece => !/[a漢]{130}| {130}|!{130}/u.test(piece)))
    if (!/[^\d !]{129}| {129}|!{129}|\d{129}/.test(text)) assert.ok(pieces.length <= 1)
  }))
})

it('stays quick on unbroken text', () => {
  for (const unit of ['a', '漢', '!', ' ', '\n', '😀', '\u0301', '7']) {
    const text = unit.repeat(80_000 / unit.length)
    const took = cost(() => assert.ok(count([text]) > 0))
    assert.ok(took < 500, `${JSON.stringify(unit)} took ${took} ms`)
  }
})

it('counts a part of what is very long, and takes the rest to be alike', () => {
  const sentence = 'The quick brown fox jumps over the lazy dog. '
  const texts = Array.from({ length: 20 }, () => sentence.repeat(2000))
  let tokens = 0
  const took = cost(() => { tokens = count(texts) })
  assert.ok(took < 500, `took ${took} ms`)
  assert.ok(Math.abs(tokens / (20 * 2000 * 10) - 1) < 0.01, `${tokens}`)
})
