// Whether a processor gives the same results wherever it runs: on the loop, in a thread, in a sandbox. Called by kit.ts
// where the gateway under test does not run it on the loop.
import type { StepConfig } from '../../config/config.ts'
import { loadProcessor } from '../registry.ts'
import { casesOf, traceOf, type Case } from './bodies.ts'
import { openRig } from './rig.ts'
import { cutEvery } from './streams.ts'
import { SMALL_TALK, Subject } from './subject.ts'
import { shown, Tally, type Row } from './tally.ts'
import { interleaved, linesOf, streamedAnswer } from './wire.ts'
import { WIRES } from './wires.ts'

/** Characters of a piece of a stream at least, so that values of every kind are torn, and pieces of a text at most. */
const PIECE = 7
const MOST_PIECES = 20

/** Makes every exchange of whole bodies, and of streams cut in one way, with the processor inline and in each of the places. */
export async function checkPlaces(
  use: string, options: Readonly<Record<string, unknown>>, places: readonly StepConfig['run'][], groups: readonly (readonly string[])[],
): Promise<Row> {
  const tally = new Tally('places')
  await using rigs = new AsyncDisposableStack()
  const definition = await loadProcessor(use)
  const open = async (run: StepConfig['run']): Promise<Subject> => {
    const rig = rigs.adopt(await openRig(use, definition, options, run), one => one.close())
    return new Subject(definition, [], rig, await definition.setup(structuredClone(options)))
  }
  const inline = await open('inline')
  const elsewhere = new Map<string, Subject>()
  for (const run of places) elsewhere.set(run, await open(run))
  for (const { wire, texts, asked, answer } of [...casesOf(groups), ...streamsOf(groups)]) {
    const expected = traceOf(await inline.try(wire, asked, answer, texts))
    for (const [run, subject] of elsewhere) {
      tally.cases++
      if (traceOf(await subject.try(wire, asked, answer, texts)) === expected) continue
      tally.fail(Math.min(...texts.map(text => text.length)), `${wire.dialect}, ${texts.map(shown).join(' and ')}: `
        + `not the same result with run: ${run} as inline; use only the language and gatehouse/sdk`)
    }
  }
  return tally.row()
}

function streamsOf(groups: readonly (readonly string[])[]): Case[] {
  return WIRES.filter(({ speaks }) => speaks.length > 0).flatMap(wire => groups.map(texts => {
    const pieces = interleaved(linesOf(wire, texts), ({ text }) => cutEvery(text, Math.max(PIECE, Math.ceil(text.length / MOST_PIECES))))
    return { wire, texts, asked: SMALL_TALK, answer: streamedAnswer(wire, pieces) }
  }))
}
