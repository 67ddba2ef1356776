// JSON texts as nobody would write them: every way to escape a character, odd white space, odd numbers, odd keys. The
// tests of json-tape.ts, json-string.ts and patch.ts draw from here.
import { fc } from '../law.ts'

const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 2 })
const SHORT_ESCAPES = new Map([
  ['"', '"'], ['\\', '\\'], ['/', '/'], ['\b', 'b'], ['\f', 'f'], ['\n', 'n'], ['\r', 'r'], ['\t', 't'],
])

const character = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  fc.constantFrom('"', '\\', '/', '<', '\n', '\0', 'é', '\u2028', '€', '😀', '\u{10ffff}', '\ud7ff', '\ue000'),
)

const style = fc.constantFrom('plain', 'plain', 'plain', 'lower', 'upper', 'short')
/** One character as a JSON string can hold it: as it is, as \u escapes in either case, or as a short escape. */
const written = fc.tuple(character, style).map(([text, as]) => {
  const short = SHORT_ESCAPES.get(text)
  const units = [...Array(text.length).keys()].map(index => text.charCodeAt(index).toString(16).padStart(4, '0'))
  if (as === 'lower') return units.map(unit => `\\u${unit}`).join('')
  if (as === 'upper') return units.map(unit => `\\u${unit.toUpperCase()}`).join('')
  if (as === 'short' && short !== undefined) return `\\${short}`
  return text < ' ' || text === '"' || text === '\\' ? `\\u${units[0]}` : text
})

/** A JSON string with its quotes. Never a lone surrogate. */
export const wildString = fc.array(written, { maxLength: 40 }).map(characters => `"${characters.join('')}"`)

const wildNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom('0', '-0', '1e3', '1E+3', '-1.50e-07', '123456789012345678901234567890', '0.1', '1e400', '-0.0E0'),
)

const wildKey = fc.oneof(wildString, fc.constantFrom('"__proto__"', '"constructor"', '""', '"0"', '"toString"'))

const list = (items: readonly string[], [before, after]: readonly [string, string]): string => items.join(`${before},${after}`)

/** A whole JSON text with white space around it. The keys of every object differ. */
export const wildJson: fc.Arbitrary<string> = fc.letrec<{ value: string; array: string; object: string }>(tie => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.oneof(wildString, wildNumber, fc.constantFrom('true', 'false', 'null')),
    tie('array'),
    tie('object'),
  ),
  array: fc.tuple(fc.array(tie('value'), { maxLength: 5 }), space, space).map(([items, before, after]) => (
    `[${before}${list(items, [after, before])}${after}]`
  )),
  object: fc.tuple(
    fc.uniqueArray(fc.tuple(wildKey, tie('value')), { maxLength: 20, selector: ([key]) => JSON.parse(key) as string }),
    space,
    space,
  ).map(([members, before, after]) => (
    `{${before}${list(members.map(([key, value]) => `${key}${after}:${before}${value}`), [before, after])}${after}}`
  )),
})).value.chain(value => fc.tuple(space, space).map(([before, after]) => before + value + after))
