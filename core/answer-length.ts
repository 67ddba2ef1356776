// How long the answer to a request can be: what the request says, and the bytes that say it where it does not. Used by
// reservation.ts and outgoing.ts.
import type { ByteEdit, Length, Tape } from '../sdk/index.ts'
import { lastMember, refuseField } from './dialect/openai/requests.ts'
import { quote } from './json-string.ts'

/** What a request says of its answer's length. */
export interface AnswerLength {
  /** The most tokens of a choice; undefined where none is named. */
  readonly most: number | undefined
  readonly choices: number
}

/**
 * Reads a request. Of two names of one field the larger counts, since nobody knows which the upstream goes by. Throws
 * `invalid_body` for what servers read in different ways: a number in a string, 0.
 */
export function lengthIn(tape: Tape, { fields, within, choices = [], prompts }: Length): AnswerLength {
  const holders = holdersIn(tape, within)
  const most = Math.max(...holders.flatMap(node => membersOf(tape, node, fields).map(field => countAt(tape, field, OPEN))))
  const made = Math.max(1, ...holders.flatMap(node => membersOf(tape, node, choices).map(field => countAt(tape, field))))
  return {
    most: Number.isFinite(most) ? most : undefined,
    choices: made * (prompts === undefined ? 1 : textsIn(tape, tape.find(0, prompts))),
  }
}

/**
 * The bytes that bound an answer which nothing bounds yet. `field` is what the target calls it; other names of it, which may
 * stand there without a bound, then say nothing.
 */
export function boundLength(tape: Tape, { fields, within }: Length, most: number, field = fields[0] ?? ''): ByteEdit[] {
  const holder = holdersIn(tape, within).at(-1)
  const member = `${quote(field)}:${most}`
  if (holder === undefined) return [setMember(tape, 0, within!, `${quote(within![0]!)}:{${member}}`, `{${member}}`)]
  const others = membersOf(tape, holder, fields).filter(node => tape.key(node) !== field)
  return [...others.map(node => instead(tape, node, 'null')), setMember(tape, holder, [field], member, `${most}`)]
}

/** Takes the place of what stands there under one of the names, or is a new member. */
function setMember(tape: Tape, object: number, names: readonly string[], member: string, value: string): ByteEdit {
  const [node] = membersOf(tape, object, names)
  return node === undefined ? lastMember(tape, object, member) : instead(tape, node, value)
}

function instead(tape: Tape, node: number, text: string): ByteEdit {
  return { start: tape.start(node), end: tape.end(node), text }
}

/** The objects that the fields stand in. */
function holdersIn(tape: Tape, within: readonly string[] | undefined): number[] {
  if (within === undefined) return [0]
  return membersOf(tape, 0, within).filter(node => {
    const isObject = tape.kind(node) === 'object'
    if (!isObject && !isNull(tape, node)) refuseField(tape, node, tape.key(node), 'an object or null')
    return isObject
  })
}

/** What a field counts; -Infinity for `null`, which says nothing. `open` is the number that says there is no bound. */
function countAt(tape: Tape, node: number, open?: number): number {
  if (isNull(tape, node)) return -Infinity
  const count = tape.kind(node) === 'number' ? Number(tape.bytes.toString('latin1', tape.start(node), tape.end(node))) : Number.NaN
  if (count === open) return Infinity
  if (Number.isInteger(count) && count >= 1 && count <= MOST) return count
  return refuseField(tape, node, tape.key(node), `an integer from 1 to ${MOST}, or null`)
}

/** How some clients and servers write that nothing bounds an answer. */
const OPEN = -1
/** More tokens than any answer has. */
const MOST = 1e9

function isNull(tape: Tape, node: number): boolean {
  return tape.kind(node) === 'literal' && tape.bytes[tape.start(node)] === NULL
}

const NULL = 'n'.charCodeAt(0)

function membersOf(tape: Tape, object: number, names: readonly string[]): number[] {
  const found: number[] = []
  for (let member = tape.first(object); member !== -1; member = tape.next(member)) {
    if (names.includes(tape.key(member))) found.push(member)
  }
  return found
}

/** A list of numbers is one text, already cut into tokens. */
function textsIn(tape: Tape, node: number): number {
  if (node === -1 || tape.kind(node) !== 'array') return 1
  let texts = 0
  for (let element = tape.first(node); element !== -1; element = tape.next(element)) if (tape.kind(element) !== 'number') texts++
  return Math.max(1, texts)
}
