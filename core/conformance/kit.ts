// The conformance kit: one processor, every dialect, whole and streamed. Its public door is sdk/testing.ts.
import type { Kind } from '../../sdk/index.ts'
import type { StepConfig } from '../../config/config.ts'
import { loadProcessor } from '../registry.ts'
import { checkBodies } from './bodies.ts'
import { checkLimits } from './limits.ts'
import { checkPlaces } from './places.ts'
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
  /** True for a fraction of the streams and no long lines: to see early what is wrong, not late that nothing is. Default: false. */
  readonly quick?: boolean
  /** Where the gateway under test runs it. Elsewhere than inline, its results are compared with those inline. */
  readonly run?: StepConfig['run']
}

/**
 * Tests a processor, named as a step of a config would: by a shipped name, or by the absolute path of a file that is run
 * with all the rights of this process. Rejects with a ConfigError where the processor or its options do not load.
 */
export async function testProcessor(
  use: string, { options = {}, samples = [], quick = false, run = 'inline' }: Given = {},
): Promise<Result> {
  const definition = await loadProcessor(use)
  const rig = await openRig(use, definition, options, run)
  try {
    const subject = new Subject(definition, samples, rig, await definition.setup(structuredClone(options)))
    const texts = shortTexts(samples)
    const groups = [...inGroups(texts), [HALVES]]
    const rows = run === 'inline' ? await checkCode(subject, texts, groups, quick)
      : await checkPlace(use, options, run, subject, groups, quick)
    const all = [subject.results.row(), ...rows]
    return { processor: definition.name, kind: definition.kind, rows: all, ok: all.every(row => row.failures.length === 0) }
  } finally {
    await rig.close()
  }
}

/** Everything, on the loop: what the code does it does anywhere. */
async function checkCode(subject: Subject, texts: readonly string[], groups: string[][], quick: boolean): Promise<Row[]> {
  const time = await checkTime(subject)
  // Who is slow already would only be waited for.
  if (time.failures.length === 0 && !quick) groups.push(...longTexts(subject.samples).map(text => [text]))
  return [...await checkBodies(subject, groups), await checkLimits(subject, texts), await checkStreams(subject, groups, quick), time]
}

/** Elsewhere, what the place can change. */
async function checkPlace(
  use: string, options: Readonly<Record<string, unknown>>, run: StepConfig['run'], subject: Subject, groups: readonly (readonly string[])[],
  quick: boolean,
): Promise<Row[]> {
  return [...await checkBodies(subject, groups), await checkStreams(subject, groups, quick), await checkPlaces(use, options, [run], groups)]
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
