import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fc } from '../law.ts'
import pii from '../../processors/pii.ts'
import { cost, cut, inspect, SCOPE, segment, streamed, values, whole } from './law.ts'

const detector = await pii.setup({})

/** Real values, values that are nearly real, and what stands around them. */
const PIECES = [
  'jane.roe+x@example.co.uk', 'a@b.co', 'bob_@x-y.com-foo', '@', '..', '---', "o'brien@", 'x.com', '4539 1488 0343 6467',
  '4111111111111111', '4111 1111 1111 1111', '5500-0000-0000-0004', '3782 822463 10005', '4222222222222', '4005 ', '4111-',
  'GB82 WEST 1234 5698 7654 32', 'de89370400440532013000', 'NO9386011117947', 'GB', 'DE8', '123-45-6789', '123 45 6789',
  '123456789', '078-05-1120', 'ssn ', 'social security ', '(212) 555-0123', '212-555-0123', '212.555.0123', '1-212-555-0123',
  '+1 212 555 0123', '+44 (0)20 7946 0958', '(+44) 20 7946 0958', '020 7946 0958', '011 44 20 7946 0958', '+', '(', 'x',
  '2024-01-15', '550e8400-e29b-41d4-a716-446655440000', '1.2.3', '192.168.1.1', '１２３', '４１１１ １１１１ １１１１ １１１１', '\u200b',
  '\u200b\u200b', '\u00a0', '\u00ad', '漢', 'é', '😀', '\ud83d', 'Hello', 'word ', '\n', '\\n', ' ', ' - ', '-', '.', '/', '0',
  '1', '4', '9', '12', '555', '_', 'a',
]
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 2, arbitrary: fc.stringMatching(/^[0-9 .-]{1,9}$/) },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
)
/** Texts from a few pieces each: the same ones over and over make the chains that are hardest to take apart. */
const texts = (most: number): fc.Arbitrary<string> => fc.array(piece, { minLength: 1, maxLength: 12 })
  .chain(pieces => fc.array(fc.constantFrom(...pieces), { maxLength: most, size: 'max' }))
  .map(pieces => pieces.join(''))
const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })

const OPEN: readonly (readonly [text: string, open: number])[] = [
  ['', 0], ['Hello jane', 6], ['Hello jane. ', 12], ['Hello jane.', 6], ['Hello ', 6], ['pay 4111 ', 4], ['my DE', 3],
  ['Hello 漢', 7], ['call +', 5], ['9'.repeat(100), 100], ['a'.repeat(65), 65], ['to jane@example.com', 3],
  ['to jane@example.com ', 20], ['４１１１\u200b', 0], ['. 😀', 4],
]

const NOTHING = -1
const OPEN_ONE: Readonly<Record<string, readonly (readonly [text: string, open: number])[]>> = {
  email: [
    ['Hello jane', 6], ['Hello jane.', 6], ['Hello jane..', NOTHING], ['a ---', NOTHING], ['jane@', 0], ['jane@ ', NOTHING],
    ['jane.@', NOTHING], ['to jane@example.com', 3], ['to jane@example.com.', 3], ['to jane@example.com,', NOTHING],
    ['a@b.com@c', NOTHING], ['logo@2x.', NOTHING], ['a'.repeat(64), 0], ['a'.repeat(65), NOTHING],
    [`a@${'b'.repeat(64)}`, NOTHING], [`a@${'b.'.repeat(126)}`, 0], [`a@${'b.'.repeat(127)}`, NOTHING],
  ],
  card: [
    ['pay 4', 4], ['pay 4111 ', 4], ['pay 4111-', 4], ['pay 41 ', NOTHING], ['pay 1', 4], ['pay 12', NOTHING],
    ['pay 7', NOTHING], ['x4111', NOTHING], ['4111 1111 1111 1111', 0], ['4111 1111 1111 1111 ', 0],
    ['4111 1111 1111 1111 1', 0], ['4111 1111 1111 1111 1234', NOTHING], ['4111 1111 1111 1111.', 0],
    ['4111 1111 1111 1111 i', NOTHING], ['5500 0000 0000 0004 ', NOTHING], ['5500 0000 0000 0003', NOTHING],
    ['5500-0000-0000-0004-ab', 0], ['5500-0000-0000-0004-ag', NOTHING], ['9'.repeat(100), NOTHING], ['4'.repeat(20), NOTHING],
  ],
  iban: [
    ['D', 0], ['my DE', 3], ['my DQ', NOTHING], ['aDE', NOTHING], ['DE8', 0], ['DE89 ', 0], ['DE89  ', NOTHING],
    ['DE89 3704 0044 0532 0130 0', 0], ['DE89 3704 0044 0532 0130 00', 0], ['DE89 3704 0044 0532 0130 01', NOTHING],
    ['DE89 3704 0044 0532 0130 00,', NOTHING], ['DE89 hello', NOTHING],
  ],
  'us-ssn': [
    ['is 1', 3], ['is 123-', 3], ['is 123-45-6789', 3], ['is 123-45-6789-', 3], ['is 123-45-6789 ', NOTHING],
    ['is 666-', NOTHING], ['is 9', NOTHING], ['is 1234', NOTHING], ['ssn 1234', 4], ['ssn 123456789', 4],
    ['ssn 1234567890', NOTHING], ['is 123-00', 7], ['is 123-00 ', NOTHING], ['is 123-45 6', 10],
  ],
  phone: [
    ['call (', 5], ['call +', 5], ['call (+', 5], ['call (212', 5], ['call 212', 5], ['call 212 ', 5], ['call 2125', 5],
    ['call 2125550', NOTHING], ['call 2125-', NOTHING], ['call 112', NOTHING], ['call 212-1', NOTHING],
    ['call 212-555-0123', 5], ['call 212-555-0123 ', 5], ['call 212-555-0123x', 5], ['call 212-555-0123,', NOTHING],
    ['call 999-555-0123', NOTHING], ['+44 20 7946 0958', 0], ['+44 20 7946 09581', NOTHING], ['+999', NOTHING],
    ['00 44 20', 0], ['in 2024 ', NOTHING], ['at 10:30', 6], ['at 10:30 ', NOTHING],
  ],
}

describe('pii', () => {
  it('finds every entity in one text and says what it is', () => {
    const text = 'jane@example.com, 4111 1111 1111 1111, GB82 WEST 1234 5698 7654 32, SSN 123-45-6789, '
      + '+44 20 7946 0958, (212) 555-0123'
    const found = inspect(detector, text)
    assert.deepEqual(found.map(({ start, end, type, score, action }) => [text.slice(start, end), type, score, action]), [
      ['jane@example.com', 'email', 1, 'tokenize'],
      ['+44 20 7946 0958', 'phone', 0.75, 'tokenize'],
      ['(212) 555-0123', 'phone', 0.4, 'tokenize'],
      ['4111 1111 1111 1111', 'card', 1, 'tokenize'],
      ['GB82 WEST 1234 5698 7654 32', 'iban', 1, 'tokenize'],
      ['123-45-6789', 'us-ssn', 0.85, 'tokenize'],
    ])
  })

  it('reads each segment for itself', async () => {
    const findings = await detector.inspect([segment('4111 1111', 3), segment(' 1111 1111 a@b.co', 7)], SCOPE)
    assert.deepEqual(findings, [{ segment: 7, start: 11, end: 17, type: 'email', score: 1, action: 'tokenize' }])
  })

  it('looks for the entities, with the action and in the regions, that it is told', async () => {
    const cards = await pii.setup({ entities: ['card'], action: 'mask' })
    assert.deepEqual(inspect(cards, 'a@b.co 4111111111111111').map(({ type, action }) => [type, action]), [['card', 'mask']])
    const british = await pii.setup({ entities: ['phone'], regions: ['GB'] })
    assert.deepEqual(values(british, 'call 020 7946 0958 or (212) 555-0123'), ['020 7946 0958'])
    assert.throws(() => pii.setup({ regions: ['UK'] }), /expected regions to be countries .* got "UK"/)
  })

  it('tells where the text is still open', () => {
    for (const [text, open] of OPEN) assert.equal(detector.undecided!(text), open, text)
  })

  for (const [entity, cases] of Object.entries(OPEN_ONE)) {
    it(`tells where the text is still open for ${entity} alone`, async () => {
      const alone = await pii.setup({ entities: [entity as 'card'] })
      for (const [text, open] of cases) assert.equal(alone.undecided!(text), open === NOTHING ? text.length : open, text)
    })
  }

  it('keeps the law of streams, cut anywhere', () => {
    fc.assert(fc.property(texts(40), places, (text, at) => {
      assert.deepEqual(streamed(detector, pii.stream!, cut(text, at), false), whole(detector, text))
    }), { numRuns: 1000 })
  })

  it('keeps it cut after every character', () => {
    fc.assert(fc.property(texts(30), text => {
      assert.deepEqual(streamed(detector, pii.stream!, text.split(''), false), whole(detector, text))
    }), { numRuns: 200 })
  })

  it('keeps it by its declared bounds alone', () => {
    fc.assert(fc.property(texts(150), places, (text, at) => {
      assert.deepEqual(streamed(detector, pii.stream!, cut(text, at), true), whole(detector, text))
    }), { numRuns: 300 })
  })

  it('keeps it in rows of groups that could be taken apart in many ways', async () => {
    const rows = {
      card: ['4005', '4111', '1111', '0004', '5500', '41111'],
      phone: ['01', '02', '212', '555', '0123', '20', '12 34', '+1', '+4', '4', '0'],
    }
    const marks = fc.constantFrom(' ', ' ', ' - ', '-', '\u200b ', ') (')
    for (const [entity, groups] of Object.entries(rows)) {
      const one = await pii.setup({ entities: [entity as keyof typeof rows], regions: ['US', 'FR', 'DK'] })
      const row = fc.array(fc.constantFrom(...groups), { minLength: 1, maxLength: 4 })
        .chain(few => fc.array(fc.tuple(fc.constantFrom(...few), marks), { minLength: 20, maxLength: 120, size: 'max' }))
        .map(pairs => pairs.flat().join(''))
      fc.assert(fc.property(row, places, fc.boolean(), (text, at, blind) => {
        assert.deepEqual(streamed(one, pii.stream!, cut(text, at), blind), whole(one, text))
      }), { numRuns: 300 })
    }
  })

  it('keeps it in every region at once', async () => {
    const abroad = await pii.setup({ entities: ['phone'], regions: ['US', 'GB', 'DE', 'FR', 'DK', 'BR'] })
    fc.assert(fc.property(texts(40), places, (text, at) => {
      assert.deepEqual(streamed(abroad, pii.stream!, cut(text, at), false), whole(abroad, text))
    }), { numRuns: 100 })
  })

  it('takes linear time on hostile text', () => {
    const size = 1 << 19
    for (const unit of ['1', 'a', '@', '1 ', 'a.', 'a@b.', '4005 ', 'GB82 ', '212-555-0123 ', '+44 ', '00 44 ', '１', '\u200b']) {
      const text = unit.repeat(size / unit.length)
      const took = cost(() => {
        inspect(detector, text)
        detector.undecided!(text)
      })
      assert.ok(took < 3000, `${JSON.stringify(unit)} took ${took} ms`)
    }
  })

  it('costs next to nothing on plain text', () => {
    const text = 'The quick brown fox jumps over the lazy dog, and goes home. '.repeat(17)
    const took = cost(() => {
      for (let i = 0; i < 2000; i++) inspect(detector, text)
    })
    assert.ok(took / 2000 < 0.1, `${took / 2000} ms for a kilobyte`)
  })
})
