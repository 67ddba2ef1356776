// Whether a processor takes linear time on lines that nobody would write: shown to it ever longer, and no further than it
// can bear. Called by kit.ts before everything else, so that nothing else hangs.
import type { Subject } from './subject.ts'
import { Tally, type Row } from './tally.ts'
import { lineShapes } from './texts.ts'
import { wholeAnswer } from './wire.ts'
import { WIRES } from './wires.ts'

/** Characters. */
const SIZES = [1_000, 10_000, 100_000, 1_000_000]
/** Milliseconds of processor time, for a request and its answer together. */
const TOO_LONG = 2000
const WORTH_A_LOOK = 500
/** How much longer a line of ten times the length may take. */
const STEEP = 40

/** Shows lines of each shape, in a request and in an answer. */
export async function checkTime(subject: Subject): Promise<Row> {
  const tally = new Tally('time')
  const [wire] = WIRES
  for (const [shape, line] of lineShapes(subject.samples)) {
    let before = Number.POSITIVE_INFINITY
    for (const size of SIZES) {
      const text = line(size)
      const answer = wholeAnswer(wire!, [{ choice: 0, channel: 'text', text }])
      const asked = { ...wire!, ask: () => ({ model: 'm', messages: [{ role: 'user', content: text }] }) }
      const began = process.cpuUsage()
      await subject.try(asked, [], answer, [text])
      const { user, system } = process.cpuUsage(began)
      const cpu = (user + system) / 1000
      tally.cases++
      if (cpu > TOO_LONG || (cpu > WORTH_A_LOOK && cpu > STEEP * before)) {
        const steep = cpu > STEEP * before ? `, ${Math.round(cpu / before)} times as long as for a tenth of it` : ''
        const took = `takes ${Math.round(cpu)} ms both ways${steep}`
        tally.fail(size, `a line of ${size} characters (${shape}) ${took}; make every pass linear`)
        return tally.row()
      }
      before = cpu
    }
  }
  return tally.row()
}
