// Asks a detector about whole texts: window by window where it judges windows, and not again where it has judged the very
// same text before. Called by chain.ts for bodies and by json-lane.ts for what a stream held to its end.
import type { Finding, Scope, Segment, StepRecord } from '../sdk/index.ts'
import { checkFindings } from './findings.ts'
import type { Memory } from './memory.ts'
import { callStep, type Step } from './step.ts'
import { windowsOf, type Windows } from './window.ts'

/** Findings by segment id. */
export type Found = ReadonlyMap<number, readonly Finding[]>

/**
 * Hands a step's findings in the segments to `use`. Synchronous as long as the processor is. Where the call fails and
 * the step's policy is open, there are none.
 */
export function inspect(
  step: Step, record: StepRecord, segments: readonly Segment[], scope: Scope, timeout: number, memory: Memory | undefined,
  use: (found: Found) => void,
): void | Promise<void> {
  const known = new Map<number, readonly Finding[]>()
  const recalls = step.remembers ? memory : undefined
  const keys: string[] = []
  const fresh = recalls === undefined ? segments : segments.filter(segment => {
    const key = recalls.keyOf(step, scope, segment)
    const findings = recalls.recall(key)
    if (findings === undefined) return keys.push(key)
    if (findings.length > 0) known.set(segment.id, findings.map(finding => ({ ...finding, segment: segment.id })))
    return false
  })
  if (fresh.length === 0) return use(known)
  const { asked, origins } = step.windows === undefined ? { asked: fresh, origins: undefined } : cut(fresh, step.windows)
  const take = (result: unknown): Found => {
    const found = checkFindings(result, asked)
    const whole = origins === undefined ? found : join(found, origins)
    for (const [index, key] of keys.entries()) recalls!.keep(key, whole.get(fresh[index]!.id) ?? [])
    return known.size === 0 ? whole : new Map([...known, ...whole])
  }
  const found = callStep<Found>(step, record, 'inspect', [asked, scope], timeout, take, known)
  return found instanceof Promise ? found.then(use) : use(found)
}

/** Where each window came from: its segment, and its offset in it. */
type Origins = readonly { readonly segment: number; readonly start: number }[]

function cut(segments: readonly Segment[], windows: Windows): { asked: Segment[]; origins: Origins } {
  const asked: Segment[] = []
  const origins: { segment: number; start: number }[] = []
  for (const segment of segments) {
    for (const { start, end } of windowsOf(segment.text, windows)) {
      asked.push({ ...segment, id: asked.length, text: segment.text.slice(start, end) })
      origins.push({ segment: segment.id, start })
    }
  }
  return { asked, origins }
}

function join(found: Found, origins: Origins): Found {
  const joined = new Map<number, Finding[]>()
  for (const [window, findings] of found) {
    const { segment, start } = origins[window]!
    const list = joined.get(segment) ?? []
    list.push(...findings.map(finding => ({ ...finding, segment, start: finding.start + start, end: finding.end + start })))
    joined.set(segment, list)
  }
  return joined
}
