// Durations and sizes as an operator writes them, and what they come to. The patterns are part of config/schema.ts;
// config/normalise.ts and config/defaults.ts do the reckoning.

/**
 * Digits alone count as milliseconds, as a number does: an environment variable has no other way to say it. The number
 * of digits bounds the value below 2^31 ms, above which Node's timers fire at once.
 */
export const DURATION = /^(?:[1-9]\d{0,8}(?:ms)?|[1-9]\d{0,5}s|[1-9]\d{0,3}m|[1-9]\d?h)$/
/** The most milliseconds that a number may name, as the pattern has it. */
export const LONGEST_DURATION = 999_999_999

/** Digits alone count as bytes. Below one gigabyte: everything that is bounded by a size is held in memory. */
export const SIZE = /^(?:[1-9]\d{0,8}b?|[1-9]\d{0,5}kb|[1-9]\d{0,2}mb)$/
/** The most bytes that a number may name, as the pattern has it. */
export const LARGEST_SIZE = 999_999_999

const MILLISECONDS: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const BYTES: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1024, mb: 1024 * 1024 }

/** Milliseconds in a duration: `300ms`, `5s`, `2m`, `1h`, or a number of them. Throws a RangeError for anything else. */
export const duration = (written: string | number): number => reckon(written, DURATION, MILLISECONDS)

/** Bytes in a size: `32mb`, `64kb` (of 1024 bytes), or a number of them. Throws a RangeError for anything else. */
export const size = (written: string | number): number => reckon(written, SIZE, BYTES)

function reckon(written: string | number, pattern: RegExp, units: Readonly<Record<string, number>>): number {
  const text = String(written)
  if (!pattern.test(text)) throw new RangeError('expected a number with a unit')
  return Number.parseInt(text, 10) * units[text.replace(/^\d+/, '')]!
}
