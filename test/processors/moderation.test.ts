import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fc } from '../law.ts'
import moderation from '../../processors/moderation.ts'
import { LIST_NAMES, LISTS } from '../../processors/moderation/lists.ts'
import { cost, cut, inspect, streamed, values, whole } from './law.ts'

const WORDS = {
  threat: ['kill you', 'you kill', 'kill', 'kill all of you', 'a a a', '@all', 'stop!', 'i\'m done', 'c++'],
  place: ['école', 'é tat', 'naïve  plan', 'Straße', 'ﬁne', '杀人', 'kill'],
}
const own = await moderation.setup({ words: WORDS, lists: [] })
const builtIn = await moderation.setup({})

const bits = fc.constantFrom(
  'kill', 'KILL', 'Kill you', 'you', ' ', '  ', '\n', '\u2028', 'all of', 'a', 'a ', 's', 'x', '@all', '@', 'stop!', 'stop',
  'ﬁne', 'fine', 'i’m done', 'I\'M', '杀人', '杀', 'c++', 'c+', '\u200b', '\u200b\u200b', '\u00ad', 'e\u0301cole', 'École',
  '\u0301', '😀', '\ud835', '\udc8c', '𝒌𝒊𝒍𝒍', 'ｋｉｌｌ', 'ﷺ', 'naïve', 'plan', 'Straße', '각', '.', '-', '1', 'how to make ',
  'kill myself',
)
const texts = (most: number): fc.Arbitrary<string> => fc.array(bits, { minLength: 1, maxLength: 12 })
  .chain(pieces => fc.array(fc.constantFrom(...pieces), { maxLength: most, size: 'max' }))
  .map(pieces => pieces.join(''))
const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })

describe('moderation', () => {
  const cases: readonly (readonly [text: string, ...found: string[]])[] = [
    ['They kill.', 'kill', 'kill'], ['I will KILL YOU', 'KILL YOU'], ['kill\n \tyou', 'kill\n \tyou'],
    ['kill all of you', 'kill all of you'], ['skill'], ['kills'], ['kill2'], ['_kill_', 'kill', 'kill'], ['overkill you'],
    ['kill, you', 'kill', 'kill'], ['ｋｉｌｌ ｙｏｕ', 'ｋｉｌｌ ｙｏｕ'], ['ki\u00adll you', 'ki\u00adll you'], ['ki\u200b\u200bll'],
    ['𝒌𝒊𝒍𝒍 you', '𝒌𝒊𝒍𝒍 you'], ['I’m done', 'I’m done'], ['l\'ÉCOLE', 'ÉCOLE'], ['e\u0301cole', 'e\u0301cole'], ['ecole'],
    ['NAÏVE PLAN', 'NAÏVE PLAN'], ['straße', 'straße'], ['fine', 'fine'], ['他要杀人了', '杀人'], ['stop!now', 'stop!'], ['unstop!'],
    ['x@all', '@all'], ['@allow'], ['c++', 'c++'], ['kill' + ' '.repeat(300) + 'you', 'kill', 'kill'],
    ['you kill you', 'you kill', 'kill you'],
  ]
  for (const [text, ...found] of cases) {
    it(`finds ${found.length === 0 ? 'nothing' : found.join(' and ')} in ${text.slice(0, 40)}`, () => {
      assert.deepEqual(values(own, text), found)
    })
  }

  it('says which category and what to do', () => {
    assert.deepEqual(inspect(own, 'my école'), [{ segment: 0, start: 3, end: 8, type: 'place', action: 'block' }])
    assert.deepEqual(inspect(own, 'kill').map(({ type }) => type), ['threat', 'place'])
  })

  it('reads its own lists, each entry as its own category', () => {
    for (const name of LIST_NAMES) {
      for (const entry of LISTS[name]) {
        assert.ok(inspect(builtIn, `so, ${entry.toUpperCase()}.`).some(({ type }) => type === name), `${name}: ${entry}`)
      }
    }
  })

  it('reads only the lists that it is told', async () => {
    const one = await moderation.setup({ lists: ['self-harm'], action: 'annotate' })
    const found = inspect(one, 'I will kill you and kill myself')
    assert.deepEqual(found.map(({ type, action }) => [type, action]), [['self-harm', 'annotate']])
  })

  it('leaves harmless text alone', () => {
    const harmless = [
      'The play killed me, what a show.', 'How do I kill a process in Linux?', 'Suicide prevention hotline staff',
      'make a bomb shelter', 'Cutting my own hair', 'The school shooting was in the news', 'Breast cancer screening',
      'The patient reported oral bleeding',
    ]
    for (const text of harmless) assert.deepEqual(values(builtIn, text), [], text)
  })

  it('refuses entries that say nothing or too much', () => {
    assert.throws(() => moderation.setup({ words: { odd: [' '] } }), /expected the entries of "odd" to have .* got one of 0/)
    assert.throws(() => moderation.setup({ words: { odd: ['x'.repeat(129)] } }), /got one of 129/)
  })

  it('tells where the text is still open', () => {
    const open: readonly (readonly [text: string, open: number])[] = [
      ['', 0], ['they ki', 5], ['they kill', 5], ['they kill ', 5], ['they kill  ', 5], ['they kill yo', 5],
      ['they kill you', 5], ['they kill you ', 10], ['they kill you, ', 15], ['they kilo', 9], ['ski', 3],
      ['they ki\u200b', 5], ['kill all of ', 0], ['kill all of us', 14], ['a\ud835', 0], ['z\ud835', 1], ['他杀', 1],
      [`kill${' '.repeat(300)}`, 304], ['@', 0],
    ]
    for (const [text, at] of open) assert.equal(own.undecided!(text), at, JSON.stringify(text))
  })

  it('keeps the law of streams, cut anywhere', () => {
    for (const detector of [own, builtIn]) {
      fc.assert(fc.property(texts(40), places, (text, at) => {
        assert.deepEqual(streamed(detector, moderation.stream!, cut(text, at), false), whole(detector, text))
      }), { numRuns: 400 })
    }
  })

  it('keeps it cut after every code unit', () => {
    fc.assert(fc.property(texts(40), text => {
      assert.deepEqual(streamed(own, moderation.stream!, text.split(''), false), whole(own, text))
    }), { numRuns: 200 })
  })

  it('keeps it by its declared bounds alone', () => {
    fc.assert(fc.property(texts(400), places, (text, at) => {
      assert.deepEqual(streamed(own, moderation.stream!, cut(text, at), true), whole(own, text))
    }), { numRuns: 150 })
  })

  it('takes linear time on hostile text', () => {
    for (const unit of ['a', 'i ', 'i will kill ', ' ', 'how to make a ', 'é', '漢', '\u200b', 'ﷺ', '😀']) {
      const text = unit.repeat((1 << 19) / unit.length)
      const took = cost(() => {
        inspect(builtIn, text)
        builtIn.undecided!(text)
      })
      assert.ok(took < 3000, `${JSON.stringify(unit)} took ${took} ms`)
    }
  })
})
