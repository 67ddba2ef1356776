// Whether a detector keeps to what it declares of itself: the length of its findings, how far they depend on the text
// around them, and what `undecided` tells. Says more exactly than the check of streams what is wrong. Called by kit.ts.
import type { Detector, Finding } from '../../sdk/index.ts'
import { checkFindings } from '../findings.ts'
import type { Subject } from './subject.ts'
import { shown, Tally, type Row } from './tally.ts'

/** Prefixes of one text that `undecided` is asked about, at most: the last ones. */
const MOST_PREFIXES = 200

/** Compares the findings in each text with what the definition says of them. */
export async function checkLimits(subject: Subject, texts: readonly string[]): Promise<Row> {
  const tally = new Tally('limits')
  const { detector } = subject
  for (const text of detector === undefined ? [] : texts) {
    const findings = await findingsIn(subject, detector!, text)
    if (findings === undefined) continue
    for (const finding of findings) await checkFinding(subject, detector!, text, finding, tally)
    if (detector!.undecided !== undefined) checkUndecided(detector!, text, findings, tally)
  }
  return tally.row()
}

/** Undefined where the call fails, which is the business of another check. */
async function findingsIn(subject: Subject, detector: Detector, text: string): Promise<readonly Finding[] | undefined> {
  const segment = subject.segment(text)
  try {
    return checkFindings(await detector.inspect([segment], subject.scope), [segment]).get(segment.id) ?? []
  } catch {
    return undefined
  }
}

async function checkFinding(subject: Subject, detector: Detector, text: string, finding: Finding, tally: Tally): Promise<void> {
  const { maxMatch, lookbehind = 1, lookahead = 1 } = subject.definition.stream ?? {}
  if (maxMatch === undefined) return
  const { start, end, type } = finding
  tally.cases++
  if (end - start > maxMatch) {
    return tally.fail(text.length,
      `${shown(text.slice(start, end))} is a finding of ${end - start} characters, stream.maxMatch says ${maxMatch}`)
  }
  const from = Math.max(0, start - lookbehind)
  const near = text.slice(from, start + maxMatch + lookahead)
  const again = await findingsIn(subject, detector, near)
  if (again === undefined || again.some(one => one.start === start - from && one.end === end - from && one.type === type)) return
  tally.fail(text.length, `${shown(text.slice(start, end))} is found in ${shown(text)} but not with ${lookbehind} characters `
    + `before it and ${maxMatch + lookahead} after its start; raise stream.lookbehind or stream.lookahead`)
}

/** Nothing may leave that belongs to a finding whose end has not come yet. */
function checkUndecided(detector: Detector, text: string, findings: readonly Finding[], tally: Tally): void {
  for (let length = Math.max(0, text.length - MOST_PREFIXES); length < text.length; length++) {
    const prefix = text.slice(0, length)
    tally.cases++
    let open: number
    try {
      open = detector.undecided!(prefix)
    } catch (error) {
      return tally.fail(length, `undecided(${shown(prefix)}) throws ${(error as Error).name}`)
    }
    if (!Number.isInteger(open) || open < 0 || open > length) {
      return tally.fail(length, `undecided(${shown(prefix)}) is ${open}; expected an offset from 0 to ${length}`)
    }
    const torn = findings.find(({ start, end }) => start < open && start < length && length < end)
    if (torn !== undefined) {
      return tally.fail(length, `undecided(…${shown(prefix.slice(-24))}) is ${open}, after the start (${torn.start}) of `
        + `${shown(text.slice(torn.start, torn.end))}, whose end has not come; return an earlier offset`)
    }
  }
}
