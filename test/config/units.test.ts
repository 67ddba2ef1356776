import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fc } from '../law.ts'
import { duration, LARGEST_SIZE, LONGEST_DURATION, size } from '../../config/units.ts'

test('durations are milliseconds', () => {
  const cases: [string | number, number][] = [
    [300, 300], ['300', 300], ['300ms', 300], ['5s', 5000],
    ['2m', 120_000], ['1h', 3_600_000], ['99h', 356_400_000], [LONGEST_DURATION, 999_999_999],
  ]
  for (const [written, milliseconds] of cases) assert.equal(duration(written), milliseconds, String(written))
})

test('sizes are bytes', () => {
  const cases: [string | number, number][] = [
    [512, 512], ['512', 512], ['512b', 512], ['64kb', 65_536],
    ['32mb', 33_554_432], ['999mb', 1_047_527_424], [LARGEST_SIZE, 999_999_999],
  ]
  for (const [written, bytes] of cases) assert.equal(size(written), bytes, String(written))
})

test('everything else is refused', () => {
  const durations = [
    '', 's', '0', '0s', '05s', '-1s', '1.5s', '1 s', '5S', '5sec', '1d',
    '100h', '1e3', '٣s', '5s\n', 0, -1, 1.5, Number.NaN, 1e21,
  ]
  for (const written of durations) assert.throws(() => duration(written), RangeError, String(written))
  const sizes = ['', 'mb', '0', '0kb', '1.5mb', '32 mb', '32MB', '1gb', '1000mb', '10m', 0, -1, 0.5]
  for (const written of sizes) assert.throws(() => size(written), RangeError, String(written))
})

test('whatever is accepted is a whole number that a timer and a buffer can take', () => {
  const unit = fc.constantFrom('', 'ms', 's', 'm', 'h', 'b', 'kb', 'mb')
  const written = fc.tuple(fc.nat(), unit).map(parts => parts.join(''))
  fc.assert(fc.property(written, text => {
    for (const [read, most] of [[duration, 2 ** 31 - 1], [size, 2 ** 30]] as const) {
      try {
        const value = read(text)
        assert.ok(Number.isInteger(value) && value >= 1 && value <= most)
      } catch (error) {
        assert.ok(error instanceof RangeError)
      }
    }
  }))
})
