// What has to hold for whole bodies: nothing changes that the processor let pass, the same body gives the same result
// whatever came between, and what the author says is found is found. Called by kit.ts.
import type { Direction } from '../../sdk/index.ts'
import { SMALL_TALK, type Subject, type Tried } from './subject.ts'
import { shown, Tally, type Row } from './tally.ts'
import { linesOf, streamedAnswer, wholeAnswer, type Answer, type Wire } from './wire.ts'
import { WIRES } from './wires.ts'

/** An exchange that can be made again. */
export interface Case {
  readonly wire: Wire
  readonly texts: readonly string[]
  readonly asked: readonly string[]
  readonly answer: Answer
}

/** Every text in the requests of every dialect, and in the answers of those that have text in theirs. */
export function casesOf(groups: readonly (readonly string[])[]): Case[] {
  return WIRES.flatMap(wire => {
    const [talk, streamed] = [wholeAnswer(wire, linesOf(wire, SMALL_TALK)), streamedAnswer(wire, linesOf(wire, SMALL_TALK))]
    return groups.flatMap(texts => [
      { wire, texts, asked: texts, answer: talk },
      ...(wire.speaks.length === 0 ? [] : [
        { wire, texts, asked: texts, answer: streamed },
        { wire, texts, asked: SMALL_TALK, answer: wholeAnswer(wire, linesOf(wire, texts)) },
      ]),
    ])
  })
}

/** Runs every case twice, the second time from the last to the first. */
export async function checkBodies(subject: Subject, groups: readonly (readonly string[])[]): Promise<Row[]> {
  const untouched = new Tally('untouched')
  const repeat = new Tally('repeat')
  // A responder may remember, and an observer changes nothing that could be compared.
  const pure = subject.definition.kind === 'detector' || subject.definition.kind === 'transform'
  const cases = casesOf(groups)
  const first: string[] = []
  for (const one of cases) {
    const tried = await subject.try(one.wire, one.asked, one.answer, one.texts)
    first.push(traceOf(tried))
    if (!tried.failed) checkUntouched(subject, one, tried, untouched)
  }
  for (const [index, one] of pure ? [...cases.entries()].toReversed() : []) {
    const trace = traceOf(await subject.try(one.wire, one.asked, one.answer, one.texts))
    repeat.cases++
    if (trace !== first[index]) {
      repeat.fail(Math.min(...one.texts.map(text => text.length)),
        `${one.wire.dialect}, ${one.texts.map(shown).join(' and ')}: the same body gave another result the second time; `
        + 'remember nothing between calls (a RegExp with the flag g remembers lastIndex)')
    }
  }
  return [untouched.row(), repeat.row(), await checkSamples(subject)]
}

/** Everything about an exchange that has to be the same when it is made again. */
export function traceOf({ asked, lines, blocked, steps }: Tried): string {
  const outcomes = steps.map(({ direction, outcome, reason, scanned, findings }) =>
    [direction, outcome, reason, scanned, findings])
  return JSON.stringify([asked?.toString('latin1'), [...lines], blocked, outcomes])
}

function checkUntouched(subject: Subject, { wire, texts, answer }: Case, tried: Tried, tally: Tally): void {
  const compare = (direction: Direction, before: Buffer, after: Buffer | undefined): void => {
    if (!letPass(tried, direction) || after === undefined) return
    tally.cases++
    if (before.equals(after)) return
    tally.fail(Math.min(...texts.map(text => text.length)),
      `${wire.dialect}, ${texts.map(shown).join(' and ')}: the ${direction} passed, but its bytes are others than came in`)
  }
  compare('request', tried.sent, tried.asked)
  // A guarded stream is cut anew; its text is compared by the check of streams.
  if (!answer.streamed || subject.detector === undefined) compare('response', tried.said, tried.asked && tried.got)
}

function letPass({ steps, blocked }: Tried, direction: Direction): boolean {
  return !blocked && steps.every(step => step.direction !== direction || ['pass', 'annotate', 'skipped'].includes(step.outcome))
}

async function checkSamples(subject: Subject): Promise<Row> {
  const tally = new Tally('samples')
  const [wire] = WIRES
  for (const sample of subject.definition.kind === 'observer' ? [] : subject.samples) {
    const lines = linesOf(wire!, [sample])
    const { steps, failed } = await subject.try(wire!, [sample], wholeAnswer(wire!, lines), [sample])
    // A request that is blocked has no answer: then the step down has seen enough.
    const found = steps.some(({ outcome }) => !['pass', 'skipped', 'error'].includes(outcome))
    tally.cases++
    if (!found && !failed) tally.fail(sample.length, `${shown(sample)} was not found, neither in a request nor in an answer`)
  }
  return tally.row()
}
