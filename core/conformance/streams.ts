// The law of streams: for every way of cutting an answer, the text that the client receives is what the whole answer would
// have given, for every choice and channel. Called by kit.ts.
import type { Detector, StreamNeeds } from '../../sdk/index.ts'
import { REFUSAL } from './rig.ts'
import { SMALL_TALK, type Subject, type Tried } from './subject.ts'
import { shown, Tally, type Row } from './tally.ts'
import { interleaved, linesOf, streamedAnswer, wholeAnswer, type Line, type Wire } from './wire.ts'
import { WIRES } from './wires.ts'

/** A way of cutting lines. */
interface Cut {
  readonly name: string
  readonly pieces: (line: Line) => string[]
}

/** Streams of all texts together, about, and places where one text is cut, at most and at least. */
const STREAMS = 1500
const MOST_CUTS = 100
const LEAST_CUTS = 12
/** The same of a quick test. */
const FEW_CUTS = 2
/** Longest text that is cut at places and streamed in single characters. */
const LONGEST_IN_ONES = 1000
/** Pieces of a longer one, at most. */
const MOST_PIECES = 500

/** Streams every group of texts as the choices of one answer, cut in every way, and compares with the whole. */
export async function checkStreams(subject: Subject, groups: readonly (readonly string[])[], isQuick = false): Promise<Row> {
  const tally = new Tally('streams')
  const least = isQuick ? FEW_CUTS : LEAST_CUTS
  // Only a detector has anything to do with how an answer is cut.
  const granted = subject.detector === undefined || isQuick ? least : Math.floor(STREAMS / groups.length)
  const most = Math.max(least, Math.min(MOST_CUTS, granted))
  for (const [index, wire] of WIRES.filter(({ speaks }) => speaks.length > 0).entries()) {
    // The first tries every cut. The others are guarded alike, and frame otherwise: a share of the cuts shows that; a dialect of
    // one channel adds nothing to them.
    const cuts = index === 0 ? most : Math.max(least, Math.floor(wire.speaks.length === 1 ? 0 : most / 4))
    for (const texts of groups) {
      await checkGroup(subject, wire, texts, cuts, tally)
    }
  }
  return tally.row()
}

async function checkGroup(subject: Subject, wire: Wire, texts: readonly string[], most: number, tally: Tally): Promise<void> {
  const lines = linesOf(wire, texts)
  const whole = await subject.try(wire, SMALL_TALK, wholeAnswer(wire, lines), texts)
  // Half a surrogate pair is refused in a whole answer, but a stream may be cut there.
  if (whole.failed && texts.every(text => text.isWellFormed())) return
  for (const cut of cutsOf(texts, most)) {
    const streamed = await subject.try(wire, SMALL_TALK, streamedAnswer(wire, interleaved(lines, cut.pieces)), texts)
    if (streamed.failed) return
    if (whole.failed) continue
    tally.cases++
    const fault = faultIn(lines, whole, streamed)
    if (fault === undefined) continue
    // Other cuts of the same texts would only say it again.
    const where = `${wire.dialect}, choice ${fault.line.choice}, ${fault.line.channel}, ${shown(fault.text)} ${cut.name}`
    return tally.fail(fault.text.length, `${where}: `
      + `${fault.what}${subject.detector === undefined ? '' : remedy(subject.definition.stream ?? {}, subject.detector)}`)
  }
}

function cutsOf(texts: readonly string[], most: number): Cut[] {
  const longest = Math.max(...texts.map(text => text.length))
  if (longest > LONGEST_IN_ONES) {
    return [{ name: 'in pieces', pieces: ({ text }) => cutEvery(text, Math.ceil(text.length / MOST_PIECES)) }]
  }
  // The last places, where the samples stand: all of them, or as many as are granted, spread evenly.
  const places = Math.min(MOST_CUTS, longest - 1)
  const count = Math.min(most, places)
  const cuts = Array.from({ length: count }, (_, index) => longest - Math.ceil((count - index) * places / count))
  return [
    ...cuts.map(at => ({ name: `cut at ${at}`, pieces: (line: Line) => cutAt(line, at) })),
    ...[1, 7].map(size => ({ name: `in pieces of ${size}`, pieces: (line: Line) => cutEvery(line.text, size) })),
  ]
}

/** Two pieces; the arguments of a tool call, which are longer than the text in them, are cut as far from their end too. */
function cutAt({ text, channel }: Line, at: number): string[] {
  const places = channel === 'tool_args' ? [at, text.length - at] : [at]
  const inside = places.filter(place => place > 0 && place < text.length).toSorted((a, b) => a - b)
  return [0, ...inside].map((start, index) => text.slice(start, inside[index] ?? text.length))
}

/** Pieces of so many characters. */
export function cutEvery(text: string, size: number): string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size))
}

interface Fault {
  readonly line: Line
  readonly text: string
  readonly what: string
}

/** The first line in which a stream says something else than the whole answer. */
function faultIn(lines: readonly Line[], whole: Tried, streamed: Tried): Fault | undefined {
  const first = (what: string): Fault => ({ line: lines[0]!, text: lines[0]!.text, what })
  if (whole.blocked !== streamed.blocked) {
    return first(whole.blocked ? 'the whole answer is blocked, the stream is not' : 'the stream is blocked, the whole answer is not')
  }
  for (const line of lines) {
    const key = `${line.choice} ${line.channel}`
    const [expected = '', got = ''] = [whole.lines.get(key), streamed.lines.get(key)]
    if (whole.blocked ? got !== REFUSAL && !line.text.startsWith(got) : !same(line, expected, got)) {
      return { line, text: line.text, what: difference(whole.blocked ? line.text : expected, got) }
    }
  }
  const counts = [whole, streamed].map(countOf)
  return whole.blocked || counts[0] === counts[1] ? undefined
    : first(`the stream has the findings ${counts[1]}, the whole answer ${counts[0]}`)
}

/** Arguments of a tool call are compared as what they mean. */
function same({ channel, text }: Line, expected: string, got: string): boolean {
  if (expected === got) return true
  return channel === 'tool_args' && meaning(expected) === meaning(got) && meaning(text) !== undefined
}

function meaning(json: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(json))
  } catch {
    return undefined
  }
}

function countOf({ steps }: Tried): string {
  const counts = steps.filter(step => step.direction === 'response').flatMap(step => Object.entries(step.findings))
  return counts.length === 0 ? 'none' : counts.toSorted().map(([type, count]) => `${count} ${type}`).join(', ')
}

function difference(expected: string, got: string): string {
  let at = 0
  while (at < expected.length && expected[at] === got[at]) at++
  const from = Math.max(0, at - 12)
  const near = (text: string): string => shown(text.slice(from, at + 24))
  return `the stream gave ${near(got)}, the whole answer ${near(expected)}`
}

function remedy({ maxMatch, lookbehind = 1, lookahead = 1 }: StreamNeeds, { undecided }: Detector): string {
  const bounds = `maxMatch (now ${maxMatch ?? 'not declared'}), lookbehind (${lookbehind}) or lookahead (${lookahead})`
  return `; raise stream.${bounds}${undecided === undefined ? '' : ', or let undecided() return an earlier offset'}`
}
