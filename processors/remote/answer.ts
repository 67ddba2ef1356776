// What a service says it found, looked at field by field: whoever answers may be broken, or somebody else. What is said of a
// fault names the field and what was expected there, never what came. Used by wire.ts and presidio.ts.

/** Findings of one answer. More says nothing any more. */
const MOST = 10_000
/** As the gateway has it: types become labels of metrics. */
const TYPE = /^[a-z][a-z0-9_.-]{0,63}$/

/** A finding as it came, and its name in sentences. */
export interface Claim {
  readonly at: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** Throws where a claim does not hold. */
export function expect(holds: boolean, { at }: Pick<Claim, 'at'>, field: string, expected: string): void {
  if (!holds) throw new Error(`expected ${expected} at ${at}${field}`)
}

/** The objects of a list. */
export function claimsIn(list: unknown, at: string): Claim[] {
  if (!Array.isArray(list)) throw new Error(`expected a list at ${at}`)
  if (list.length > MOST) throw new Error(`expected at most ${MOST} findings at ${at}, got ${list.length}`)
  return (list as unknown[]).map((fields, index) => {
    const claim = { at: `${at}[${index}]`, fields: fields as Claim['fields'] }
    expect(typeof fields === 'object' && fields !== null, claim, '', 'an object')
    return claim
  })
}

/** Counts offsets into one text as the service does, and gives them as JavaScript counts: in UTF-16 code units. */
export class Ruler {
  readonly #end: number
  /** Where each character begins; undefined where both count alike. */
  readonly #starts: Uint32Array | undefined

  constructor(text: string, unit: 'utf-16' | 'code-points') {
    // Without surrogates there is nothing to convert.
    const differs = unit === 'code-points' && /[\ud800-\udbff]/.test(text)
    this.#starts = differs ? startsOf(text) : undefined
    this.#end = (this.#starts?.length ?? text.length + 1) - 1
  }

  /** The span of a claim. */
  span({ at, fields: { start, end } }: Claim): { start: number; end: number } {
    expect(isIndex(start) && isIndex(end) && start < end && end <= this.#end, { at }, '', 'start and end within the text')
    const starts = this.#starts
    const span = { start: start as number, end: end as number }
    return starts === undefined ? span : { start: starts[span.start]!, end: starts[span.end]! }
  }
}

const isIndex = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0

/** Where each code point begins, and the end of the text. Half a pair counts as one, as it does in Python. */
function startsOf(text: string): Uint32Array {
  const starts = new Uint32Array(text.length + 1)
  let count = 0
  for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) starts[count++] = at
  starts[count++] = text.length
  return starts.subarray(0, count)
}

/** What was found, in lower case. */
export function typeOf(claim: Claim, field: string): string {
  const type = claim.fields[field]
  const name = typeof type === 'string' ? type.toLowerCase() : ''
  expect(TYPE.test(name), claim, `.${field}`, 'a name of at most 64 letters, digits and _ . -')
  return name
}

/** How sure it is, from 0 to 1; nothing where that is left out. */
export function scoreOf(claim: Claim): { score?: number } {
  const { score } = claim.fields
  if (score === undefined) return {}
  expect(typeof score === 'number' && score >= 0 && score <= 1, claim, '.score', 'a number from 0 to 1')
  return { score: score as number }
}
