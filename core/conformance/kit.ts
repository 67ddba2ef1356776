// The conformance kit: one processor, every dialect, whole and streamed. Its public door is sdk/testing.ts.
import type { Kind } from '../../sdk/index.ts'
import { loadProcessor } from '../registry.ts'
import { checkBodies } from './bodies.ts'
import { checkLimits } from './limits.ts'
import { openRig } from './rig.ts'
import { checkStreams } from './streams.ts'
import { Subject } from './subject.ts'
import type { Row } from './tally.ts'
import { HALVES, longTexts, shortTexts } from './texts.ts'
import { checkTime } from './time.ts'

/** What the kit found. */
export interface Result {
  readonly processor: string
  readonly kind: Kind
  readonly rows: readonly Row[]
  /** True where no row has a failure. */
  readonly ok: boolean
}

/** What the kit is told about the processor. */
export interface Given {
  /** As they would stand in the config. */
  readonly options?: Readonly<Record<string, unknown>>
  /** Texts in which the processor should find something. */
  readonly samples?: readonly string[]
}

/**
 * Tests a processor, named as a step of a config would: by a shipped name, or by the absolute path of a file that is run
 * with all the rights of this process. Rejects with a ConfigError where the processor or its options do not load.
 */
export async function testProcessor(use: string, { options = {}, samples = [] }: Given = {}): Promise<Result> {
  const definition = await loadProcessor(use)
  const rig = await openRig(use, definition, options)
  try {
    const subject = new Subject(definition, samples, rig, await definition.setup(structuredClone(options)))
    const time = await checkTime(subject)
    const texts = shortTexts(samples)
    const groups = [...inGroups(texts), [HALVES]]
    // Who is slow already would only be waited for.
    if (time.failures.length === 0) groups.push(...longTexts(samples).map(text => [text]))
    const bodies = await checkBodies(subject, groups)
    const limits = await checkLimits(subject, texts)
    const streams = await checkStreams(subject, groups)
    const rows = [subject.results.row(), ...bodies, limits, streams, time]
    return { processor: definition.name, kind: definition.kind, rows, ok: rows.every(row => row.failures.length === 0) }
  } finally {
    await rig.close()
  }
}

/** Groups of one, two and three, in turn: the choices of one answer. */
function inGroups(texts: readonly string[]): string[][] {
  const groups: string[][] = []
  for (let at = 0; at < texts.length;) {
    const size = groups.length % 3 + 1
    groups.push(texts.slice(at, at + size))
    at += size
  }
  return groups
}
