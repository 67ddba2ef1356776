import assert from 'node:assert/strict'
import { it } from 'node:test'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { O200K_TOKEN_SPLIT_REGEX } from 'gpt-tokenizer/encodingParams/constants'
import { loadCounter, LONGEST_PIECE, LONGEST_RUN, piecesOf, TURN } from '../../../processors/meter/token-counter.ts'
import { fc } from '../../law.ts'
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
  const words = fc.oneof(fc.lorem(), fc.constantFrom('let x = [1, 2];\n', '漢字とかな。', 'и слово, и дело. ', '😀', '  \n\n', '12345'))
  fc.assert(fc.property(fc.array(words, { maxLength: 20 }), pieces => {
    assert.equal(count(pieces), pieces.reduce((sum, text) => sum + countTokens(text), 0))
  }), { numRuns: 100 })
})

/** What the tokenizer merges in one go, in quadratic time. */
const merged = (text: string): number[] => Array.from(text.matchAll(O200K_TOKEN_SPLIT_REGEX), ([match]) => match.length)

/** Every kind of character that the tokenizer's pattern knows, and those that stand on both sides of a border. */
const UNITS = [
  'a', 'Z', ' ', '\n', '\r\n', '\t', '!', '/', '\'', '7', '\u0001', '\u007f', '\u0085', '\u00a0', '\u3000', '\u2028', '\ufeff',
  'é', 'Я', '漢', '—', '\u0301', '٣', '😀', '\ud800', '\udc00',
]

it('lets no run reach the tokenizer that it would take long over, whatever the text, and loses nothing', () => {
  const run = fc.tuple(fc.array(fc.constantFrom(...UNITS), { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 400 }))
  fc.assert(fc.property(fc.array(run, { maxLength: 4 }), runs => {
    const text = runs.map(([units, times]) => units.join('').repeat(times)).join('')
    const pieces = [...piecesOf([text])]
    assert.equal(pieces.join(''), text)
    // Signs and the line breaks behind them are two runs to us, and one match to the tokenizer.
    assert.ok(Math.max(0, ...pieces.flatMap(merged)) <= 2 * LONGEST_RUN + 4)
    if (text.isWellFormed()) assert.ok(pieces.every(piece => piece.isWellFormed()))
  }))
})

it('cuts nothing where every run is short', () => {
  const word = fc.tuple(fc.constantFrom('a', '漢', '!', '7', 'é', 'Я'), fc.integer({ min: 1, max: 60 }), fc.constantFrom(' ', '\n', '. '))
  fc.assert(fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), words => {
    const text = words.map(([unit, times, gap]) => unit.repeat(times) + gap).join('')
    assert.deepEqual([...piecesOf([text])], [text])
  }))
})

for (const units of ['a', '漢', '!', ' ', '\n', '😀', '\u0301', '7', '/\n', '!—', ' \u00a0', '\u0001!', 'é!', 'aé', '\udc00', '\ud800']) {
  it(`takes linear time on nothing but ${JSON.stringify(units)}`, async () => {
    const text = units.repeat(80_000 / units.length)
    // Work of the tokenizer is the square of what it merges in one go; for the whole at once it would be up to 6,400 million.
    const work = [...piecesOf([text])].flatMap(merged).reduce((sum, length) => sum + length * length, 0)
    assert.ok(work <= 80_000 * (2 * LONGEST_RUN + 4), `${work}`)
    let counted: number | Promise<number> = 0
    const took = cost(() => { counted = count([text.slice(0, TURN - LONGEST_RUN)]) })
    assert.ok(await counted > 0)
    assert.ok(took < 500, `took ${took} ms`)
  })
}

it('counts what is very long in turns, to the same number', async () => {
  const sentence = 'The quick brown fox jumps over the lazy dog.\n'
  const texts = Array.from({ length: 20 }, () => sentence.repeat(2000))
  let turns = 0
  let running = true
  const others = (): void => { if (running) turns = (setImmediate(others), turns + 1) }
  others()
  const tokens = await count(texts)
  running = false
  assert.equal(tokens, 20 * 2000 * 10)
  assert.ok(turns >= 20 * 2000 * sentence.length / (2 * LONGEST_PIECE), `${turns} turns for others`)
})

for (const [what, unit, starts] of [['before a space', 'word ', ' '], ['anywhere where there is none', 'a1', 'a1']] as const) {
  it(`cuts long texts ${what}`, () => {
    const text = unit.repeat(40_000)
    const pieces = [...piecesOf([text])]
    assert.equal(pieces.join(''), text)
    assert.ok(pieces.length > 1 && pieces.every(({ length }) => length <= LONGEST_PIECE))
    assert.ok(pieces.slice(1).every(piece => starts.includes(piece[0]!)))
  })
}
