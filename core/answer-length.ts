// How long the answer to a request can be: what the request says, and the bytes that say it where it does not. Used by
// reservation.ts and outgoing.ts.
import type { ByteEdit, Length, Tape } from '../sdk/index.ts'
import { quote } from './json-string.ts'

/** What a request says of its answer's length. */
export interface AnswerLength {
  /** The most tokens of a choice; undefined where none is named. */
  readonly most: number | undefined
  readonly choices: number
}

/** Reads a request. Of two names of one field the larger counts, since nobody knows which the upstream goes by. */
export function lengthIn(tape: Tape, { fields, within, choices = [], prompts }: Length): AnswerLength {
  const most = Math.max(...holders(tape, within).flatMap(node => numbers(tape, node, fields)))
  const made = Math.max(1, ...holders(tape, within).flatMap(node => numbers(tape, node, choices)))
  return { most: most === -Infinity ? undefined : most, choices: made * (prompts === undefined ? 1 : textsIn(tape, tape.find(0, prompts))) }
}

/** The bytes that bound an answer which nothing bounds yet. `field` is what the target calls it. */
export function boundLength(tape: Tape, { fields: [first = ''], within }: Length, most: number, field = first): ByteEdit {
  const holder = holders(tape, within).at(-1)
  const member = `${quote(field)}:${most}`
  const [parent, json] = holder === undefined ? [0, `${quote(within![0]!)}:{${member}}`] : [holder, member]
  // Behind what may stand there already as `null`: the last of two counts.
  const end = tape.end(parent) - 1
  return { start: end, end, text: tape.first(parent) === -1 ? json : `,${json}` }
}

/** The objects that the fields stand in. */
function holders(tape: Tape, within: readonly string[] | undefined): number[] {
  return within === undefined ? [0] : membersOf(tape, 0, within).filter(node => tape.kind(node) === 'object')
}

function numbers(tape: Tape, object: number, names: readonly string[]): number[] {
  return membersOf(tape, object, names).filter(node => tape.kind(node) === 'number')
    .map(node => Number(tape.bytes.toString('latin1', tape.start(node), tape.end(node)))).filter(value => value >= 0 && value < MOST).map(Math.ceil)
}

/** More tokens than any answer has; a number beyond it names no most. */
const MOST = 1e9

function membersOf(tape: Tape, object: number, names: readonly string[]): number[] {
  const found: number[] = []
  for (let member = tape.first(object); member !== -1; member = tape.next(member)) if (names.includes(tape.key(member))) found.push(member)
  return found
}

/** A list of numbers is one text, already cut into tokens. */
function textsIn(tape: Tape, node: number): number {
  if (node === -1 || tape.kind(node) !== 'array') return 1
  let texts = 0
  for (let element = tape.first(node); element !== -1; element = tape.next(element)) if (tape.kind(element) !== 'number') texts++
  return Math.max(1, texts)
}
