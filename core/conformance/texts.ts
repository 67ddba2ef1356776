// The texts that the conformance kit shows to a processor: what people write, what breaks careless code, and the author's
// own samples, alone and far inside of something longer. Used by kit.ts.

/** Something to stand before and behind a sample, longer than most detectors look back. */
const PROSE = 'It had rained since the morning, and nobody in the house thought of going out before the evening came. '.repeat(4)

/** What people write, with values that the usual detectors look for, whole and cut short. */
const PLAIN = [
  'Write to jane.roe@example.com, or call +1 202-555-0143 before noon.',
  'My card is 4111 1111 1111 1111, my account DE89 3704 0044 0532 0130 00.',
  'SSN 536-90-4399? No: jane.roe@example',
  'So I could kill for a coffee, she said; kill time, not people.',
  '{"name":"Jane \\"J\\" Roe","tags":["a","b"],"mail":"jane.roe@example.com"}',
] as const

/** Halves of surrogate pairs that stand alone. */
export const HALVES = '\ud800 high, low \udc00, turned \udc00\ud800, at the end \ud83d'

/** What breaks careless code. */
const HOSTILE = [
  '"quotes" \\ back\\\\slashes \\u0041 \\n \'single\' `back` </script> ${x} %s',
  'NUL \0 bell \u0007 escape \u001b[31m line\r\nfeed\ttab \u2028\u2029 \ufeff',
  'right \u202eto\u202c left \u200f\u061c, hid\u200bden\u00ad, \u2066isolated\u2069',
  'EMAIL_1_abcdefgh and EMAIL_1_ and [EMAIL] and PHONE_99_zzzzzzzz',
  '👩‍👩‍👧‍👦 e\u0301 ﷺ 𝒌𝒊𝒍𝒍 ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ ٤١١١ 杀人 각',
  '@@@@....----++++0000((((',
  ' ',
] as const

/** Characters of the longest text that is shown through every dialect; longer ones are for the check of time. */
const LONG = 100_000

/** Texts of at most some hundred characters. */
export function shortTexts(samples: readonly string[]): string[] {
  return [...samples.flatMap(sample => [sample, `${PROSE}${sample}, and so on.`]), ...PLAIN, ...HOSTILE]
}

/** A letter as often as fits, then a sample: what a careless detector reads again and again. */
export function longTexts(samples: readonly string[]): string[] {
  return ['a'.repeat(LONG), `${'word '.repeat(LONG / 5)}${samples[0] ?? PLAIN[0]}`]
}

/** Lines of any length for the check of time, by what they are made of. */
export function lineShapes(samples: readonly string[]): Map<string, (size: number) => string> {
  // Far fewer findings than a call may return.
  const unit = `${samples[0] ?? PLAIN[0]} `.padEnd(40, 'so it is ')
  const repeated = (piece: string) => (size: number): string => piece.repeat(Math.ceil(size / piece.length)).slice(0, size)
  return new Map([
    ['one letter', repeated('a')],
    ['one digit', repeated('1')],
    ['the same mark', repeated('.')],
    ['words', repeated('word and word@')],
    ['findings', repeated(unit)],
  ])
}
